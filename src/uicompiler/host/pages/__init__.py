"""Conversations as HTML pages, with and without scripts: routes, forms, answers."""
