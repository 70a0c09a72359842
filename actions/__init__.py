"""Rasa custom actions: thin; a form, a verdict, a case."""
