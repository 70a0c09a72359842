"""The three flags of urgency.md, gravest last."""

FLAGS = ("homeless", "family_violence", "immediate_danger")
