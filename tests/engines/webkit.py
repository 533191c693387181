"""WebKit of Debian (MiniBrowser of WebKitGTK), driven by WebDriver on a screen of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from selenium import webdriver
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.file_detector import UselessFileDetector
from selenium.webdriver.remote.remote_connection import RemoteConnection

from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BROWSERS = "*/webkit2gtk-4.1/MiniBrowser"
SCREEN = "-screen 0 1400x1000x24"
ENVIRONMENT = {
    "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",  # root cannot have it
    "LIBGL_ALWAYS_SOFTWARE": "1",
    "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
}
DOWNLOAD_SECONDS = 120.0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


class WebKit:
    """A WebKit with one page. Its downloads go to its home, a folder of the test."""

    def __init__(self, folder: Path) -> None:
        """Start it with `folder` as its home."""
        self._home = folder
        port = _free_port()
        screen = [shutil.which("xvfb-run") or "xvfb-run", "-a", "-s", SCREEN]
        with (folder / "driver.log").open("wb") as log:
            self._driver = subprocess.Popen(
                [*screen, "dbus-run-session", "--", "WebKitWebDriver", f"--port={port}"],
                env={**os.environ, **ENVIRONMENT, "HOME": str(folder)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            wait_until(lambda: _answers(port), "WebKitWebDriver")
            options = webdriver.WebKitGTKOptions()
            options.binary_location = str(next(Path("/usr/lib").glob(BROWSERS)))
            options.add_argument("--automation")
            where = ClientConfig(f"http://127.0.0.1:{port}")
            self._page = webdriver.Remote(RemoteConnection(client_config=where), options=options)
        except BaseException:
            self._end()
            raise
        self._page.file_detector = UselessFileDetector()  # the files are on this machine

    def goto(self, url: str) -> None:
        """Open an address."""
        self._page.get(url)

    def run(self, script: str, *args: object) -> Any:
        """Run the body of a function in the page."""
        return self._page.execute_script(f"const args = [...arguments]; {script}", *args)

    def choose(self, selector: str, *paths: Path) -> None:
        """Choose files for a file input."""
        chosen = "\n".join(map(str, paths))
        self._page.find_element("css selector", selector).send_keys(chosen)

    def download(self, begin: Callable[[], None], targets: Mapping[str, Path]) -> None:
        """Wait for files of these names that are not being written any more."""
        begin()
        for name, target in targets.items():
            self._wait_for(self._home / name)
            (self._home / name).replace(target)

    def _wait_for(self, file: Path) -> None:
        wait_until(file.exists, f"the download of {file.name}", DOWNLOAD_SECONDS)
        wait_until(lambda: not self._has_open(file), f"the end of {file.name}", DOWNLOAD_SECONDS)

    def _has_open(self, path: Path) -> bool:
        for one in psutil.Process(self._driver.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if any(file.path == str(path) for file in one.open_files()):
                    return True
        return False

    def close(self) -> None:
        """End the browser, its driver and its screen."""
        try:
            self._page.quit()
        finally:
            self._end()

    def _end(self) -> None:
        os.killpg(self._driver.pid, signal.SIGTERM)
        self._driver.wait()
