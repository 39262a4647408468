"""The example web client in a real browser, on the real host, with connections that are cut."""
