"""A turn with a model: what is said, the steps, the judging, the repair, tools, the drivers."""
