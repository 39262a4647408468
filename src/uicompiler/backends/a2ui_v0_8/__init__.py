"""The A2UI v0.8 backend: guarded messages for the official clients and strict ones alike.

`names` ids and keys · `prose` texts · `lower` nodes to components · `boxes` the data model ·
`diff` what changed · `check` the guard · `encode` bytes and sizes · `backend` the whole.
"""
