"""The HTML backend: a surface as one element that works with and without JavaScript."""
