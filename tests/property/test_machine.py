"""The rules against a small model: whatever members do in whatever order, they find what it says.

The store is real; it is swept, its clock turned, and it is opened again between any two steps.
"""

from __future__ import annotations

import asyncio
import math
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings, strategies
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)

from sharethings.protocol import requests
from sharethings.protocol.errors import ChunksMissingError, ContentConflictError
from tests.fault.wholeness import check_whole
from tests.unit.core.house import (
    House,
    a_completion,
    a_manifest,
    a_share,
    an_inline,
    chunks_of,
    put,
    share_whole,
)

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from sharethings.records import Member

SIZES = (0, 20_000, 40_000)
LIFETIMES = (None, 600, 7200)
PAUSES = (0, 1, 599, 600, 899, 900, 1800, 7200)
STEPS = (-7200, 61, 1800, 172_800)
AHEAD_SECONDS = 10_000_000
"""So that the clock can be set back at every step, and it is still after 1970."""
IDLE_SECONDS = 900
GIVEN_UP_SECONDS = 1800
LIMITS = {
    "creations_per_hour": 1000,
    "unfinished_uploads_count": 1000,
    "unfinished_seconds": GIVEN_UP_SECONDS,
}


@dataclass
class Known:
    """What the model knows of a content."""

    request: requests.ContentShare
    chunks: list[bytes]
    touched_at: float
    expires_at: float
    stored: set[int] = field(default_factory=set)
    is_complete: bool = False
    is_pinned: bool = False
    manifest: str = ""
    manifest_revision: int = 1

    def is_due(self, now: float) -> bool:
        """Say whether a sweep takes it away."""
        is_given_up = not self.is_complete and self.touched_at + GIVEN_UP_SECONDS <= now
        return is_given_up or (self.expires_at <= now and not self.is_pinned)


class Machine(RuleBasedStateMachine):
    """One session with one member, and others that are left at once."""

    contents = Bundle("contents")

    def __init__(self) -> None:
        """Open a fresh store."""
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory(dir="/dev/shm")
        self.model: dict[str, Known] = {}
        self.left: dict[str, float] = {}  # sessions that nobody is in, and when they expire
        self.made: list[str] = []
        self.house = House(Path(self.folder.name), **LIMITS)
        self.house.hands.ahead = AHEAD_SECONDS
        self.run(self.house.__aenter__())
        self.passphrase = self.run(self.house.create())
        self.member: Member = self.run(self.house.join(self.passphrase))[0]

    def run(self, act: Coroutine[Any, Any, Any]) -> Any:
        """Wait for a coroutine."""
        return self.loop.run_until_complete(asyncio.wait_for(act, 60))

    @property
    def now(self) -> float:
        """The time in seconds, by the wall clock."""
        return self.house.hands.seconds + self.house.hands.ahead

    def begin(self, request: requests.ContentShare, chunks: list[bytes], **more: Any) -> str:
        """Share, and note it."""
        self.run(self.house.core.sharing.share(self.member, request))
        expires_at = self.now + (request.lifetime_seconds or math.inf)
        known = Known(request, chunks, self.now, expires_at, manifest=request.manifest, **more)
        self.model[request.content_id] = known
        return request.content_id

    @rule(
        target=contents,
        size=strategies.sampled_from(SIZES),
        lifetime=strategies.sampled_from(LIFETIMES),
    )
    def share(self, size: int, lifetime: int | None) -> str:
        request = a_share(size, lifetime_seconds=lifetime)
        return self.begin(request, chunks_of(request))

    @rule(target=contents, lifetime=strategies.sampled_from(LIFETIMES))
    def share_whole(self, lifetime: int | None) -> str:
        request = an_inline(lifetime_seconds=lifetime)
        return self.begin(request, [], stored={0}, is_complete=True)

    @rule()
    def leave_a_session(self) -> None:
        passphrase = self.run(self.house.create(idle_seconds=IDLE_SECONDS))
        member, _ = self.run(self.house.join(passphrase))
        self.run(share_whole(self.house, member))
        self.run(self.house.core.sessions.leave(member))
        self.made.append(passphrase.session_id)
        self.left[passphrase.session_id] = self.now + IDLE_SECONDS

    def known(self, content_id: str) -> Known | None:
        """Give what the model knows; None when it was cleared or has gone by itself."""
        return self.model.get(content_id)

    @rule(content_id=contents, index=strategies.integers(0, 2))
    def put_chunk(self, content_id: str, index: int) -> None:
        known = self.known(content_id)
        if known is None or index >= len(known.chunks):
            return
        chunk = known.chunks[index]
        is_new, _ = self.run(put(self.house.core.chunks, self.member, content_id, index, chunk))
        assert is_new == (index not in known.stored)
        if is_new:
            known.stored.add(index)
            known.touched_at = self.now

    @rule(content_id=contents)
    def complete(self, content_id: str) -> None:
        known = self.known(content_id)
        if known is None or not known.chunks:
            return
        request = a_completion(known.request)
        act = self.house.core.contents.complete(self.member, request)
        if len(known.stored) < len(known.chunks):
            with pytest.raises(ChunksMissingError):
                self.run(act)
        elif known.is_complete:
            with pytest.raises(ContentConflictError):
                self.run(act)
        else:
            self.run(act)
            known.is_complete = True
            known.manifest, known.manifest_revision = request.manifest, 2

    @rule(content_id=contents)
    def rename(self, content_id: str) -> None:
        known = self.known(content_id)
        if known is None:
            return
        manifest = a_manifest(known.manifest_revision + 1)
        request = requests.ContentRename(content_id=content_id, manifest=manifest)
        act = self.house.core.contents.rename(self.member, request)
        if not known.is_complete:
            with pytest.raises(ContentConflictError):
                self.run(act)
            return
        self.run(act)
        known.manifest, known.manifest_revision = manifest, known.manifest_revision + 1

    @rule(content_id=contents, pinned=strategies.booleans())
    def pin(self, content_id: str, pinned: bool) -> None:
        known = self.known(content_id)
        if known is not None:
            request = requests.ContentPin(content_id=content_id, pinned=pinned)
            self.run(self.house.core.contents.pin(self.member, request))
            known.is_pinned = pinned

    @rule(content_id=consumes(contents))
    def remove(self, content_id: str) -> None:
        if self.model.pop(content_id, None) is not None:
            self.run(self.house.core.contents.remove(self.member, content_id))

    @rule(target=contents, content_id=consumes(contents))
    def share_again_what_was_removed(self, content_id: str) -> str:
        """The same bytes as another content: none of them are there any more."""
        known = self.known(content_id)
        self.remove(content_id)
        if known is None or not known.chunks:
            return content_id
        was = known.request
        cut: dict[str, Any] = {"chunk_count": was.chunk_count, "total_size": was.total_size}
        return self.begin(a_share(blob_id=was.blob_id, **cut), known.chunks)

    @rule()
    def clear(self) -> None:
        self.run(self.house.core.contents.clear(self.member))
        self.model.clear()

    @rule(seconds=strategies.sampled_from(PAUSES), is_swept=strategies.booleans())
    def pass_time(self, seconds: int, is_swept: bool) -> None:
        self.house.hands.seconds += seconds
        if is_swept:
            self.run(self.house.core.sweeper.sweep())
            now = self.now
            self.model = {one: known for one, known in self.model.items() if not known.is_due(now)}
            self.left = {one: ends_at for one, ends_at in self.left.items() if ends_at > now}

    @rule(seconds=strategies.sampled_from(STEPS))
    def set_the_clock(self, seconds: int) -> None:
        """Only what was promised to go at a time goes; the rest has its full time."""
        self.house.hands.ahead += seconds
        self.run(self.house.core.sweeper.sweep())
        self.give_full_time()
        self.model = {one: known for one, known in self.model.items() if not known.is_due(self.now)}

    def give_full_time(self) -> None:
        """Note that what nobody was near of is as if somebody had just been."""
        self.left = dict.fromkeys(self.left, self.now + IDLE_SECONDS)
        for known in self.model.values():
            known.touched_at = self.now

    @rule()
    def restart(self) -> None:
        """Close it and open it again: files and rows agree, sessions have their full time."""
        hands = self.house.hands
        self.run(self.house.__aexit__())
        self.house = House(Path(self.folder.name), **LIMITS)
        self.house.hands = hands
        self.run(self.house.__aenter__())
        self.run(self.house.store.collector.collect())
        check_whole(Path(self.folder.name))
        self.run(self.house.core.endings.refresh())
        self.give_full_time()
        self.member = self.run(self.house.join(self.passphrase))[0]

    @invariant()
    def members_find_what_the_model_says(self) -> None:
        page = self.run(self.house.core.sessions.list_contents(self.member))
        found = {
            content.content_id: (
                content.state == "complete",
                content.pinned,
                content.manifest,
                content.stored_count,
            )
            for content in page.contents
        }
        assert found == {
            content_id: (known.is_complete, known.is_pinned, known.manifest, len(known.stored))
            for content_id, known in self.model.items()
        }

    @invariant()
    def sessions_are_there_until_their_time_is_over(self) -> None:
        for session_id in self.made:
            assert self.run(self.exists(session_id)) == (session_id in self.left)

    async def exists(self, session_id: str) -> bool:
        """Say hello."""
        hello = requests.SessionHello(session_id=session_id, client_nonce="A" * 43)
        return (await self.house.core.sessions.hello(hello))[1].exists

    def teardown(self) -> None:
        """Close it."""
        self.run(self.house.__aexit__())
        self.loop.close()
        self.folder.cleanup()


def test_members_find_what_the_model_says(is_long: bool):
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=500 if is_long else 40,
            stateful_step_count=50 if is_long else 25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
