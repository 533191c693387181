"""The Python client: what the command line and the tests use to be members of a session."""
