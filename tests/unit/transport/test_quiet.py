"""Which connections are idle: neither heard nor told anything for so long."""

from __future__ import annotations

from sharethings.config import load_settings
from sharethings.core.throttle import Pace
from sharethings.core.tokens import Tokens
from sharethings.records import Member
from sharethings.transport.socket.connections import Connection, Connections
from tests.unit.core.house import ADDRESS, Hands


def joined(connections: Connections, name: str, session_id: str, hands: Hands) -> Connection:
    """Open a connection and let it join."""
    clock = hands.clock()
    connection = Connection(name, ADDRESS, Pace(1, 1, clock), heard_at=clock.monotonic())
    connections.open(connection)
    connection.member = Member(session_id, name, 0, ADDRESS)
    connections.enter(connection)
    return connection


def test_who_is_heard_or_told_something_is_not_quiet():
    hands = Hands()
    connections = Connections(load_settings(), hands.clock())
    connections.open(Connection("unjoined", ADDRESS, Pace(1, 1, hands.clock())))
    zoe, ada = (joined(connections, name, "garden", hands) for name in ("zoe", "ada"))
    bob = joined(connections, "bob", "cellar", hands)
    begun = hands.seconds
    assert connections.quiet_since(begun - 1) == []
    assert connections.quiet_since(begun) == [zoe, ada, bob]
    hands.seconds += 10
    zoe.heard_at = hands.seconds
    assert connections.quiet_since(begun) == [ada, bob]
    connections.note_told("garden")
    connections.note_told("nobody is here")
    assert connections.quiet_since(begun) == [bob]
    hands.seconds += 10
    assert connections.quiet_since(begun + 10) == [zoe, ada, bob]
    for connection in (zoe, ada):
        connections.close(connection.eio_sid)
    assert connections.quiet_since(begun + 10) == [bob]


def test_a_token_knows_when_it_was_used():
    hands = Hands()
    tokens = Tokens(hands.clock())
    token = tokens.mint(Member("garden", "zoe", 0, ADDRESS))
    begun = hands.seconds
    hands.seconds += 10
    assert tokens.used_at(token) == begun
    tokens.resolve(token)
    assert tokens.used_at(token) == begun + 10
    tokens.revoke(token)
    assert tokens.used_at(token) < begun
