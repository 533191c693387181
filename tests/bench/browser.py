"""Upload and download in Chromium, headless, sealed in workers, against the command line.

The page is reached on localhost without a proxy. An upload's time is that from the choice of the
file until its card says that it is complete; a download's until the browser has the whole file.
"""

from __future__ import annotations

import secrets
import shutil
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import psutil
from playwright.sync_api import sync_playwright

from tests.bench import wormhole
from tests.bench.rig import figures, servers
from tests.bench.rig.options import PAYLOAD_BYTES
from tests.bench.rig.process import folder, peak_bytes
from tests.e2e.conftest import ARGUMENTS, DESKTOP, NO_SAVE_DIALOG, Member
from tests.files import make_file

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.bench.rig.figures import Figures

FILE_BYTES = PAYLOAD_BYTES // 4
TIMEOUT_MS = 300_000


def tab_peak_bytes() -> int:
    """Give the most memory that a process of a page has held, its workers included."""
    pages = [
        one.pid
        for one in psutil.Process().children(recursive=True)
        if "--type=renderer" in " ".join(one.cmdline())
    ]
    return max(peak_bytes(pid) for pid in pages)


def browser(chromium: Browser, url: str, file: Path, target: Path) -> Figures:
    """Share a file in one browser, and save it in another."""
    session = secrets.token_hex(8)
    with ExitStack() as stack:
        members = []
        for name in ("Ada", "Ben"):
            context = chromium.new_context(**DESKTOP)
            stack.callback(context.close)
            context.set_default_timeout(TIMEOUT_MS)
            context.add_init_script(NO_SAVE_DIALOG)
            members.append(Member(context, url))
            members[-1].join(name, session=session)
        ada, ben = members
        began = time.perf_counter()
        ada.share(file)
        saving = ben.content(file.name).get_by_role("button", name="Save")
        saving.wait_for()
        ada.content(file.name).get_by_role("button", name="Save").wait_for()
        middle = time.perf_counter()
        ben.save(file.name, target)
        ended = time.perf_counter()
        peak = tab_peak_bytes()
    assert target.stat().st_size == file.stat().st_size
    target.unlink()
    size = file.stat().st_size / 1e6
    return {
        "up_mb_per_second": size / (middle - began),
        "down_mb_per_second": size / (ended - middle),
        "tab_peak_mb": peak / 1e6,
    }


def command_line(url: str, file: Path, target: Path) -> Figures:
    """Do the same with the command line."""
    taken = wormhole.ours(url, file, target)
    size = file.stat().st_size / 1e6
    up = taken["seconds_to_server"]
    return {"up_mb_per_second": size / up, "down_mb_per_second": size / (taken["seconds"] - up)}


def measure() -> dict[str, Any]:
    """Give medians, and the lines of the target."""
    with ExitStack() as stack:
        place = stack.enter_context(folder())
        server = stack.enter_context(servers.product(place))
        playwright = stack.enter_context(sync_playwright())
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        stack.callback(chromium.close)
        file, target = place / "file.bin", place / "got.bin"
        make_file(file, FILE_BYTES)
        url = f"http://localhost:{server.port}"
        seen = figures.interleaved(
            {
                "Chromium": lambda: browser(chromium, url, file, target),
                "command line": lambda: command_line(server.url, file, target),
            }
        )
    lines = [
        figures.line(
            f"browser, {way}: throughput",
            "0.5 of the command line's",
            seen["Chromium"][key] / seen["command line"][key],
            ">= 0.5",
        )
        for way, key in (("up", "up_mb_per_second"), ("down", "down_mb_per_second"))
    ]
    peak = seen["Chromium"]["tab_peak_mb"]
    lines.append(figures.line("memory of a tab: MB", "at most 300 MB", peak, "<= 300"))
    return seen | {"lines": lines}
