"""The assistant's own parts inside Rasa: readers, classifier, channel, tracker store.

Lives in the Rasa environment only.
"""
