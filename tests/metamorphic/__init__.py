"""The metamorphic proof: whichever way surfaces are brought up to date, the client is the same.

One conversation runs in several lanes at once (`talk.py`), which differ in how the library updates
surfaces, and must not differ in anything a client or a host has afterwards. What is said and done
is random and told by a seed (`worlds.py`, `moves.py`, `trees.py`). `python -m tests.metamorphic`
runs many.
"""
