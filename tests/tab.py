"""A page of Chromium that is measured as users have it: with a profile on the disk, undebugged.

Playwright listens to the network of its pages, for which Chromium keeps the bodies of their
requests: 200 MB in the page's own process (docs/decisions/0030). So it prepares the page here,
lets go of it, and the page acts by itself.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.request import urlopen

import psutil

from tests.e2e.conftest import ARGUMENTS, NO_SAVE_DIALOG, Member
from tests.programs import STOP_SECONDS, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Playwright

TRANSFER_SECONDS = 1800.0
"""For 5 GiB on a machine that is busy with other tests."""
TIMEOUT_MS = 300_000
DONE = "done"
INPUT = "document.querySelector('form input[type=file]:not([webkitdirectory])')"
SAVE = (
    "[...document.querySelectorAll('article button')]"
    ".find((one) => /Save/.test(one.ariaLabel + one.textContent))"
)
TELL = f"setInterval(() => {{ if ({SAVE}) document.title = '{DONE}'; }}, 20)"
PRESS_SECONDS = 5.0
"""Until then Playwright must have let go of the browser: its own downloads would take the file."""
PRESS = f"setTimeout(() => {SAVE}.click(), {PRESS_SECONDS * 1000})"


def private_bytes(pid: int) -> int:
    """Give what a process holds beside its files, its own and shared memory (proc(5))."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # it has just ended
        return 0
    return sum(int(size) * 1024 for size in re.findall(r"Rss(?:Anon|Shmem):\s+(\d+) kB", status))


def is_page(program: psutil.Process) -> bool:
    """Say whether a process of Chromium's holds pages; one that ends just now does not."""
    with suppress(psutil.Error):
        return any("--type=renderer" in argument for argument in program.cmdline())
    return False


class Tab:
    """Chromium with one page, and its files in `place`; ended by `with`."""

    def __init__(self, place: Path) -> None:
        """Prepare a profile that saves without asking."""
        self.downloads = place / "downloads"
        self._profile = place / "profile"
        (self._profile / "Default").mkdir(parents=True)
        wanted = {"default_directory": str(self.downloads), "prompt_for_download": False}
        preferences = self._profile / "Default" / "Preferences"
        preferences.write_text(json.dumps({"download": wanted}))

    def __enter__(self) -> Self:
        """Start it, and wait until it can be reached."""
        self._process = subprocess.Popen(
            [
                shutil.which("chromium") or "chromium",
                "--headless=new",
                f"--user-data-dir={self._profile}",
                "--remote-debugging-port=0",
                *ARGUMENTS,
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        said = self._profile / "DevToolsActivePort"
        wait_until(lambda: said.exists() and said.read_text(), "Chromium can be reached")
        self._url = f"http://127.0.0.1:{said.read_text().split()[0]}"
        return self

    def __exit__(self, *_error: object) -> None:
        """End it with all its processes."""
        started = psutil.Process(self._process.pid).children(recursive=True)
        self._process.terminate()
        self._process.wait(STOP_SECONDS)
        psutil.wait_procs(started, STOP_SECONDS)

    @contextmanager
    def joined(self, playwright: Playwright, url: str, session: str) -> Iterator[Member]:
        """Join a session; the page is let go of at the end."""
        browser = playwright.chromium.connect_over_cdp(self._url)
        context = browser.contexts[0]
        context.set_default_timeout(TIMEOUT_MS)
        context.add_init_script(NO_SAVE_DIALOG)
        member = Member(context, url)
        member.join("Zoe", session=session)
        yield member
        browser.close()

    def is_done(self) -> bool:
        """Whether a page says so in its title, as `share` has told it."""
        with urlopen(f"{self._url}/json/list") as answer:  # noqa: S310 - http://127.0.0.1
            pages: list[dict[str, Any]] = json.load(answer)
        return any(page["title"] == DONE for page in pages)

    def cpu_seconds(self) -> float:
        """Give user and system time of all its processes that run now."""
        browser = psutil.Process(self._process.pid)
        seconds = 0.0
        for one in (browser, *browser.children(recursive=True)):
            with suppress(psutil.Error):
                times = one.cpu_times()
                seconds += times.user + times.system
        return seconds

    def peak_bytes(self, condition: Callable[[], bool]) -> int:
        """Wait for `condition`; gives the most that a page with its workers has held till then.

        A worker may have a process of its own, also one that begins meanwhile.
        """
        browser = psutil.Process(self._process.pid)
        held: list[int] = []

        def is_over() -> bool:
            pages = [one.pid for one in browser.children(recursive=True) if is_page(one)]
            held.append(sum(private_bytes(pid) for pid in pages))
            return condition()

        wait_until(is_over, "the page has moved the file", TRANSFER_SECONDS)
        return max(held)


def share(member: Member, file: Path) -> None:
    """Let the page share a file, and say in its title that all of it is sent."""
    member.page.evaluate(TELL)
    debugger = member.context.new_cdp_session(member.page)
    chosen = debugger.send("Runtime.evaluate", {"expression": INPUT})["result"]["objectId"]
    debugger.send("DOM.setFileInputFiles", {"files": [str(file)], "objectId": chosen})


def save(member: Member, file: Path) -> None:
    """Let the page save a content in a second."""
    member.content(file.name).get_by_role("button", name="Save").wait_for()
    member.page.evaluate(PRESS)
