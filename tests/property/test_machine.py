"""The rules against a small model: whatever members do in whatever order, they find what it says.

The store is real, its clock is turned, and it is closed and opened again between any two steps.
"""

from __future__ import annotations

import asyncio
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
from tests.fault.acts import check_whole
from tests.unit.core.house import (
    House,
    a_completion,
    a_manifest,
    a_share,
    an_inline,
    ask,
    chunks_of,
    put,
)

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from sharethings.records import Member

SIZES = (0, 20_000, 40_000)
SETTLE_SECONDS = 10.0


@dataclass
class Known:
    """What the model knows of a content."""

    request: requests.ContentShare
    chunks: list[bytes]
    stored: set[int] = field(default_factory=set)
    is_complete: bool = False
    is_pinned: bool = False
    manifest: str = ""
    manifest_revision: int = 1


class Machine(RuleBasedStateMachine):
    """One session, one member."""

    contents = Bundle("contents")

    def __init__(self) -> None:
        """Open a fresh store."""
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory(dir="/dev/shm")
        self.model: dict[str, Known] = {}
        self.house = House(Path(self.folder.name), unfinished_uploads_count=1000)
        self.run(self.house.__aenter__())
        self.passphrase = self.run(self.house.create())
        self.member: Member = self.run(self.house.join(self.passphrase))[0]

    def run(self, act: Coroutine[Any, Any, Any]) -> Any:
        """Wait for a coroutine."""
        return self.loop.run_until_complete(asyncio.wait_for(act, 60))

    @rule(target=contents, size=strategies.sampled_from(SIZES))
    def share(self, size: int) -> str:
        request = a_share(size)
        self.run(self.house.core.sharing.share(self.member, request))
        self.model[request.content_id] = Known(
            request, chunks_of(request), manifest=request.manifest
        )
        return request.content_id

    @rule(target=contents)
    def share_whole(self) -> str:
        request = an_inline()
        self.run(self.house.core.sharing.share(self.member, request))
        self.model[request.content_id] = Known(
            request, [], {0}, is_complete=True, manifest=request.manifest
        )
        return request.content_id

    def known(self, content_id: str) -> Known | None:
        """Give what the model knows; None when it was cleared."""
        return self.model.get(content_id)

    @rule(content_id=contents, index=strategies.integers(0, 2))
    def put_chunk(self, content_id: str, index: int) -> None:
        known = self.known(content_id)
        if known is None or index >= len(known.chunks):
            return
        chunk = known.chunks[index]
        is_new, _ = self.run(put(self.house.core.chunks, self.member, content_id, index, chunk))
        assert is_new == (index not in known.stored)
        known.stored.add(index)

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

    @rule()
    def clear(self) -> None:
        self.run(self.house.core.contents.clear(self.member))
        self.model.clear()

    @rule(seconds=strategies.integers(1, 3600))
    def turn_the_clock(self, seconds: int) -> None:
        self.house.hands.seconds += seconds

    @rule()
    def restart(self) -> None:
        """Close it and open it again: files and rows agree."""
        hands = self.house.hands
        self.run(self.house.__aexit__())
        self.house = House(Path(self.folder.name), unfinished_uploads_count=1000)
        self.house.hands = hands
        self.run(self.house.__aenter__())
        self.run(self.settle())
        check_whole(Path(self.folder.name))
        self.member = self.run(self.house.join(self.passphrase))[0]

    async def settle(self) -> None:
        """Wait until what was removed has left the disk."""
        async with asyncio.timeout(SETTLE_SECONDS):
            while await self.is_unsettled():  # noqa: ASYNC110 - the collector has no event
                await asyncio.sleep(0.002)

    async def is_unsettled(self) -> bool:
        return bool(await ask(self.house, "SELECT count(*) FROM gc")) or any(
            (Path(self.folder.name) / "trash").iterdir()
        )

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
