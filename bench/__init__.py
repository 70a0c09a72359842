"""Measurements, each made in one run on one machine, ours beside what it is compared with."""
