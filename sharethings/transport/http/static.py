"""The browser client: files read at start into a table, so that no path is ever opened."""

from __future__ import annotations

import hashlib
import mimetypes
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from sharethings.transport.address import is_https
from sharethings.transport.http.headers import page_policy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sharethings.config import Network

NONCE_PLACE = b"__CSP_NONCE__"
FOREVER = "public, max-age=31536000, immutable"
"""For files whose name holds a digest of them."""
HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
PACKED = ".gz"
"""Beside a file, the same one as hatch_build.py has packed it."""
PAGE_MISSING = (
    "<!doctype html><title>ShareThings</title><p>The browser client is not built. "
    "Run <code>make run</code> in the checkout, or install the wheel.</p>"
)


@dataclass(frozen=True, slots=True)
class _File:
    data: bytes
    packed: bytes | None
    mime: str
    digest: str
    cache: str


def _read(path: Path, *, hashed: bool) -> _File:
    data = path.read_bytes()
    mime = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix in {".js", ".mjs"}:
        mime = "text/javascript"
    beside = path.with_name(path.name + PACKED)
    packed = beside.read_bytes() if beside.is_file() else None
    digest = hashlib.sha256(data).hexdigest()[:24]
    return _File(data, packed, mime, digest, FOREVER if hashed else "no-cache")


class StaticClient:
    """Serves the built client below one folder; `index.html` is its page."""

    def __init__(self, folder: Path, networks: Sequence[Network]) -> None:
        """Read all files of the folder into memory (some 2 MB)."""
        self._networks = networks
        self._files = {
            path.relative_to(folder).as_posix(): _read(path, hashed=path.parent.name == "assets")
            for path in (sorted(folder.rglob("*")) if folder.is_dir() else ())
            if path.is_file() and path.suffix != PACKED
        }
        page = self._files.pop("index.html", None)
        self._page = PAGE_MISSING.encode() if page is None else page.data
        self.is_built = page is not None

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register the page and the files."""
        router.add_get("/", self.page)
        router.add_get("/save/{id}", self.nothing)
        router.add_get("/{path:.+}", self.file)

    async def page(self, request: web.Request) -> web.Response:
        """Give the page with a fresh nonce for its styles."""
        nonce = secrets.token_urlsafe(16)
        host = request.host if HOST.fullmatch(request.host) else "localhost"
        policy = page_policy(nonce, host, https=is_https(request, self._networks))
        return web.Response(
            body=self._page.replace(NONCE_PLACE, nonce.encode()),
            content_type="text/html",
            charset="utf-8",
            headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"},
        )

    async def nothing(self, _request: web.Request) -> web.Response:
        """Answer a download that no service worker caught: the page stays where it is."""
        return web.Response(status=204, headers={hdrs.CACHE_CONTROL: "no-store"})

    async def file(self, request: web.Request) -> web.Response:
        """Give one file of the table."""
        file = self._files.get(request.match_info["path"])
        if file is None:
            raise web.HTTPNotFound
        accepted = request.headers.get(hdrs.ACCEPT_ENCODING, "")
        packed = file.packed if "gzip" in accepted else None
        etag = f'"{file.digest}"' if packed is None else f'"{file.digest}-gzip"'
        headers: dict[str, str] = {
            hdrs.ETAG: etag,
            hdrs.CACHE_CONTROL: file.cache,
            hdrs.CONTENT_TYPE: file.mime,
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
        }
        if file.mime == "text/javascript":
            headers["Content-Security-Policy"] = (
                "default-src 'none'; script-src 'self'; connect-src 'self'"
            )
        if request.headers.get(hdrs.IF_NONE_MATCH) == etag:
            return web.Response(status=304, headers=headers)
        if packed is None:
            return web.Response(body=file.data, headers=headers)
        headers[hdrs.CONTENT_ENCODING] = "gzip"
        return web.Response(body=packed, headers=headers)
