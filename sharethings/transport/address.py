"""Who a request comes from: our own rule, because only trusted proxies are believed."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from sharethings.config import Network


def is_trusted(address: str, networks: Sequence[Network]) -> bool:
    """Say whether an address is one of a proxy that is believed."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found.version == net.version and found in net for net in networks)


def forwarded_for(request: web.Request) -> list[str]:
    """Give the addresses of X-Forwarded-For: each proxy adds the one that it was asked by."""
    hops = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    return [hop.strip() for hop in hops if hop.strip()]


def client_address(request: web.Request, networks: Sequence[Network]) -> str:
    """Give the client's address.

    The peer's, unless it is a trusted proxy: then the last address of X-Forwarded-For that no
    trusted proxy has. IPv6 clients are told apart by their /64, since one holder has all of it.
    """
    address = request.remote or "unknown"
    for hop in reversed(forwarded_for(request)):
        if not is_trusted(address, networks):
            break
        address = hop
    return _group(address)


def _group(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if found.version == 6:  # noqa: PLR2004 - the version of IP
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return ":".join(found.exploded.split(":")[:4]) + "::/64"
    return str(found)


def is_https(request: web.Request, networks: Sequence[Network]) -> bool:
    """Say whether the client reached us by https, as a trusted proxy tells."""
    if is_trusted(request.remote or "", networks):
        return request.headers.get("X-Forwarded-Proto", request.scheme) == "https"
    return request.scheme == "https"
