"""Names of files as they are saved: what a sender chose is not trusted (hardening.md).

The browser has the same rules in client/src/transfer/names.ts; tests/names.json tries both.
"""

from __future__ import annotations

import re
import unicodedata

NAME_MAX_BYTES = 255
ENDING_MAX_BYTES = 32
FALLBACK = "content"
HIDDEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
"""C0, DEL and C1 controls; marks and overrides of direction; invisible marks; line ends.

The joiners U+200C and U+200D stay: Persian and emoji need them.
"""
VISIBLE = re.compile(r"[^\s\u200c\u200d\u2800]")
RESERVED = re.compile('[:*?"<>|\u2044\u2215\u29f8\uff0f\uff3c]')
"""What Windows keeps for itself, and what looks like a separator."""
DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(?=\.|$)",
    re.IGNORECASE,
)


def safe_name(name: str, mark: str = "") -> str:
    """Give a base name of at most 255 bytes that is safe to create in a folder.

    What stands before the last separator, hidden characters, leading dots and what Windows
    forbids are removed or replaced; a name of which nothing is left becomes "content".
    `mark` is put before the ending.
    """
    text = name.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", text).rstrip("/\\"))[-1]
    clean = RESERVED.sub("_", HIDDEN.sub("", base))
    clean = re.sub(r"^[.\s]+|[.\s]+$", "", clean)
    if VISIBLE.search(clean) is None:
        clean = FALLBACK
    if DEVICE.match(clean):
        clean = f"_{clean}"
    return _shortened(clean, mark)


def safe_path(path: str) -> tuple[str, ...]:
    """Give the names of a path below a folder, each a safe one: it leads nowhere else.

    Both separators count; empty names, . and .. are left out.
    """
    names = [name for name in re.split(r"[/\\]", path) if name.strip() not in {"", ".", ".."}]
    return tuple(safe_name(name) for name in names) or (FALLBACK,)


def _shortened(name: str, mark: str) -> str:
    """Put `mark` before the ending, and cut whole characters off the stem where it is too long."""
    stem, dot, ending = name.rpartition(".")
    if not dot or len((dot + ending).encode()) > ENDING_MAX_BYTES:
        stem, dot, ending = name, "", ""
    tail = mark + dot + ending
    room = NAME_MAX_BYTES - len(tail.encode())
    if len(stem.encode()) > room:
        stem = stem.encode()[:room].decode(errors="ignore").rstrip()
    return stem + tail


def printable(text: str) -> str:
    """Give text for a terminal: hidden characters are shown as escapes."""
    return HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
