"""The shim of shim.c: built here, turned on and off through a page that both sides map."""

from __future__ import annotations

import ctypes
import mmap
import os
import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
COMPILER = shutil.which("gcc") or shutil.which("cc")
KINDS = (
    *("open", "create", "write", "pwrite", "fsync", "fdatasync"),
    *("rename", "link", "unlink", "ftruncate", "mkdir", "rmdir"),
)
CHANGING = frozenset(KINDS) - {"open"}
EVER = 2**63


class Page(ctypes.Structure):
    """`struct page` of shim.c."""

    _fields_ = (
        ("armed", ctypes.c_uint64),
        ("kinds", ctypes.c_uint64),
        ("count", ctypes.c_uint64),
        ("first", ctypes.c_uint64),
        ("last", ctypes.c_uint64),
        ("error", ctypes.c_uint64),
        ("met", ctypes.c_uint64),
        ("seen", ctypes.c_uint64 * len(KINDS)),
    )


def build(folder: Path) -> Path:
    """Compile the shim into `folder`."""
    assert COMPILER is not None, "there is no C compiler: run make system"
    library = folder / "shim.so"
    flags = ("-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror")
    subprocess.run([COMPILER, *flags, "-o", library, SOURCE, "-ldl"], check=True)
    return library


class Shim:
    """What the test says to the shim in another process, and what it learns from it."""

    def __init__(self, page: Path) -> None:
        """Map the page, which is made if it is not there."""
        self.path = page
        size = ctypes.sizeof(Page)
        file = os.open(page, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(file, size)
        self._page = Page.from_buffer(mmap.mmap(file, size))
        os.close(file)

    def environment(self, library: Path, root: Path) -> dict[str, str]:
        """Give the variables that load it into a process; `root` is what it watches."""
        return {
            "LD_PRELOAD": str(library),
            "FAULT_ROOT": str(root.resolve()),
            "FAULT_PAGE": str(self.path),
        }

    def plan(
        self, first: int = 0, last: int | None = None, error: int = 0, kinds: object = CHANGING
    ) -> None:
        """Say which calls meet the fault once it is armed; `error` 0 kills. Starts at call 1."""
        assert isinstance(kinds, frozenset)
        self._page.armed = 0
        self._page.first, self._page.last = first, first if last is None else last
        self._page.error = error
        self._page.kinds = sum(1 << KINDS.index(kind) for kind in kinds)
        self._page.count = self._page.met = 0
        self._page.seen = (ctypes.c_uint64 * len(KINDS))()

    def arm(self) -> None:
        """From here on calls count."""
        self._page.armed = 1

    def disarm(self) -> None:
        """From here on nothing fails."""
        self._page.armed = 0

    @property
    def count(self) -> int:
        """Calls since it was armed."""
        return int(self._page.count)

    @property
    def met(self) -> int:
        """Calls that met the fault."""
        return int(self._page.met)

    def seen(self) -> dict[str, int]:
        """Calls by kind since it was armed."""
        return {kind: count for kind, count in zip(KINDS, self._page.seen, strict=True) if count}
