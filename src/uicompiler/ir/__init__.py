"""The UI IR: nodes, data documents, surfaces and state. Knows of no backend."""
