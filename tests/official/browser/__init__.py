"""The official Lit renderer in a real browser: a page, a driver with hands, and what they find."""
