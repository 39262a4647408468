"""What is asked of a conversation, and what it comes to. Nothing here knows HTTP."""
