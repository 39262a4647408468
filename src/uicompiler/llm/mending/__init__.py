"""What a model wrote, mended without asking it again, where it is sure what was meant."""
