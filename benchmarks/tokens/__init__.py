"""Tokens that a model reads and writes for a screen, in five formats."""
