"""Upload and download in Chromium, headless, sealed in workers, against the command line.

The page is reached on localhost without a proxy. An upload's time is that from the choice of the
file until its card says that it is complete; a download's until the browser has the whole file.
Memory is what the page's process holds beside its program, with its workers.
"""

from __future__ import annotations

import secrets
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from tests.bench import wormhole
from tests.bench.rig import figures, servers
from tests.bench.rig.options import PAYLOAD_BYTES
from tests.bench.rig.process import folder, looking_on
from tests.files import make_file
from tests.tab import PRESS_SECONDS, Tab, save, share

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Playwright

    from tests.bench.rig.figures import Figures

FILE_BYTES = PAYLOAD_BYTES // 2


def browser(playwright: Playwright, url: str, file: Path) -> Figures:
    """Share a file in one browser, and save it in another."""
    session = secrets.token_hex(8)
    size = file.stat().st_size
    with folder() as place:
        with Tab(place / "up") as sender:
            with sender.joined(playwright, url, session) as ada:
                began, cpu = time.perf_counter(), sender.cpu_seconds()
                share(ada, file)
            with looking_on():
                up_bytes = sender.peak_bytes(sender.is_done)
            up_seconds = time.perf_counter() - began
            up_cpu = sender.cpu_seconds() - cpu
        with Tab(place / "down") as receiver:
            with receiver.joined(playwright, url, session) as ben:
                save(ben, file)
                began, cpu = time.perf_counter() + PRESS_SECONDS, receiver.cpu_seconds()
            saved = receiver.downloads / file.name
            with looking_on():
                down_bytes = receiver.peak_bytes(
                    lambda: saved.exists() and saved.stat().st_size == size
                )
            down_seconds = time.perf_counter() - began
            down_cpu = receiver.cpu_seconds() - cpu
    return {
        "up_mb_per_second": size / up_seconds / 1e6,
        "down_mb_per_second": size / down_seconds / 1e6,
        "up_cpu_per_gb": up_cpu / size * 1e9,
        "down_cpu_per_gb": down_cpu / size * 1e9,
        "up_tab_peak_mb": up_bytes / 1e6,
        "down_tab_peak_mb": down_bytes / 1e6,
    }


def command_line(url: str, file: Path, target: Path) -> Figures:
    """Do the same with the command line."""
    taken = wormhole.one_after_the_other(url, file, target)
    size = file.stat().st_size / 1e6
    return {
        "up_mb_per_second": size / taken["seconds_to_server"],
        "down_mb_per_second": size / taken["seconds_from_server"],
    }


def measure() -> dict[str, Any]:
    """Give medians, and the lines of the target."""
    with ExitStack() as stack:
        place = stack.enter_context(folder())
        server = stack.enter_context(servers.product(place))
        playwright = stack.enter_context(sync_playwright())
        file, target = place / "file.bin", place / "got.bin"
        make_file(file, FILE_BYTES)
        url = f"http://localhost:{server.port}"
        seen = figures.interleaved(
            {
                "Chromium": lambda: browser(playwright, url, file),
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
    lines += [
        figures.line(
            f"memory of a tab, {way}: MB",
            "at most 300 MB",
            seen["Chromium"][f"{way}_tab_peak_mb"],
            "<= 300",
        )
        for way in ("up", "down")
    ]
    return seen | {"lines": lines}
