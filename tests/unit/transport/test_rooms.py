"""Who is in which session, and what that holds."""

from __future__ import annotations

import pytest
from aiohttp import web

from sharethings.config import load_settings
from sharethings.transport.socket.engine import make_server
from sharethings.transport.socket.rooms import Rooms


@pytest.fixture
def rooms() -> Rooms:
    """The rooms of a server that nobody has come to."""
    server = make_server(web.Application(), load_settings())
    server.manager.set_server(server)
    assert isinstance(server.manager, Rooms)
    return server.manager


async def enter(rooms: Rooms, name: str, session_id: str) -> str:
    """Let a connection into a session."""
    sid = await rooms.connect(name, "/")  # type: ignore[no-untyped-call]
    await rooms.enter_room(sid, "/", session_id)  # type: ignore[no-untyped-call]
    return str(sid)


async def test_a_client_is_in_the_room_of_all_and_in_its_session(rooms: Rooms):
    zoe, ben = [await enter(rooms, name, "garden") for name in ("zoe", "ben")]
    assert set(rooms.rooms["/"]) == {None, "garden"}
    assert dict(rooms.get_participants("/", "garden")) == {zoe: "zoe", ben: "ben"}  # type: ignore[no-untyped-call]
    assert rooms.sid_from_eio_sid("zoe", "/") == zoe  # type: ignore[no-untyped-call]


async def test_nothing_is_left_of_who_has_gone(rooms: Rooms):
    zoe, ben = [await enter(rooms, name, "garden") for name in ("zoe", "ben")]
    await rooms.leave_room(zoe, "/", "garden")  # type: ignore[no-untyped-call]
    for sid in (zoe, ben):
        assert rooms.is_connected(sid, "/")  # type: ignore[no-untyped-call]
        rooms.pre_disconnect(sid, "/")  # type: ignore[no-untyped-call]
        assert not rooms.is_connected(sid, "/")  # type: ignore[no-untyped-call]
        await rooms.disconnect(sid, "/")  # type: ignore[no-untyped-call]
    assert (rooms.rooms, rooms._session_ids) == ({}, {})
    assert not any(rooms.pending_disconnect.values())


async def test_who_leaves_is_not_looked_for_in_all_sessions(rooms: Rooms):
    class Closed(dict[str, str]):
        def __contains__(self, sid: object) -> bool:
            raise AssertionError(sid)

    zoe = await enter(rooms, "zoe", "garden")
    rooms.rooms["/"]["attic"] = Closed()
    await rooms.disconnect(zoe, "/")  # type: ignore[no-untyped-call]
    assert set(rooms.rooms["/"]) == {"attic"}
