"""What operators run: set-up, training, the launcher. ``make`` calls these."""
