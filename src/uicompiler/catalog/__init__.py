"""A2UI component catalogs: which components, properties and values a client knows."""
