"""kill -9 at any moment under mixed load: everything acknowledged is there, and whole."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from sharethings.client.contents import Content
from sharethings.client.download import read_whole
from sharethings.client.server import Server as Place
from sharethings.client.session import Session
from sharethings.client.upload import share_file, share_text
from sharethings.protocol import replies, requests

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import StartServer
    from tests.programs import Server

MEMBERS_COUNT = 3
PINS_MAX = 3
ACTS_COUNT = 6
"""What is acknowledged between two kills at least; then it happens within KILL_SECONDS."""
KILL_SECONDS = 0.3
SECONDS = 60.0
PATIENCE_SECONDS = 600.0
SIZES = (20_000, 70_000, 400_000, 1_500_000)


async def join(server: Server, name: str) -> Session:
    place = Place.parse(server.url)
    return await Session.open(place, "Balcony garden", name, "correct-horse-battery", create=True)


@dataclass(frozen=True)
class Known:
    """What a member was told of a content of theirs."""

    digest: bytes
    is_pinned: bool = False


class Member:
    """Shares, pins and removes contents of their own, one act after the other."""

    def __init__(self, session: Session, files: list[Path], seed: int) -> None:
        self.session = session
        self.known: dict[str, Known] = {}
        self.removed: set[str] = set()
        self.uncertain: str | None = None
        self.acts_count = 0
        # A server that lives a second at a time can be missed for long: the waits double.
        session.patience_seconds = PATIENCE_SECONDS
        self._files = files
        self._random = random.Random(seed)  # noqa: S311 - which act comes next is no secret

    async def work(self) -> None:
        while True:
            chances = (self._text, self._file, self._file, self._pin, self._remove)
            await self._random.choice(chances)()
            self.uncertain = None
            self.acts_count += 1

    async def _text(self) -> None:
        text = "leaf " * self._random.choice((1, 100, 9_000))
        self.known[await share_text(self.session, text)] = Known(sha256(text.encode()).digest())

    async def _file(self) -> None:
        file = self._random.choice(self._files)
        content_id = await share_file(self.session, file, lambda _: None)
        self.known[content_id] = Known(sha256(file.read_bytes()).digest())

    def _choose(self) -> tuple[str, Known] | None:
        if not self.known:
            return None
        content_id = self.uncertain = self._random.choice(list(self.known))
        return content_id, self.known[content_id]

    async def _pin(self) -> None:
        chosen = self._choose()
        if chosen is None:
            return
        content_id, known = chosen
        pinned = sum(one.is_pinned for one in self.known.values())
        wanted = not known.is_pinned and pinned < PINS_MAX
        request = requests.ContentPin(content_id=content_id, pinned=wanted)
        await self.session.request(request, replies.Changed)
        self.known[content_id] = replace(known, is_pinned=wanted)

    async def _remove(self) -> None:
        chosen = self._choose()
        if chosen is None:
            return
        request = requests.ContentRemove(content_id=chosen[0])
        await self.session.request(request, replies.Changed)
        del self.known[chosen[0]]
        self.removed.add(chosen[0])

    def certain(self) -> dict[str, Known]:
        return {one: known for one, known in self.known.items() if one != self.uncertain}


async def look(server: Server, members: list[Member], checked: dict[str, Known]) -> None:
    """Join as somebody new, and compare; contents in `checked` were read before."""
    before = [(member.certain(), set(member.removed)) for member in members]
    async with await join(server, "Eye") as eye:
        await eye.load_all()
        for member, (known, removed) in zip(members, before, strict=True):
            assert not removed & eye.state.contents.keys()
            for content_id, one in known.items():
                if member.certain().get(content_id) is not one:
                    continue  # touched meanwhile
                found = eye.state.contents[content_id]
                assert isinstance(found, Content)
                assert (found.row.state, found.row.pinned) == ("complete", one.is_pinned)
                if content_id not in checked:
                    await check_bytes(eye, found, one, member)
                    checked[content_id] = one


async def check_bytes(eye: Session, found: Content, one: Known, member: Member) -> None:
    try:
        whole = await read_whole(eye, found)
    except Exception:
        if member.certain().get(found.content_id) is not one:
            return  # removed while it was read
        raise
    assert sha256(whole).digest() == one.digest


def acts_count(members: list[Member]) -> int:
    return sum(member.acts_count for member in members)


async def until_busy(members: list[Member], working: list[asyncio.Task[None]], wanted: int) -> None:
    """Wait until the members were told of so many acts."""
    async with asyncio.timeout(SECONDS):
        while acts_count(members) < wanted:
            ended = [task for task in working if task.done()]
            for task in ended:
                task.result()
            await asyncio.sleep(0.01)


async def test_is_killed_under_load(
    server: StartServer,
    tmp_path: Path,
    is_long: bool,
    record_property: Callable[[str, object], None],
):
    files = [tmp_path / f"{size}.bin" for size in SIZES]
    for number, file in enumerate(files):
        file.write_bytes(random.Random(number).randbytes(SIZES[number]))  # noqa: S311
    program = server(control_events_per_second=1000, control_events_burst=1000)
    moment = random.Random()  # noqa: S311
    checked: dict[str, Known] = {}
    rounds = 500 if is_long else 60
    async with AsyncExitStack() as stack:
        members = [
            Member(await stack.enter_async_context(await join(program, f"M{one}")), files, one)
            for one in range(MEMBERS_COUNT)
        ]
        working = [asyncio.create_task(member.work()) for member in members]
        for _ in range(rounds):
            await asyncio.sleep(moment.uniform(0, KILL_SECONDS))  # any moment
            await asyncio.to_thread(program.restart)
            wanted = acts_count(members) + ACTS_COUNT
            await look(program, members, checked)
            await until_busy(members, working, wanted)
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        await look(program, members, {})
    record_property("kills", rounds)
    record_property("acts", acts_count(members))
    record_property("contents_read", len(checked))
