"""What the browser tests share: real Chromium, and places behind real HAProxy."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from tests.conftest import StartHaproxy, StartServer
    from tests.programs import Haproxy, Server

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-features=SpareRendererForSitePerProcess",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--ignore-certificate-errors",
    "--host-resolver-rules=MAP share.example 127.0.0.1",
]
PASSPHRASE = "correct-horse-battery-staple"
SESSION = "Balcony garden"
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "color_scheme": "dark",
    "is_mobile": True,
    "has_touch": True,
}
NO_SAVE_DIALOG = "delete window.showSaveFilePicker"
"""The dialog cannot be driven: without it the page saves through its service worker."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.haproxy)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver of browsers; tests with a loop of their own come before it."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium of Debian's."""
    chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
    yield chromium
    chromium.close()


@dataclass(slots=True)
class Place:
    """A server behind HAProxy."""

    server: Server
    haproxy: Haproxy

    @property
    def url(self) -> str:
        """Where browsers and terminals go."""
        return self.haproxy.url


@pytest.fixture
def place(server: StartServer, haproxy: StartHaproxy) -> Place:
    """Start both."""
    started = server(creations_per_hour=10_000)
    return Place(started, haproxy(started.url))


class Member:
    """Somebody at a browser: a context of their own, and what went wrong in it."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        """Open an empty page."""
        self.context = context
        self.page: Page = context.new_page()
        self.url = url
        self.faults: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _hear(self, message: Any) -> None:
        """Take errors in the console for faults, but Chromium's own lines on the network.

        A chunk that is not there yet is 404, and with the token of before a restart 401; of a
        server that is gone HAProxy says 502 or 503.
        """
        network = ("net::ERR", "Failed to load resource", "Unexpected response code: 50")
        is_network = any(line in message.text for line in network)
        if message.type == "error" and not is_network:
            self.faults.append(message.text)

    def fill(self, session: str, name: str, passphrase: str) -> None:
        """Fill the join form and send it."""
        self.page.goto(self.url)
        self.page.get_by_role("textbox", name="Session name").fill(session)
        self.page.get_by_role("textbox", name="Your name").fill(name)
        self.page.get_by_label("Passphrase", exact=True).fill(passphrase)
        self.page.get_by_role("button", name="Join or create").click()

    def join(self, name: str, session: str = SESSION, passphrase: str = PASSPHRASE) -> None:
        """Join, and wait until the session is there."""
        self.fill(session, name, passphrase)
        self.page.get_by_role("textbox", name="Message").wait_for()

    def say(self, text: str) -> None:
        """Share a text."""
        self.page.get_by_role("textbox", name="Message").fill(text)
        self.page.get_by_role("button", name="Send").click()

    def share(self, *paths: Path) -> None:
        """Share files."""
        self.page.locator("form input[type=file]:not([webkitdirectory])").set_input_files(
            list(paths)
        )

    def content(self, name: str) -> Any:
        """Give the card of a content."""
        return self.page.get_by_role("article", name=name, exact=True)

    def save(self, name: str, path: Path) -> None:
        """Save a content to `path`."""
        with self.page.expect_download() as download:
            self.content(name).get_by_role("button", name="Save").click()
        download.value.save_as(path)


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Remember for the fixtures whether their test failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture
def member(
    browser: Browser, place: Place, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Member]]:
    """Open browsers; at the end none of them may have seen a fault.

    Of a test that failed, what they show is printed.
    """
    opened: list[Member] = []

    def open_member(look: dict[str, Any] | None = None, url: str | None = None) -> Member:
        context = browser.new_context(
            **(look or DESKTOP), permissions=["clipboard-read", "clipboard-write"]
        )
        context.set_default_timeout(30_000)
        context.add_init_script(NO_SAVE_DIALOG)
        opened.append(Member(context, url or place.url))
        return opened[-1]

    yield open_member
    faults = [fault for one in opened for fault in one.faults]
    for one in opened:
        if request.node.stash.get(FAILED, False):
            print(f"-- shown at {one.page.url}:\n{one.page.locator('body').inner_text()}")  # noqa: T201
        one.context.close()
    assert faults == []
