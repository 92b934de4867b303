"""The review queue and what people decide of it."""
