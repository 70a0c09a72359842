"""Seuil: the conversational front door of a housing support service."""
