"""The page's script and theme in a real browser.

A package, so that its browser ends with it: other tests do not want Playwright's event loop.
"""
