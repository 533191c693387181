"""Lengths and bounds that protocol v1 fixes; all in bytes or counts.

What an operator may set is in `sharethings.config`; what is here is the same on every server.
"""

from __future__ import annotations

PROTOCOL_VERSION = 1
SUITE = 1

DIGEST_BYTES = 32
NONCE_BYTES = 12
BOX_BYTES = 100
"""A key_box or content_box: protocol.md 5."""

CHUNK_OVERHEAD_BYTES = 32
"""Header and nonce (16) and the tag of AES-GCM (16): protocol.md 6."""
CHUNK_SIZE_MIN_BYTES = 16 * 1024
CHUNK_SIZE_MAX_BYTES = 4 * 1024 * 1024
CHUNK_COUNT_MAX = 2**20
DIGESTS_MAX = 16 * 1024
"""Digests of stored chunks in one answer."""

INLINE_PLAIN_MAX_BYTES = 16 * 1024
INLINE_CHUNK_MAX_BYTES = INLINE_PLAIN_MAX_BYTES + CHUNK_OVERHEAD_BYTES

MANIFEST_PLAIN_MAX_BYTES = 16 * 1024
MANIFEST_MAX_BYTES = MANIFEST_PLAIN_MAX_BYTES + 8 + NONCE_BYTES + 16
EVENT_MAX_BYTES = 8 * 1024
"""A sealed event: names, typing, receipts; far below the limit of a control event (64 KiB)."""

KDF_ITERATIONS_DEFAULT = 600_000
"""OWASP's figure for PBKDF2-HMAC-SHA-256 (protocol.md 3)."""
KDF_ITERATIONS_MAX = 10_000_000

SESSION_NAME_MAX_BYTES = 255
PINNED_MAX = 50
PAGE_CONTENTS_MAX = 200
"""Contents in one page of a listing."""
PAGE_BYTES_MAX = 192 * 1024
"""Sealed bytes (manifests and inline chunks) in one page; a page holds at least one content.

Some 14 s at 20 kB/s: clients wait 20 s for an answer, and a connection is given up after 45.
"""
MISSING_RANGES_MAX = 1000
"""Ranges of missing chunk indexes named in one answer."""
LIFETIME_MIN_SECONDS = 10
LIFETIME_MAX_SECONDS = 100 * 366 * 86_400
"""A century; what never ends says so."""
EVENT_SORTS_MAX = 8
"""Kept events of one member: the latest of each sort."""
