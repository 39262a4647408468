"""Long runs against the official clients: how they are cut up, run in parallel and told of.

`python -m tests.official.fuzz` is the command; `make fuzz` calls it. A workload is a module with a
function `run(seeds, official)`; what happens for a seed is a function of the seed alone.
"""
