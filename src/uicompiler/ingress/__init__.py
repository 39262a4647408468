"""What comes back from clients: checked in a fixed order before anything may act on it."""
