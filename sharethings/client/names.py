"""Names of files as they are saved: what a sender chose is not trusted (hardening.md)."""

from __future__ import annotations

import unicodedata

NAME_MAX_BYTES = 255
FALLBACK = "content"
BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}
RESERVED = {"con", "prn", "aux", "nul"} | {
    f"{kind}{n}" for kind in ("com", "lpt") for n in "123456789"
}


def _is_kept(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cs", "Zl", "Zp"} and ord(char) not in BIDI


def safe_name(name: str, mark: str = "") -> str:
    """Give a base name of at most 255 bytes that is safe to create in a folder.

    Control and bidi characters, separators, leading dots and what Windows forbids are removed;
    a name of which nothing is left becomes "content". `mark` is put before the ending.
    """
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(char for char in base if _is_kept(char) and char not in '<>:"|?*')
    kept = kept.strip(" ").lstrip(".").rstrip(". ") or FALLBACK
    if kept.split(".")[0].lower() in RESERVED:
        kept = f"_{kept}"
    stem, dot, ending = kept.rpartition(".")
    if not dot or len(ending.encode()) > NAME_MAX_BYTES // 4:
        stem, dot, ending = kept, "", ""
    room = NAME_MAX_BYTES - len((mark + dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore") + mark + dot + ending


def printable(text: str) -> str:
    """Give text for a terminal: control and bidi characters are shown as escapes."""
    return "".join(
        char if _is_kept(char) else char.encode("unicode_escape").decode("ascii") for char in text
    )
