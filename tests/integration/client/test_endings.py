"""A member of the client library whose connection or session ends by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sharethings.client.server import Server
from sharethings.client.session import Session
from sharethings.client.upload import share_text
from sharethings.protocol.errors import SessionNotFoundError
from tests.integration.client.members import PASSPHRASE, join, until
from tests.integration.inside import serve_inside

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import StartServer


async def test_a_member_whose_connection_was_idle_comes_back_without_a_word(server: StartServer):
    program = server(connection_idle_seconds=1, sweep_seconds=1)
    said: list[str] = []
    async with await join(program, say=said.append) as tia:
        first = tia.keys.member_id
        await until(tia, lambda: tia.keys.member_id != first)
        await share_text(tia, "hello")
        assert said == []


async def test_a_member_of_a_session_that_ended_is_told_why(tmp_path: Path):
    async with serve_inside(tmp_path / "data") as (url, core):
        place = Server.parse(url)
        async with await Session.open(place, "garden", "Tia", PASSPHRASE, create=True) as tia:
            await core.endings.end([tia.keys.session_id], "removed")
            await until(tia, lambda: tia.end is not None)
            with pytest.raises(SessionNotFoundError, match="removed by the operator"):
                await share_text(tia, "hello")
