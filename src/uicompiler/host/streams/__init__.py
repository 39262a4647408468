"""Who listens, and how they hear of turns: in this process, and in others."""
