"""Uploaded files: what they may be, what they may be called, where they are kept."""
