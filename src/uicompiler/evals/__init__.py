"""Evaluation: scenarios put to models, what came of them, and how sure that is."""
