"""ShareThings: end-to-end encrypted sessions to share text, pictures and files."""

from __future__ import annotations

__version__ = "0.1.0"
