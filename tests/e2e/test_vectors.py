"""All entries of the vectors in a worker of a real browser."""

from __future__ import annotations

import functools
import json
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.programs import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BUILT = ROOT / "client" / ".vectors-dist"


class Quiet(SimpleHTTPRequestHandler):
    """A file server that says nothing."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}  # noqa: RUF012

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def test_every_entry_in_a_worker(browser: Browser):
    assert (BUILT / "vectors.html").is_file(), "run make vectors"
    files = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(BUILT)))
    threading.Thread(target=files.serve_forever, daemon=True).start()
    page = browser.new_page()
    try:
        page.goto(f"http://localhost:{files.server_port}/vectors.html")
        page.wait_for_function("document.body.dataset.result !== undefined", timeout=60_000)
        outcome = json.loads(page.evaluate("document.body.dataset.result"))
    finally:
        page.close()
        files.shutdown()
        files.server_close()
    assert outcome == {"run": 223, "serverOnly": 12, "failed": []}
