"""What a server has done when it says that it is ready."""

from __future__ import annotations

import gc
import io
import os
import signal
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

from sharethings.app import serve
from sharethings.config import load_settings

if TYPE_CHECKING:
    from pathlib import Path


class Ready(io.StringIO):
    """Standard output; when the server says that it is ready, it is told to end."""

    frozen_count = 0

    def write(self, text: str) -> int:
        """Look at what it says."""
        if "is ready" in text:
            self.frozen_count = gc.get_freeze_count()
            os.kill(os.getpid(), signal.SIGTERM)
        return super().write(text)


async def test_modules_are_not_searched_for_garbage_again_and_again(tmp_path: Path):
    """A search through all of them takes some 100 ms, and everybody waits."""
    assert gc.get_freeze_count() < 1000
    ready = Ready()
    try:
        with redirect_stdout(ready):
            await serve(load_settings(data_directory=tmp_path / "data", port=0))
        assert ready.frozen_count > 50_000
    finally:
        gc.unfreeze()
