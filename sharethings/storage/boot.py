"""Whether what was written before can still be read as it was: the note of a boot.

Bytes that were given to the kernel outlive the process that wrote them, and are lost only with
the kernel or the disk's mount. So after the end of a server, however it came, nothing is torn
while the machine has not booted since.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sharethings.storage.disk import Disk

NAME = "boot"
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Random at each boot (random(4))."""


def _current(root: Path) -> str | None:
    """Name this boot and the mount of the data directory; None where the system has no name."""
    try:
        return f"{BOOT_ID.read_text().strip()} {root.stat().st_dev}"
    except OSError:
        return None


def is_same(root: Path) -> bool:
    """Say whether the machine is the same, and not booted since the note was written."""
    try:
        noted = (root / NAME).read_text(errors="replace")
    except OSError:
        return False
    return noted == _current(root)


def forget(root: Path, disk: Disk) -> None:
    """Take the note away, and that onto the disk: until all is looked at no boot is trusted.

    Raises OSError.
    """
    (root / NAME).unlink(missing_ok=True)
    disk.sync_folder(root)


def note(root: Path) -> None:
    """Write the note: whatever a boot before this one may have torn was looked at.

    It need not reach the disk, nor be whole: what a power cut leaves of it names no later boot.
    """
    with suppress(OSError):  # then the next start looks once more
        (root / NAME).write_text(_current(root) or "")
