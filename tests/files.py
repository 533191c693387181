"""Files for tests: random ones of any size, and a picture."""

from __future__ import annotations

import hashlib
import math
import random
import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1024 * 1024
ROOMY_BYTES = 40_000
SKY = ((96, 250), (120, 190), (190, 140))


def make_file(path: Path, size: int) -> str:
    """Write `size` random bytes; gives their SHA-256 in hex."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for at in range(0, size, 4 * MIB):
            piece = random.randbytes(min(4 * MIB, size - at))  # noqa: S311 - not secret
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_bitmap(path: Path, width: int, height: int) -> str:
    """Write a BMP, which takes three bytes a pixel (width a multiple of 4); gives its SHA-256."""
    size = 54 + 3 * width * height
    header = struct.pack(
        "<2sIIIIiiHHIIiiII", b"BM", size, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0
    )
    rows = (bytes((y % 256, x % 256, 128)) for y in range(height) for x in range(width))
    path.write_bytes(header + b"".join(rows))
    return sha256_of(path)


def png_part(kind: bytes, data: bytes) -> bytes:
    """Give one part of a PNG, checksum and all (PNG, third edition, section 5.3)."""
    checked = kind + data
    return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))


def make_picture(path: Path, width: int = 900, height: int = 600) -> None:
    """Write a PNG of an evening sky over hills (PNG, third edition, sections 5 and 11)."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        sky = bytes(int(low + (high - low) * y / height) for low, high in SKY)
        for x in range(width):
            far = height * 0.60 + 34 * math.sin(x / 140) + 12 * math.sin(x / 47 + 2)
            near = height * 0.74 + 40 * math.sin(x / 190 + 1) + 9 * math.sin(x / 31)
            rows += b"\x16\x3c\x36" if y > near else b"\x3b\x6b\x62" if y > far else sky

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (
        png_part(b"IHDR", head)
        + png_part(b"IDAT", zlib.compress(bytes(rows)))
        + png_part(b"IEND", b"")
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)


def make_roomy(png: bytes) -> bytes:
    """Add a private part, which says nothing, to a PNG: no row has room for it then."""
    header_bytes = 8 + 25
    return png[:header_bytes] + png_part(b"stUf", bytes(ROOMY_BYTES)) + png[header_bytes:]


def make_roomy_picture(path: Path) -> None:
    """Write a picture of 1800 x 1200 pixels that is sent in chunks."""
    make_picture(path, 1800, 1200)
    path.write_bytes(make_roomy(path.read_bytes()))
