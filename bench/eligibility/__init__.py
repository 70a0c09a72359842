"""How fast, how few questions: the eligibility engine, measured."""
