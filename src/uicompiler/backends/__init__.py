"""Targets the UI IR compiles to; one package or module each, none knowing another."""
