"""How the process treats its memory: what stays is not looked at, what is freed is used again.

glibc's malloc gives the top of its heap back to the system as soon as a few pieces of a body are
freed, and gets it again for the next: a page fault for each 4 KiB, a fifth of what an upload
costs the server, a tenth of what it costs the client (docs/decisions/0031).
"""

from __future__ import annotations

import ctypes
import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""mallopt(3)."""
KEPT_BYTES = 64 * 1024 * 1024
"""Free memory at the top of the heap that is not given back."""
MAPPED_FROM_BYTES = 32 * 1024 * 1024
"""What is larger gets pages of its own, and gives them back; the most that glibc allows."""
COLLECTED_AFTER = (10_000, 20, 50)
"""New objects until a look for garbage, such looks until one among older ones, and among all.

With Python's own 700 they take a tenth of the processor time of a message or of a row.
"""


def keep_freed_memory() -> None:
    """Let malloc keep what bodies need over and over; does nothing without glibc."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
        mallopt(M_MMAP_THRESHOLD, MAPPED_FROM_BYTES)


@contextmanager
def loading() -> Iterator[None]:
    """Let the collector rest while modules are loaded, and pass over them from then on.

    It would look through all that is loaded so far again and again: a sixth of a server's start.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def leave_modules_alone() -> None:
    """Let the collector of garbage pass over all that is there now, and look less often.

    Or it walks through all modules again and again, and everybody waits for 100 ms each time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)
