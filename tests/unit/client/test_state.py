"""What a member knows of a session, under announcements in and out of order."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharethings.client.contents import Content, Unreadable
from sharethings.client.errors import RolledBackError
from sharethings.client.state import State
from sharethings.protocol.announcements import (
    ContentChanged,
    ContentProgressed,
    ContentRemoved,
    ContentsCleared,
    EventSent,
    MemberJoined,
    MemberLeft,
)
from sharethings.protocol.replies import Member
from tests.unit.client.place import ADA, ME, enter, make_keys, names, page, row

if TYPE_CHECKING:
    from sharethings.client.keys import SessionKeys


@pytest.fixture(scope="module")
def keys() -> SessionKeys:
    return make_keys()


def test_announcements_in_order_are_applied(keys: SessionKeys):
    state = State(keys)
    state.take_page(page(4, row(keys, 1, 4, "a")), since=False)
    assert state.apply(ContentChanged(revision=5, content=row(keys, 2, 5, "b")))
    assert state.apply(ContentChanged(revision=6, content=row(keys, 1, 6, "renamed")))
    assert (names(state), state.revision) == (["renamed", "b"], 6)
    assert state.apply(ContentRemoved(revision=7, content_ids=[f"{1:032x}"], reason="removed"))
    assert (names(state), state.revision) == (["b"], 7)
    assert state.apply(ContentsCleared(revision=8, reason="cleared"))
    assert (names(state), state.revision) == ([], 8)


def test_a_skipped_revision_asks_for_a_listing_and_changes_nothing(keys: SessionKeys):
    state = State(keys)
    state.take_page(page(4), since=False)
    assert not state.apply(ContentChanged(revision=6, content=row(keys, 2, 6, "b")))
    assert (names(state), state.revision) == ([], 4)
    state.take_page(page(6, row(keys, 2, 6, "b")), since=True)
    assert (names(state), state.revision) == (["b"], 6)


def test_what_is_known_already_is_ignored(keys: SessionKeys):
    state = State(keys)
    state.take_page(page(9, row(keys, 1, 9, "new")), since=False)
    assert state.apply(ContentChanged(revision=8, content=row(keys, 1, 8, "old")))
    assert state.apply(ContentsCleared(revision=9, reason="cleared"))
    assert (names(state), state.revision) == (["new"], 9)


def test_a_late_page_does_not_bring_back_what_was_removed(keys: SessionKeys):
    state = State(keys)
    late = page(4, row(keys, 1, 4))
    state.take_page(late, since=False)
    state.apply(ContentRemoved(revision=5, content_ids=[f"{1:032x}"], reason="expired"))
    state.take_page(late, since=False)
    assert (names(state), state.revision) == ([], 5)


def test_a_reset_forgets_what_was_known(keys: SessionKeys):
    state = State(keys)
    state.take_page(page(4, row(keys, 1, 4, "gone")), since=False)
    state.apply(ContentRemoved(revision=5, content_ids=[f"{1:032x}"], reason="removed"))
    state.take_page(page(90, row(keys, 7, 90, "kept"), reset=True), since=True)
    assert (names(state), state.revision) == (["kept"], 90)
    state.take_page(page(90, row(keys, 1, 4, "restored")), since=False)
    assert names(state) == ["restored", "kept"]


def test_older_pages_do_not_move_the_revision(keys: SessionKeys):
    state = State(keys)
    state.take_page(page(9, row(keys, 5, 9, "newest")), since=False)
    state.take_page(page(12, row(keys, 1, 2, "oldest")), since=False)
    assert (names(state), state.revision) == (["oldest", "newest"], 9)


@given(st.permutations(range(3, 9)))
def test_any_order_of_versions_ends_in_the_newest(keys: SessionKeys, order: list[int]):
    state = State(keys)
    for revision in order:
        state.take_page(page(revision, row(keys, 1, revision, f"v{revision}")), since=False)
    assert names(state) == ["v8"]


def test_a_content_that_cannot_be_opened_is_listed(keys: SessionKeys):
    state = State(keys)
    good = row(keys, 1, 1)
    swapped = msgspec.structs.replace(good, content_id=f"{2:032x}", position=2)
    torn = msgspec.structs.replace(good, content_id=f"{3:032x}", position=3, manifest="AAAA")
    state.take_page(page(3, good, swapped, torn), since=False)
    kinds = [type(one) for one in state.ordered()]
    assert kinds == [Content, Unreadable, Unreadable]


def test_members_come_and_go_with_their_names(keys: SessionKeys):
    state = State(keys)
    ada = enter(keys, ADA)
    profile = ada.seal_event({"t": "profile", "name": "Ada"}, kept=True)
    noise = ada.seal_event({"t": "pointer", "name": "x"}, kept=True)
    state.take_page(page(1), since=False)
    revisions = itertools.count(2)
    joined = Member(member_id=ADA, joined_at=1)
    assert state.apply(MemberJoined(revision=next(revisions), member=joined))
    assert state.members == {ADA: None}
    assert state.apply(EventSent(member_id=ADA, sealed=profile))
    assert state.apply(EventSent(member_id=ADA, sealed=noise))
    assert state.apply(EventSent(member_id=ME, sealed=profile)), "said by Ada, not by me"
    assert state.members == {ADA: "Ada"}
    assert state.apply(MemberLeft(revision=next(revisions), member_id=ADA))
    assert state.members == {}
    known = msgspec.structs.replace(joined, events=[noise, profile])
    state.take_page(page(3, members=[known]), since=True)
    assert state.members == {ADA: "Ada"}


def test_an_old_profile_does_not_come_back(keys: SessionKeys):
    state = State(keys)
    ada = enter(keys, ADA)
    old, new = (ada.seal_event({"t": "profile", "name": name}, kept=True) for name in ("A", "Ada"))
    known = Member(member_id=ADA, joined_at=1, events=[old])
    state.take_page(page(1, members=[known]), since=False)
    assert state.members == {ADA: "A"}
    state.apply(EventSent(member_id=ADA, sealed=new))
    state.apply(EventSent(member_id=ADA, sealed=old))
    assert state.members == {ADA: "Ada"}
    state.take_page(page(2, members=[known]), since=True)
    assert state.members == {ADA: "Ada"}
    state.apply(MemberLeft(revision=3, member_id=ADA))
    state.apply(MemberJoined(revision=4, member=known))
    assert state.members == {ADA: "Ada"}


def manifests_after(state: State, *manifest_revisions: int) -> list[str]:
    """Give a content's name after rows with manifests of these revisions, each row newer."""
    for manifest_revision in manifest_revisions:
        revision = 1 + (state.revision or 0)
        version = row(state.keys, 1, revision, f"v{manifest_revision}", manifest_revision)
        if state.revision is None:
            state.take_page(page(revision, version), since=False)
        else:
            assert state.apply(ContentChanged(revision=revision, content=version))
    return names(state)


def test_a_manifest_never_goes_back(keys: SessionKeys):
    state = State(keys)
    assert manifests_after(state, 1, 3, 3) == ["v3"]
    assert manifests_after(state, 2) == []
    (refused,) = state.contents.values()
    assert isinstance(refused, Unreadable)
    assert refused.reason is RolledBackError
    assert manifests_after(state, 2) == [], "it is refused again"
    state.take_page(page(90, row(keys, 1, 90, "v1"), reset=True), since=True)
    assert names(state) == []
    assert manifests_after(state, 3) == ["v3"]


def test_why_a_content_is_gone_is_known(keys: SessionKeys):
    state = State(keys)
    state.take_page(page(3, *(row(keys, number, number) for number in (1, 2, 3))), since=False)
    one, two, three = state.contents
    state.apply(ContentRemoved(revision=4, content_ids=[one], reason="expired"))
    state.apply(ContentsCleared(revision=5, reason="cleared"))
    assert state.removed == {one: "expired", two: "cleared", three: "cleared"}
    state.take_page(page(6, removed=[one, "ab" * 16]), since=True)
    assert state.removed[one] == "expired"
    assert state.removed["ab" * 16] is None


def test_progress_is_counted(keys: SessionKeys):
    state = State(keys)
    state.take_page(page(1, row(keys, 1, 1)), since=False)
    (content_id,) = state.contents
    progress = ContentProgressed(content_id=content_id, stored_count=2, stored_bytes=9)
    assert state.apply(progress)
    assert state.contents[content_id].row.stored_count == 2
    assert state.contents[content_id].row.stored_bytes == 9
    assert (names(state), state.revision) == (["plan.txt"], 1)


def test_progress_is_no_change(keys: SessionKeys):
    state = State(keys)
    state.take_page(page(1), since=False)
    progress = ContentProgressed(content_id="0" * 32, stored_count=1, stored_bytes=5)
    assert state.apply(progress)
    assert (state.revision, state.contents) == (1, {})
