"""`sharethings watch`: what happens in a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from sharethings.cli import connect
from sharethings.cli.listing import as_json
from sharethings.cli.terminal import say
from sharethings.client.names import printable

if TYPE_CHECKING:
    from sharethings.client.session import Session


@connect.client_command
async def watch(
    access: connect.Access,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Follow a session: a line for each content and member that comes, changes or goes."""
    async with await access.open() as opened:
        say(f"Watching {access.session_name}. Ctrl-C ends.")
        await _follow(opened, as_lines=json)


def _snapshot(opened: Session) -> dict[str, dict[str, Any]]:
    seen = {content.content_id: as_json(content) for content in opened.state.ordered()}
    for one in seen.values():
        del one["stored_bytes"]
    names = {f"member {member_id}": {"member": shown} for member_id, shown in _members(opened)}
    return seen | names


def _members(opened: Session) -> list[tuple[str, str]]:
    return [(member_id, shown) for member_id, shown in opened.state.members.items() if shown]


async def _follow(opened: Session, *, as_lines: bool) -> None:
    known = _snapshot(opened)
    while opened.end is None:
        async with opened.changed:
            await opened.changed.wait()
        now = _snapshot(opened)
        for key in known.keys() - now.keys():
            _print_change("gone", known[key], as_lines=as_lines)
        for key, shown in now.items():
            if key not in known:
                _print_change("new", shown, as_lines=as_lines)
            elif shown != known[key]:
                _print_change("changed", shown, as_lines=as_lines)
        known = now
    raise opened.end


def _print_change(change: str, shown: dict[str, Any], *, as_lines: bool) -> None:
    if as_lines:
        print(msgspec.json.encode({"change": change, **shown}).decode(), flush=True)
        return
    what = (
        f"member {shown['member']}"
        if "member" in shown
        else f"{shown['id'][:8]} {shown.get('kind', '?')} {shown.get('name', '')} {shown['state']}"
    )
    print(f"{change}\t{printable(what)}", flush=True)
