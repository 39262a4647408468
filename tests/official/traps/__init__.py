"""One test a trap of the official clients: the plain form breaks, the shielded form does not."""
