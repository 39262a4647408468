"""The official A2UI v0.8 clients as judges: the npm client and the Python SDK."""
