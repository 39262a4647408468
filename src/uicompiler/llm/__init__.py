"""The LLM boundary: what a model is told, which shape it is held to, which requests can work."""
