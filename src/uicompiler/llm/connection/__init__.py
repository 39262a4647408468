"""What the transport stands on: guarded clients, replies and failures read, keys kept in."""
