"""Look at a server from outside, as its users do: by its public address, through the proxy.

The server sends a probe to itself. What arrives shows what the proxy tells of clients; what
comes back shows what it does to answers.
"""

from __future__ import annotations

import re
import ssl
from typing import TYPE_CHECKING

from aiohttp import ClientError, ClientSession, ClientSSLError, ClientTimeout, TCPConnector
from yarl import URL

from sharethings.admin.errors import UsageError
from sharethings.admin.reports import Finding
from sharethings.transport.http.headers import CLOSED_POLICY, COMMON, page_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multidict import CIMultiDictProxy

    from sharethings.transport.http.probe import Probes, Seen

TIMEOUT = ClientTimeout(total=10)
HTTP_PORT = 80
CLAIMED = "203.0.113.99"
"""The address that the probe claims to come from: one of nobody (RFC 5737)."""
POLICY = "Content-Security-Policy"
HSTS_SECONDS_MIN = 15_552_000
"""Half a year, what the MDN HTTP Observatory asks for."""
NOT_HERE = "Point the name and the proxy at this server's host and port."


async def look_from_outside(
    probes: Probes | None, url: str, ca_file: str | None = None, http_port: int = HTTP_PORT
) -> list[Finding]:
    """Look at the server that expects `probes`; None: it is stopped. Raises UsageError."""
    public, trust = _read(url, ca_file)
    if probes is None:
        return [_address(public, "the server is stopped.", "Start the server.")]
    async with ClientSession(connector=TCPConnector(ssl=trust), timeout=TIMEOUT) as http:
        with probes.expect() as (path, seen):
            try:
                answer = await _get(http, public.with_path(path))
                page = await _get(http, public.with_path("/"))
            except ClientSSLError as error:
                advice = "Renew the certificate, with its chain; or trust it here by --ca-file."
                return [Finding("certificate", "fault", f"{error}.", advice)]
            except (ClientError, OSError, TimeoutError) as error:
                return [_address(public, f"{error or 'no answer'}.", NOT_HERE)]
        if not seen:
            return [_address(public, f"somebody else answers ({answer[0]}).", NOT_HERE)]
        return [
            Finding("address", "ok", f"{public} leads here, with a valid certificate.", ""),
            _client(seen[0]),
            _protocol(seen[0]),
            _host(seen[0], public),
            _headers(answer[1], page[1], public),
            _hsts(page[1], public),
            await _plain(http, public.with_scheme("http").with_port(http_port)),
        ]


def _read(url: str, ca_file: str | None) -> tuple[URL, ssl.SSLContext]:
    try:
        public = URL(url).origin()
    except ValueError as error:
        raise UsageError(f"{url} is no address: {error}.") from error
    if public.scheme != "https":
        raise UsageError("Give the address as users see it: https://… Browsers insist on it.")
    try:
        return public, ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise UsageError(f"{ca_file} cannot be read: {error.strerror}.") from error


async def _get(http: ClientSession, url: URL) -> tuple[int, CIMultiDictProxy[str]]:
    claim = {"X-Forwarded-For": CLAIMED}
    async with http.get(url, headers=claim, allow_redirects=False) as response:
        return response.status, response.headers


def _address(public: URL, sentence: str, advice: str) -> Finding:
    return Finding("address", "fault", f"{public} does not lead here: {sentence}", advice)


def _client(seen: Seen) -> Finding:
    """Judge whether members have addresses of their own, and none that they chose."""
    text = f"{seen.peer} tells who clients are: {', '.join(seen.hops)}."
    advice = "Have the proxy set it: http-request set-header X-Forwarded-For %[src] (HAProxy)."
    if not seen.is_trusted:
        text = f"{seen.peer} is not believed: all clients share the limits of this one address."
        advice = f"Name it in trusted_proxies: {seen.peer}"
    elif not seen.hops:
        text = f"{seen.peer} sends no X-Forwarded-For: all clients share the limits of one address."
    elif seen.hops[-1] == CLAIMED:
        text = f"{seen.peer} passes on the X-Forwarded-For of clients: they choose their address."
    good = seen.is_trusted and bool(seen.hops) and seen.hops[-1] != CLAIMED
    return Finding.judge("forwarded address", good, text, advice)


def _protocol(seen: Seen) -> Finding:
    text = "Requests are known to be encrypted."
    if not seen.is_https:
        text = "Requests are taken for unencrypted: pages of browsers may not connect."
    advice = "Have the proxy set X-Forwarded-Proto to https, and name it in trusted_proxies."
    return Finding.judge("forwarded protocol", seen.is_https, text, advice)


def _host(seen: Seen, public: URL) -> Finding:
    text = f"The proxy asks for {seen.host}."
    if seen.host != public.authority:
        text += f" Users ask for {public.authority}: pages of browsers may not connect."
    advice = "Have the proxy pass Host on (nginx: proxy_set_header Host $http_host)."
    return Finding.judge("forwarded host", seen.host == public.authority, text, advice)


def _headers(answer: CIMultiDictProxy[str], page: CIMultiDictProxy[str], public: URL) -> Finding:
    nonce = re.search(r"'nonce-([^']*)'", page.get(POLICY, ""))
    policy = page_policy(nonce[1] if nonce else "", public.authority, https=True)
    faults = [
        *_changed("the page", page, COMMON | {POLICY: policy}),
        *_changed("data", answer, COMMON | {POLICY: CLOSED_POLICY}),
    ]
    text = "; ".join(faults) if faults else "Each comes once, as the server sent it"
    advice = "Let the proxy neither add nor change these: the server sends what its pages need."
    return Finding.judge("security headers", not faults, f"{text}.", advice)


def _changed(where: str, found: CIMultiDictProxy[str], expected: dict[str, str]) -> Iterator[str]:
    for name, value in expected.items():
        values = found.getall(name, [])
        if len(values) != 1:
            yield f"{name} comes {len(values)} times with {where}"
        elif values[0] != value:
            yield f"{name} is changed with {where}"


def _hsts(page: CIMultiDictProxy[str], public: URL) -> Finding:
    values = page.getall("Strict-Transport-Security", [])
    age = re.search(r"max-age=\"?(\d+)", values[0]) if len(values) == 1 else None
    good = public.host == "localhost" or (age is not None and int(age[1]) >= HSTS_SECONDS_MIN)
    text = "Browsers are told to come by https only."
    if not good:
        text = f"Strict-Transport-Security comes {len(values)} times, or for less than half a year."
    advice = "Have the proxy set it once: Strict-Transport-Security: max-age=63072000"
    return Finding.judge("hsts", good, text, advice, "warning")


async def _plain(http: ClientSession, plain: URL) -> Finding:
    """Judge what happens to those who type the name alone."""
    advice = "Have the proxy answer http with a redirect to https (308)."
    try:
        status, headers = await _get(http, plain.with_path("/"))
    except (ClientError, OSError, TimeoutError):
        return Finding("http", "warning", f"Nobody answers at {plain}.", advice)
    good = 300 <= status < 400 and headers.get("Location", "").startswith("https://")  # noqa: PLR2004 - redirects
    text = f"{plain} {'leads to https' if good else 'is answered without encryption'}."
    return Finding.judge("http", good, text, advice)
