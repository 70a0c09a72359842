"""A message is text, whatever it begins with."""

# Invisible, and removed by the normalisation: keeps Rasa from reading "/intent" as a command.
TEXT_MARK = "\u200b"


def as_text(message: str) -> str:
    """Return ``message`` as Rasa must take it: words to be understood, never a short-cut."""
    return TEXT_MARK + message
