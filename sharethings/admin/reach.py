"""Reach a server's data: through the socket of the running one, else by opening the directory."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout, UnixConnector

from sharethings.admin.doors import answer
from sharethings.admin.errors import AdminError, UnusableError
from sharethings.admin.place import stopped
from sharethings.admin.site import SOCKET_NAME, Line, short_path

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from aiohttp import StreamReader

    from sharethings.admin.acts import Act
    from sharethings.admin.place import Progress
    from sharethings.config import Settings

R = TypeVar("R", bound=msgspec.Struct)


async def ask(settings: Settings, act: Act, kind: type[R], progress: Progress) -> R:
    """Have an act done and give its report. Raises AdminError."""
    root = settings.data_directory.absolute()
    if await asyncio.to_thread(is_running, root):
        return await _ask_server(root, act, kind, progress)
    async with stopped(settings) as place:
        report = await answer(place, act, progress)
    assert isinstance(report, kind)  # noqa: S101 - for the type checker
    return report


def is_running(root: Path) -> bool:
    """Say whether a server answers for this directory. Raises UnusableError when we may not ask."""
    try:
        with socket.socket(socket.AF_UNIX) as trial, short_path(root / SOCKET_NAME) as name:
            trial.connect(name)
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
        return False
    except OSError as error:
        raise UnusableError(
            f"The server's socket in {root} cannot be used: {error.strerror}. "
            "Run this as the user of the server."
        ) from error
    return True


async def _ask_server(root: Path, act: Act, kind: type[R], progress: Progress) -> R:
    try:
        async with _lines(root, act) as lines:
            async for raw in lines:
                line = msgspec.json.decode(raw, type=Line)
                if line.progress is not None:
                    progress(*line.progress)
                elif line.failure is not None:
                    raise line.failure.error()
                elif line.report is not None:
                    return msgspec.convert(line.report, kind)
    except (ClientError, OSError, msgspec.DecodeError) as error:
        raise UnusableError(f"The server stopped answering: {error}. Try again.") from error
    raise AdminError("The server ended before it was done. Try again.")


@asynccontextmanager
async def _lines(root: Path, act: Act) -> AsyncIterator[StreamReader]:
    """Open the answer. It takes as long as it takes: an act may read the whole disk."""
    with short_path(root / SOCKET_NAME) as name:
        async with (
            ClientSession(
                connector=UnixConnector(name),
                timeout=ClientTimeout(total=None),
                read_bufsize=2**26,
            ) as session,
            session.post("http://admin/", data=msgspec.json.encode(act)) as response,
        ):
            if not response.ok:
                raise AdminError(
                    f"The server does not know this command ({response.status}): it is of "
                    "another version."
                )
            yield response.content
