"""Sessions: hello, create, prove, enter, leave, events."""

from __future__ import annotations

import asyncio
import secrets
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sharethings.crypto.fingerprint import make_signature
from sharethings.protocol import requests
from sharethings.protocol.announcements import ContentsCleared, EventSent, MemberJoined, MemberLeft
from sharethings.protocol.errors import (
    InvalidRequestError,
    IterationsRefusedError,
    LimitReachedError,
    NotJoinedError,
    SuiteUnknownError,
    ThrottledError,
    WrongPassphraseError,
)
from sharethings.protocol.ids import decode_bytes, encode_bytes
from tests.programs import wait_until
from tests.unit.core.house import (
    ADDRESS,
    House,
    Passphrase,
    a_share,
    an_inline,
    forget,
    share_whole,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sharethings.records import Member
    from sharethings.storage.database import Connection


def an_event(member: Member, kind: int = 0x20, **changes: bytes) -> str:
    """Give bytes that look like a sealed event of a member."""
    author = changes.get("author", bytes.fromhex(member.member_id))
    head = changes.get("magic", b"ST\x01") + bytes([kind]) + author
    return encode_bytes(head + secrets.token_bytes(8 + 40))


async def test_hello_tells_what_the_derivation_needs(house: House):
    passphrase = await house.create()
    request = requests.SessionHello(
        session_id=passphrase.session_id, client_nonce=encode_bytes(bytes(32))
    )
    challenge, hello = await house.core.sessions.hello(request)
    assert (hello.exists, hello.suite, hello.iterations) == (True, 1, 600_000)
    assert decode_bytes(hello.server_nonce) == challenge.server_nonce
    unknown = requests.SessionHello(session_id="ab" * 32, client_nonce=encode_bytes(bytes(32)))
    _, hello = await house.core.sessions.hello(unknown)
    assert (hello.exists, hello.salt, hello.fingerprint_iv) == (False, None, None)


async def test_a_session_is_created_once(house: House):
    passphrase = await house.create()
    other = Passphrase(session_id=passphrase.session_id)
    assert not (await house.core.sessions.create(other.creation(), ADDRESS)).created
    assert (await house.prove(passphrase)).member.session_id == passphrase.session_id
    with pytest.raises(WrongPassphraseError):
        await house.prove(other)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"suite": 2}, SuiteUnknownError),
        ({"iterations": 599_999}, IterationsRefusedError),
        ({"iterations": 10_000_001}, IterationsRefusedError),
    ],
)
async def test_weak_terms_are_refused(
    house: House, changes: dict[str, int], error: type[Exception]
):
    with pytest.raises(error):
        await house.create(**changes)


async def test_of_two_who_create_at_once_one_does(house: House):
    first = Passphrase()
    both = [first, Passphrase(session_id=first.session_id)]
    begun, held = threading.Event(), threading.Event()

    def hold(_: Connection) -> None:
        begun.set()
        held.wait()

    holding = asyncio.create_task(house.store.database.write(hold))
    await asyncio.to_thread(begun.wait)
    creating = [
        asyncio.create_task(house.core.sessions.create(one.creation(), ADDRESS)) for one in both
    ]
    await asyncio.to_thread(
        wait_until, lambda: house.store.database._orders.qsize() == 2, "both have found none"
    )
    held.set()
    await holding
    assert sorted(end.created for end in await asyncio.gather(*creating)) == [False, True]


async def test_an_address_creates_so_many_sessions_an_hour(tmp_path: Path):
    async with House(tmp_path / "data", creations_per_hour=2) as house:
        first = await house.create()
        await house.create()
        with pytest.raises(ThrottledError, match="created 2 sessions this hour"):
            await house.create()
        assert not (await house.core.sessions.create(first.creation(), ADDRESS)).created
        assert (await house.core.sessions.create(Passphrase().creation(), "192.0.2.2")).created


async def test_a_guest_is_signed_to_and_enters(house: House):
    passphrase = await house.create()
    challenge = await house.challenge(passphrase)
    guest = await house.prove(passphrase, challenge)
    assert house.told.events() == []
    joined = await house.core.sessions.enter(guest, None)
    proof_sig = decode_bytes(joined.sig)
    assert proof_sig == guest.sig
    assert len(proof_sig) == len(make_signature(bytes(32), b"", b"", b"", b""))
    assert house.core.tokens.resolve(joined.token) == guest.member
    assert [one.member_id for one in joined.page.members] == [guest.member.member_id]
    assert house.told.events() == ["member:joined"]


async def test_a_challenge_is_of_one_session_and_of_60_seconds(house: House):
    passphrase, other = await house.create(), await house.create()
    with pytest.raises(InvalidRequestError, match="session:hello"):
        await house.prove(passphrase, replace(await house.challenge(passphrase), session_id="0"))
    request = requests.SessionJoin(
        session_id=passphrase.session_id, proof=encode_bytes(bytes(32)), member_id="ab" * 16
    )
    with pytest.raises(InvalidRequestError):
        await house.core.sessions.prove(request, None, ADDRESS)
    with pytest.raises(InvalidRequestError):
        await house.prove(passphrase, await house.challenge(other))
    challenge = await house.challenge(passphrase)
    house.hands.seconds += 59
    assert await house.prove(passphrase, challenge)
    house.hands.seconds += 1
    with pytest.raises(InvalidRequestError):
        await house.prove(passphrase, challenge)


async def test_wrong_passphrases_wait_and_an_unknown_session_is_one(tmp_path: Path):
    async with House(tmp_path / "data", join_failures_count=2) as house:
        passphrase = await house.create()
        for wrong in (Passphrase(session_id=passphrase.session_id), Passphrase()):
            for _ in range(2):
                with pytest.raises(WrongPassphraseError):
                    await house.prove(wrong)
            with pytest.raises(ThrottledError):
                await house.prove(wrong)
        house.hands.seconds += 2
        assert await house.prove(passphrase)


async def test_a_session_holds_so_many_members(tmp_path: Path):
    async with House(tmp_path / "data", members_per_session=2) as house:
        passphrase = await house.create()
        tia, _ = await house.join(passphrase)
        twin = await house.prove(passphrase, member_id=tia.member_id)
        with pytest.raises(InvalidRequestError, match="member_id: in use"):
            await house.core.sessions.enter(twin, None)
        await house.join(passphrase)
        with pytest.raises(LimitReachedError, match="already has 2 members"):
            await house.join(passphrase)
        await house.core.sessions.leave(tia)
        await house.join(passphrase)


async def test_who_cannot_enter_is_not_there(house: House):
    passphrase = await house.create()
    guest = await house.prove(passphrase)
    await forget(house, passphrase.session_id)
    with pytest.raises(NotJoinedError):
        await house.core.sessions.enter(guest, None)
    assert house.told.events() == []
    with pytest.raises(NotJoinedError):
        await house.core.sessions.list_contents(guest.member)


async def test_members_come_and_go_with_gapless_revisions(house: House):
    passphrase = await house.create()
    tia, joined = await house.join(passphrase)
    ada, _ = await house.join(passphrase)
    await house.core.sessions.leave(ada)
    await house.core.sessions.leave(ada)
    await house.core.contents.clear(tia)
    told = [announcement for _, announcement, _ in house.told.all]
    assert [type(one) for one in told] == [MemberJoined, MemberJoined, MemberLeft, ContentsCleared]
    assert [one.revision for one in told] == [1, 2, 3, 4]  # type: ignore[attr-defined]
    assert joined.page.revision == 1


async def test_events_go_to_the_others_and_the_kept_ones_to_who_comes(house: House):
    passphrase = await house.create()
    tia, _ = await house.join(passphrase)
    house.told.events()
    passing, first, second = an_event(tia), an_event(tia, 0x21), an_event(tia, 0x21)
    for sealed, sort in ((passing, None), (first, "profile"), (second, "profile")):
        await house.core.sessions.send_event(tia, requests.EventSend(sealed=sealed, sort=sort))
    assert house.told.all == [
        (tia.session_id, EventSent(member_id=tia.member_id, sealed=sealed), tia.member_id)
        for sealed in (passing, first, second)
    ]
    _, joined = await house.join(passphrase)
    assert [one.events for one in joined.page.members] == [[second], []]


async def test_foreign_and_strange_events_are_refused(house: House):
    tia = await house.member()
    sorts = [f"sort{letter}" for letter in "abcdefghi"]
    for sort in sorts[:8]:
        request = requests.EventSend(sealed=an_event(tia, 0x21), sort=sort)
        await house.core.sessions.send_event(tia, request)
    cases: list[tuple[str, str | None, type[Exception], str]] = [
        (an_event(tia, magic=b"ST\x02"), None, InvalidRequestError, "not a sealed event"),
        (an_event(tia, 0x11), None, InvalidRequestError, "not a sealed event"),
        (encode_bytes(b"ST\x01\x20"), None, InvalidRequestError, "not a sealed event"),
        (an_event(tia, author=bytes(16)), None, InvalidRequestError, "another member's"),
        (an_event(tia, 0x21), None, InvalidRequestError, "sort"),
        (an_event(tia), "profile", InvalidRequestError, "sort"),
        (an_event(tia, 0x21), sorts[8], LimitReachedError, "at most 8 sorts"),
    ]
    for strange, kept_as, error, said in cases:
        request = requests.EventSend(sealed=strange, sort=kept_as)
        with pytest.raises(error, match=said):
            await house.core.sessions.send_event(tia, request)
    await house.core.sessions.leave(tia)
    house.told.events()
    late = requests.EventSend(sealed=an_event(tia, 0x21), sort="profile")
    await house.core.sessions.send_event(tia, late)
    assert house.told.events() == ["event:sent"]


async def test_a_rejoin_gets_what_changed_since(house: House):
    passphrase = await house.create()
    tia, _ = await house.join(passphrase)
    first, _ = await share_whole(house, tia)
    known = (await house.core.sessions.list_contents(tia)).revision
    second = a_share()
    await house.core.sharing.share(tia, second)
    await house.core.contents.remove(tia, first.content_id)
    _, joined = await house.join(passphrase, since=known)
    assert [one.content_id for one in joined.page.contents] == [second.content_id]
    assert (joined.page.removed, joined.page.reset) == ([first.content_id], False)
    await house.core.contents.clear(tia)
    _, joined = await house.join(passphrase, since=known)
    assert (joined.page.contents, joined.page.reset) == ([], True)
    _, joined = await house.join(passphrase, since=10**6)
    assert joined.page.reset


async def test_a_listing_goes_back_page_by_page(house: House):
    tia = await house.member()
    shared = [an_inline() for _ in range(5)]
    for request in shared:
        await house.core.sharing.share(tia, request)
    before, found = None, []
    while True:
        page = await house.core.sessions.list_contents(tia, before=before, limit=2)
        found += [one.content_id for one in page.contents]
        before = page.contents[-1].position
        if not page.more:
            break
    assert found == [request.content_id for request in reversed(shared)]


async def test_changes_come_in_parts_that_miss_nothing(house: House):
    tia = await house.member()
    shared = [an_inline() for _ in range(7)]
    for request in shared:
        await house.core.sharing.share(tia, request)
    for request in shared[:3]:
        await house.core.contents.remove(tia, request.content_id)
    since, left, removed = 1, [], []
    while True:
        page = await house.core.sessions.list_contents(tia, since=since, limit=2)
        assert page.through > since or not page.more
        since = page.through
        left += [one.content_id for one in page.contents]
        removed += page.removed
        if not page.more:
            break
    assert since == page.revision
    assert left == [request.content_id for request in shared[3:]]
    assert removed == [request.content_id for request in shared[:3]]
