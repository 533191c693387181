"""`sharethings watch`: what happens in a session."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from sharethings.cli import connect
from sharethings.cli.listing import as_cells, as_json
from sharethings.cli.terminal import say
from sharethings.client.names import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharethings.client.state import State


@connect.client_command
async def watch(
    access: connect.Access,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Follow a session: a line for what happens."""
    async with await access.open() as opened:
        say(f"Watching {access.session_name}. Ctrl-C ends.")
        known = snapshot(opened.state)
        while opened.end is None:
            async with opened.changed:
                await opened.changed.wait()
            now = snapshot(opened.state)
            for change, shown in compare(known, now):
                print(as_json_line(change, shown) if json else as_line(change, shown), flush=True)
            known = now
        raise opened.end


@dataclass(frozen=True, slots=True)
class Shown:
    """A content or a member as it is told: members of its JSON, and cells of its line."""

    json: dict[str, Any]
    cells: tuple[str, ...]


def snapshot(state: State) -> dict[str, Shown]:
    """Give all that is in a session, by ids; how much of a content has arrived is no change."""
    contents = {
        content.content_id: Shown(
            {name: value for name, value in as_json(content).items() if name != "stored_bytes"},
            as_cells(state.keys, content),
        )
        for content in state.ordered()
    }
    members = {
        f"member {member_id}": Shown({"member": name}, ("member", printable(name)))
        for member_id, name in state.members.items()
        if name
    }
    return contents | members


def compare(known: dict[str, Shown], now: dict[str, Shown]) -> Iterator[tuple[str, Shown]]:
    """Give each change (gone, new, changed) and what it happened to."""
    for key, shown in known.items():
        if key not in now:
            yield "gone", shown
    for key, shown in now.items():
        if key not in known:
            yield "new", shown
        elif shown.json != known[key].json:
            yield "changed", shown


def as_json_line(change: str, shown: Shown) -> str:
    """Give what scripts read."""
    return msgspec.json.encode({"change": change, **shown.json}).decode()


def as_line(change: str, shown: Shown) -> str:
    """Give what a person reads: the time, the change, and what there is to tell."""
    told = "  ".join(cell for cell in shown.cells if cell)
    return f"{time.strftime('%H:%M:%S')}  {change:<7}  {told}"
