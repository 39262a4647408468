"""The rows of the table of `disagreements.py`, by what they are about."""
