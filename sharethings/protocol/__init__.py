"""The wire, defined once: values of protocol v1 that server and clients exchange.

Nothing here does I/O or encrypts. `sharethings.protocol.typescript` emits the browser's
types and decoders from these modules, so a message has one definition for all programs.
"""
