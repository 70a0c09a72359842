"""The gateway to the assistant, and the pages that people read."""
