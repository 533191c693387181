"""The small parts of the rules: tokens, throttles, presence, space, collector, verifier."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from sharethings.config import load_settings
from sharethings.core import collector as collector_module
from sharethings.core import throttle, verifier
from sharethings.core.clock import Clock
from sharethings.core.presence import Presence
from sharethings.core.tokens import GRACE_SECONDS, LIFETIME_SECONDS, Tokens
from sharethings.core.views import view_page
from sharethings.crypto import fingerprint
from sharethings.protocol.errors import NotJoinedError, StorageFullError, ThrottledError
from sharethings.protocol.ids import encode_bytes
from sharethings.protocol.limits import PAGE_BYTES_MAX
from sharethings.records import Changes, Member
from tests.programs import wait_until
from tests.rows import a_content
from tests.unit.core.house import Hands, House, share_whole

if TYPE_CHECKING:
    from pathlib import Path


def a_member() -> Member:
    """Give a member of some session."""
    return Member("ab" * 32, secrets.token_hex(16), 0, "192.0.2.1")


def test_the_clock_tells_milliseconds_and_goes_on():
    clock = Clock()
    assert clock.now_ms() > 1_700_000_000_000
    assert clock.monotonic() <= clock.monotonic()


def test_a_token_ends_with_its_connection_its_time_or_its_member():
    hands = Hands()
    tokens = Tokens(hands.clock())
    tia, ada, eva = a_member(), a_member(), a_member()
    kept, released, revoked = tokens.mint(tia), tokens.mint(ada), tokens.mint(eva)
    tokens.release(released)
    tokens.revoke(revoked)
    tokens.revoke(revoked)
    tokens.release(revoked)
    hands.seconds += GRACE_SECONDS - 1
    assert [tokens.resolve(kept), tokens.resolve(released)] == [tia, ada]
    hands.seconds += 1
    for token in (released, revoked, "", "not base64", encode_bytes(bytes(32))):
        with pytest.raises(NotJoinedError):
            tokens.resolve(token)
    tokens.release(released)
    hands.seconds += LIFETIME_SECONDS - GRACE_SECONDS
    with pytest.raises(NotJoinedError):
        tokens.resolve(kept)
    tokens.release(kept)
    hands.seconds += GRACE_SECONDS
    tokens.mint(tia)
    assert len(tokens._entries) == 1


def test_a_token_costs_the_same_however_many_there_are():
    def cost(held: int) -> float:
        tokens = Tokens(Hands().clock())
        for _ in range(held):
            tokens.mint(tia)
        began = time.thread_time()
        for _ in range(100):
            tokens.mint(tia)
        return time.thread_time() - began

    tia = a_member()
    none = cost(0)
    assert cost(5000) < 20 * none


async def waits_of(joins: throttle.JoinThrottle, address: str, hands: Hands) -> int:
    """Try a wrong passphrase; gives the seconds that it had to wait before, 0 for none."""
    waited = 0
    try:
        await joins.admit(address, "s")
    except ThrottledError as error:
        waited = int(str(error.details["retry_after_seconds"]))
        hands.seconds += waited
        await joins.admit(address, "s")
    await joins.failed("s")
    return waited


async def test_wrong_passphrases_wait_twice_as_long_each_time():
    hands = Hands()
    joins = throttle.JoinThrottle(load_settings(join_failures_count=3), hands.clock())
    waits = [await waits_of(joins, "192.0.2.1", hands) for _ in range(15)]
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert await waits_of(joins, "192.0.2.2", hands) == 0
    hands.seconds += throttle.FORGET_SECONDS + 1
    assert [await waits_of(joins, "192.0.2.1", hands) for _ in range(4)] == [0, 0, 0, 1]
    hands.seconds += 2
    await joins.admit("192.0.2.1", "s")
    joins.succeeded("192.0.2.1", "s")
    assert await waits_of(joins, "192.0.2.1", hands) == 0


async def test_attempts_at_the_same_time_are_counted_before_they_are_judged():
    joins = throttle.JoinThrottle(load_settings(join_failures_count=3), Hands().clock())
    ends = await asyncio.gather(
        *(joins.admit("192.0.2.1", "s") for _ in range(20)), return_exceptions=True
    )
    assert [isinstance(end, ThrottledError) for end in ends] == [False] * 3 + [True] * 17


async def test_wrong_passphrases_from_everywhere_slow_a_session():
    hands = Hands()
    joins = throttle.JoinThrottle(load_settings(session_join_failures_per_hour=4), hands.clock())
    for number in range(4):
        assert await waits_of(joins, f"192.0.2.{number}", hands) == 0
    await joins.admit("198.51.100.1", "s")
    with pytest.raises(ThrottledError, match="Try again in 10 s"):
        await joins.admit("198.51.100.2", "s")
    await joins.admit("198.51.100.2", "another")


async def test_strangers_do_not_keep_a_member_from_coming_back():
    hands = Hands()
    joins = throttle.JoinThrottle(load_settings(session_join_failures_per_hour=4), hands.clock())
    joins.succeeded("192.0.2.1", "s")
    for _ in range(20):
        await joins.failed("s")
    await joins.admit("198.51.100.100", "s")
    with pytest.raises(ThrottledError):
        await joins.admit("198.51.100.101", "s")
    for _ in range(5):
        await joins.admit("192.0.2.1", "s")
    with pytest.raises(ThrottledError):
        await joins.admit("192.0.2.1", "s")


async def test_only_so_many_addresses_are_remembered(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(throttle, "REMEMBERED_COUNT", 10)
    joins = throttle.JoinThrottle(load_settings(), Hands().clock())
    for number in range(25):
        await joins.admit(f"192.0.2.{number}", "s")
    assert list(joins._pairs) == [(f"192.0.2.{number}", "s") for number in range(15, 25)]


def test_a_pace_allows_a_burst_and_then_a_rate():
    hands = Hands()
    pace = throttle.Pace(2, 3, hands.clock())
    assert pace.full
    assert [pace.take() for _ in range(4)] == [0, 0, 0, 0.5]
    assert not pace.full
    hands.seconds += 0.5
    assert [pace.take(), pace.take()] == [0, 0.5]
    hands.seconds += 60
    assert pace.full


def test_who_was_never_here_does_not_leave():
    presence = Presence(10)
    tia, ada = a_member(), a_member()
    presence.enter(tia)
    assert not presence.leave(ada)
    assert presence.leave(tia)
    assert not presence.leave(tia)
    assert presence.members(tia.session_id) == []


def test_presence_counts_the_members_of_all_sessions():
    presence = Presence(10)
    assert len(presence) == 0
    tia = a_member()
    for member in (tia, a_member(), a_member()):
        presence.enter(member)
    assert len(presence) == 3
    presence.leave(tia)
    assert len(presence) == 2


def test_the_server_knows_a_proof_and_signs_it():
    place, client, server = (secrets.token_bytes(32) for _ in range(3))
    keys = fingerprint.make_fingerprint(secrets.token_bytes(32), place, bytes(12))
    proof = fingerprint.make_proof(keys, place, client, server)
    assert verifier.verify_proof(keys.fingerprint_data, place, client, server, proof)
    for position in range(32):
        wrong = bytearray(proof)
        wrong[position] ^= 1
        assert not verifier.verify_proof(keys.fingerprint_data, place, client, server, bytes(wrong))
    assert not verifier.verify_proof(keys.fingerprint_data, place, server, client, proof)
    signed = verifier.sign(keys.server_key, place, client, server, proof)
    fingerprint.check_signature(
        fingerprint.make_signature(keys.server_key, place, client, server, proof), signed
    )


@pytest.mark.parametrize("by_revision", [True, False])
def test_a_page_that_would_be_too_large_is_cut_and_says_so(*, by_revision: bool):
    large = [a_content(revision, PAGE_BYTES_MAX // 2) for revision in (5, 6, 7)]
    page = view_page(Changes(9, 9, large), [], by_revision=by_revision)
    assert [one.revision for one in page.contents] == [5, 6]
    assert (page.more, page.through) == (True, 6 if by_revision else 9)
    small = view_page(Changes(9, 9, large[:1]), [], by_revision=by_revision)
    assert (small.more, small.through) == (False, 9)


async def until_gone(folder: Path) -> None:
    """Wait until the collector has taken a folder away."""
    await asyncio.to_thread(wait_until, lambda: not folder.exists(), f"{folder.name} is gone")


async def test_the_collector_tries_again_what_the_disk_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(collector_module, "RETRY_SECONDS", 0.01)
    async with House(tmp_path / "data") as house:
        tia = await house.member()
        request, _ = await share_whole(house, tia)
        folder = tmp_path / "data" / "sessions" / tia.session_id / request.content_id
        bury, tries = house.store.files.bury, []

        def refuse_once(session_id: str, blob_id: str) -> Path | None:
            tries.append(blob_id)
            if len(tries) == 1:
                raise PermissionError(13, "Permission denied")
            return bury(session_id, blob_id)

        monkeypatch.setattr(house.store.files, "bury", refuse_once)
        await house.core.contents.remove(tia, request.content_id)
        await until_gone(folder)
    assert tries == [request.content_id] * 2


async def test_what_was_not_taken_off_the_disk_goes_at_the_next_start(tmp_path: Path):
    async with House(tmp_path / "data") as house:
        await house.store.collector.stop()
        tia = await house.member()
        request, _ = await share_whole(house, tia)
        await house.core.contents.remove(tia, request.content_id)
    folder = tmp_path / "data" / "sessions" / tia.session_id / request.content_id
    assert folder.exists()
    async with House(tmp_path / "data"):
        await until_gone(folder)


async def test_a_collector_that_was_not_started_stops(house: House):
    await collector_module.Collector(house.store.database, house.store.files).stop()


async def test_a_full_disk_is_logged_once_a_minute(tmp_path: Path):
    async with House(tmp_path / "data", free_content_bytes=2**60) as house:
        with capture_logs() as logs:
            for _ in range(5):
                with pytest.raises(StorageFullError):
                    await house.core.space.check_content()
                house.hands.seconds += 20
            await house.core.space.check_chunk()
    assert [one["event"] for one in logs] == ["disk_full"] * 2
    assert all(one["needed_bytes"] == 2**60 for one in logs)
