"""Firefox of Debian, driven by Playwright over WebDriver BiDi."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from playwright.sync_api import Download


class Firefox:
    """A Firefox with one page."""

    def __init__(self, folder: Path) -> None:
        """Start it; `folder` gets the program that Playwright starts in its place."""
        program = folder / "firefox"
        relay = f"{sys.executable} -m tests.engines.bidi {shutil.which('firefox-esr')}"
        program.write_text(f'#!/bin/sh\nexec {relay} "$@"\n')
        program.chmod(0o700)
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.firefox.launch(
            channel="moz-firefox", executable_path=program
        )
        self._page = self._browser.new_page()

    def goto(self, url: str) -> None:
        """Open an address."""
        self._page.goto(url)

    def run(self, script: str, *args: object) -> Any:
        """Run the body of a function in the page."""
        return self._page.evaluate(f"(args) => {{ {script} }}", list(args))

    def choose(self, selector: str, *paths: Path) -> None:
        """Choose files for a file input."""
        self._page.locator(selector).set_input_files(list(paths))

    def download(self, begin: Callable[[], None], targets: Mapping[str, Path]) -> None:
        """Wait for the downloads that `begin` begins."""
        begun: dict[str, Download] = {}
        self._page.on("download", lambda one: begun.update({one.suggested_filename: one}))
        begin()
        wait_until(lambda: self.run("return true;") and begun.keys() >= targets.keys(), "downloads")
        for name, target in targets.items():
            begun[name].save_as(target)

    def close(self) -> None:
        """End the browser and its driver."""
        self._browser.close()
        self._playwright.stop()
