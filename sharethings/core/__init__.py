"""The rules: one function for each thing that a member can do, reached from either plane.

No HTTP, no sockets, no SQL text, no paths: those belong to transport and storage.
"""
