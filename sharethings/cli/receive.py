"""`list`, `get`, `watch`, `remove`: what comes out of a session."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from sharethings.cli import connect
from sharethings.cli.listing import as_json, find, print_table
from sharethings.cli.terminal import progress_bar, say
from sharethings.client.contents import Content
from sharethings.client.download import Download, save
from sharethings.client.errors import DamagedError
from sharethings.client.names import printable, safe_name
from sharethings.protocol import replies, requests

if TYPE_CHECKING:
    from sharethings.client.session import Session

STDOUT = "-"
Which = Annotated[str, typer.Argument(help="An id or its beginning, latest, or all.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@connect.client_command
async def list_contents(
    access: connect.Access,
    json: Json = False,
) -> None:
    """List the contents of a session, oldest first."""
    async with await access.open() as opened:
        await opened.load_all()
        contents = opened.state.ordered()
        if json:
            _print_json([as_json(content) for content in contents])
        else:
            print_table(opened.keys, contents)


@connect.client_command
async def get(
    access: connect.Access,
    which: Which,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", help="File or folder to save to; - is standard output."),
    ] = None,
) -> None:
    """Save a content, or print it with -o -. Texts are printed unless -o says where to."""
    async with await access.open() as opened:
        await opened.load_all()
        for content in find(opened.state.ordered(), which):
            if not isinstance(content, Content):
                raise DamagedError(f"{content.content_id[:8]} cannot be read.")
            await _get_one(opened, content, output, one=which != "all")


async def _get_one(opened: Session, content: Content, output: str | None, *, one: bool) -> None:
    manifest = content.manifest
    if output == STDOUT or (output is None and manifest.kind == "text"):
        async for piece in Download(opened, content).pieces():
            await asyncio.to_thread(sys.stdout.buffer.write, piece)
        if output is None:
            sys.stdout.buffer.write(b"\n")
        sys.stdout.buffer.flush()
        return
    named = safe_name(manifest.name or f"{content.content_id[:8]}.txt")
    target = Path(output or ".")
    if target.is_dir() or not one:
        target.mkdir(parents=True, exist_ok=True)
        target /= named
    with progress_bar(manifest.name, manifest.size) as progress:
        await save(opened, content, target, progress)
    say(f"Saved {printable(str(target))}.")


@connect.client_command
async def watch(
    access: connect.Access,
    json: Json = False,
) -> None:
    """Follow a session: a line for each content and member that comes, changes or goes."""
    async with await access.open() as opened:
        say(f"Watching {printable(access.session_name)}. Ctrl-C ends.")
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


@connect.client_command
async def remove(
    access: connect.Access,
    which: Which,
) -> None:
    """Remove a content from the session, for all members."""
    async with await access.open() as opened:
        await opened.load_all()
        for content in find(opened.state.ordered(), which):
            request = requests.ContentRemove(content_id=content.content_id)
            await opened.request(request, replies.Changed)
            say(f"Removed {content.content_id[:8]}.")


def _print_json(value: object) -> None:
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
