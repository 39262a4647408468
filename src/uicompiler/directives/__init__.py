"""What a model may ask for: the envelope, payload models and their registry."""
