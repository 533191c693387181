"""Probes: how a request reaches this server that the operator sends by its public address.

`GET /api/v1/probe/{nonce}` is there for a nonce while the server itself waits for it, and is 404
for everybody else: whoever gets an answer has come to this very process.
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from sharethings.transport.address import client_address, forwarded_for, is_https, is_trusted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sharethings.config import Network

PROBE_PATH = "/api/v1/probe/"
NONCE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as the server saw it: who brought it, and from whom it is said to be.

    `hops` are the addresses of X-Forwarded-For, the last of which `peer` has named.
    """

    peer: str
    is_trusted: bool
    hops: list[str]
    address: str
    is_https: bool
    host: str


class Probes:
    """The probes that are on their way."""

    def __init__(self, networks: Sequence[Network]) -> None:
        """Take the trusted proxies."""
        self._networks = networks
        self._awaited: dict[str, list[Seen]] = {}

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register the way of a probe."""
        router.add_get(f"{PROBE_PATH}{{nonce}}", self._arrive)

    @contextmanager
    def expect(self) -> Iterator[tuple[str, list[Seen]]]:
        """Give the path of a probe, and where it is told of when it arrives in the block."""
        nonce = secrets.token_hex(NONCE_BYTES)
        seen = self._awaited[nonce] = []
        try:
            yield PROBE_PATH + nonce, seen
        finally:
            del self._awaited[nonce]

    async def _arrive(self, request: web.Request) -> web.Response:
        awaited = self._awaited.get(request.match_info["nonce"])
        if awaited is None:
            raise web.HTTPNotFound
        peer = request.remote or ""
        awaited.append(
            Seen(
                peer=peer,
                is_trusted=is_trusted(peer, self._networks),
                hops=forwarded_for(request),
                address=client_address(request, self._networks),
                is_https=is_https(request, self._networks),
                host=request.host,
            )
        )
        return web.Response(status=204, headers={"Cache-Control": "no-store"})
