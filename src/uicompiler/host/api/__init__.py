"""The JSON API of a host: its routes, its streams, its description as OpenAPI.

The routes stand in one table (`table.py`), from which both the application and the description are
made. What they do is in `endpoints.py`, `stream.py` and `websocket.py`, each as thin as it goes.
"""
