"""What a host keeps of each conversation, and where: a value, and the event log behind it."""
