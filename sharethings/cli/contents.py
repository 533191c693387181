"""`sharethings list` and `sharethings remove`."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from sharethings.cli import connect
from sharethings.cli.listing import ALL, Which, as_json, find, print_table
from sharethings.cli.terminal import ID_SHOWN, confirm, say
from sharethings.protocol import replies, requests


@connect.client_command
async def list_contents(
    access: connect.Access,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the contents of a session, oldest first."""
    async with await access.open() as opened:
        await opened.load_all()
        contents = opened.state.ordered()
        if json:
            shown = msgspec.json.encode([as_json(content) for content in contents])
            print(msgspec.json.format(shown, indent=2).decode())
        else:
            print_table(opened.keys, contents)


@connect.client_command
async def remove(
    access: connect.Access,
    which: Which,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before removing all.")] = False,
) -> None:
    """Remove a content, for all members. Asks before removing all."""
    if which == ALL and not yes:
        question = f"Remove all contents of {access.session_name}, for all members?"
        if not confirm(question, "To remove all contents without a question, add --yes."):
            say("Nothing was removed.")
            return
    async with await access.open() as opened:
        await opened.load_all()
        for content in find(opened.state.ordered(), which):
            request = requests.ContentRemove(content_id=content.content_id)
            await opened.request(request, replies.Changed)
            say(f"Removed {content.content_id[:ID_SHOWN]}.")
