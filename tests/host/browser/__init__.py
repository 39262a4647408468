"""The host in a real browser: apps served by uvicorn, Chromium with and without scripts."""
