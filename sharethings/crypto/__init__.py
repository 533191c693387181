"""Protocol v1's cryptography: pure functions, bytes in, bytes out; suite 0x01 only.

Nonces, prefixes and keys are arguments, so that vectors can be run; callers draw them from
`secrets`. Nothing of the server imports this package (import-linter keeps it so).
"""
