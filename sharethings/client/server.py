"""Where a server is, and how it is reached."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sharethings.client.errors import AddressError

if TYPE_CHECKING:
    from pathlib import Path


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@dataclass(frozen=True, slots=True)
class Server:
    """An address without a trailing slash, and the certificates that are trusted for it."""

    url: str
    ca_file: Path | None = None

    @classmethod
    def parse(cls, text: str, ca_file: Path | None = None, *, plain: bool = False) -> Server:
        """Read an address; without a scheme it is https, or http on this machine.

        Raises AddressError for what is no address, and for http to another machine unless
        `plain`: the contents are sealed, but tokens and who talks when would be in the clear.
        """
        try:
            host_only = urlsplit(f"//{text}").hostname or ""
            if "://" not in text:
                text = f"{'http' if _is_this_machine(host_only) else 'https'}://{text}"
            parts = urlsplit(text)
            _ = parts.port
        except ValueError as error:
            raise AddressError from error
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
            raise AddressError
        if parts.scheme == "http" and not plain and not _is_this_machine(parts.hostname):
            raise AddressError(
                f"http://{parts.hostname} is another machine: use https, or --allow-plain-http "
                "if you know that nobody listens."
            )
        return cls(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}", ca_file)

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def path(self) -> str:
        """The path below which the server lives, empty for the root."""
        return urlsplit(self.url).path

    def ssl_context(self) -> ssl.SSLContext | bool:
        """Give what aiohttp's connector takes. Raises AddressError for a bad ca_file."""
        if self.ca_file is None:
            return True
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise AddressError(f"The certificates in {self.ca_file} cannot be read.") from error
