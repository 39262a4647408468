"""The event log: what happened in each conversation, in a chain of hashes, in a database."""
