"""Templates: screens an app registers by name, expanded into IR views."""
