"""Headers of every answer (hardening.md, "Headers")."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

PERMISSIONS = (
    "accelerometer=(), autoplay=(), camera=(self), "
    "clipboard-read=(self), clipboard-write=(self), display-capture=(), encrypted-media=(), "
    "fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), "
    "local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), "
    "picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), "
    "serial=(), usb=(), xr-spatial-tracking=()"
)

COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": PERMISSIONS,
}

CLOSED_POLICY = "default-src 'none'; sandbox"
"""For answers that are data: nothing in them may run or load anything."""


def page_policy(nonce: str, host: str, *, https: bool) -> str:
    """Give the Content-Security-Policy of the page.

    `connect-src` names the WebSocket's origin because older Safari does not count it as self.
    """
    socket = f"{'wss' if https else 'ws'}://{host}"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' blob: data:",
            "media-src 'self' blob:",
            "font-src 'self'",
            f"connect-src 'self' {socket}",
            "worker-src 'self'",
            "manifest-src 'self'",
            "frame-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        )
    )


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Complete an answer that is about to start; for aiohttp's `on_response_prepare`.

    No browser heeds any of it in the answer to an upgrade, and each connection would keep it.
    """
    response.headers.popall("Server", None)
    if response.status == HTTPStatus.SWITCHING_PROTOCOLS:
        return
    for name, value in COMMON.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", CLOSED_POLICY)
