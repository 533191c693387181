"""`sharethings passphrase`: one to begin a session with."""

from __future__ import annotations

import secrets

from sharethings.crypto.passphrase import generate_passphrase


def passphrase() -> None:
    """Print a fresh passphrase of seven words."""
    print(generate_passphrase(secrets.randbelow))
