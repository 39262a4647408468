"""One request and how it is asked: what a model takes, ladder, waits, budgets, what was learned."""
