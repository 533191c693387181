"""Contents as rows of a table, as JSON, and as what a person names them by."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from sharethings.cli.terminal import ID_SHOWN
from sharethings.client.contents import Content, Unreadable
from sharethings.client.errors import DamagedError
from sharethings.client.inline import open_inline
from sharethings.client.names import printable
from sharethings.protocol.errors import ContentNotFoundError
from sharethings.sizes import size_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import JustifyMethod

    from sharethings.client.keys import SessionKeys

ALL = "all"
Which = Annotated[
    str,
    typer.Argument(help="An id of a content or folder, its beginning, or a name; latest; all."),
]
TEXT_SHOWN = 60
NUMBERS = {"members", "contents", "unfinished", "damaged", "bytes", "size", "chunk", "chunks"}
"""Columns that are aligned to the right."""
WHOLE = {"id", "session", "content", "blob", "created", "active", "ends", "shared"}
"""Columns that are never broken into lines: ids and moments."""
COLUMNS = ("id", "kind", "name", "size", "from", "shared", "state", "group")


def moment(at: int | None) -> str:
    """Give a moment (ms since 1970) in local time, on a terminal as short as in ls."""
    if at is None:
        return "never"
    then = time.localtime(at / 1000)
    form = "%Y-%m-%d %H:%M"
    if sys.stdout.isatty():
        form = "%m-%d %H:%M" if then.tm_year == time.localtime().tm_year else "%Y-%m-%d"
    return time.strftime(form, then)


def as_json(content: Content | Unreadable) -> dict[str, Any]:
    """Give what scripts read; sizes in bytes, `created` and `expires` in ms since 1970."""
    row = content.row
    base = {
        "id": row.content_id,
        "state": row.state if isinstance(content, Content) else "unreadable",
        "pinned": row.pinned,
        "stored_bytes": row.stored_bytes,
        "expires": row.expires_at,
    }
    if isinstance(content, Unreadable):
        return base
    manifest = content.manifest
    if manifest.path is not None:
        base["path"] = manifest.path
    if manifest.group is not None:
        base["group"] = msgspec.to_builtins(manifest.group)
    return base | {
        "kind": manifest.kind,
        "name": manifest.name,
        "mime": manifest.mime,
        "size": manifest.size,
        "created": manifest.created,
        "sender": manifest.sender,
    }


def as_cells(keys: SessionKeys, content: Content | Unreadable) -> tuple[str, ...]:
    """Give a row of the table; texts are opened from the row, nothing is fetched."""
    row = content.row
    short = row.content_id[:ID_SHOWN]
    if isinstance(content, Unreadable):
        return (short, "?", "", _size(row.total_size), "", "", "unreadable", "")
    manifest = content.manifest
    name = manifest.path or manifest.name
    state: str = row.state
    if manifest.kind == "text" and row.chunk is not None:
        try:
            name = _beginning(open_inline(keys, content))
        except DamagedError:
            state = "damaged"
    if row.pinned:
        state = f"{state}, pinned"
    elif row.expires_at is not None:
        state = f"{state}, until {moment(row.expires_at)}"
    return (
        short,
        manifest.kind,
        printable(name),
        _size(manifest.size),
        printable(manifest.sender),
        moment(manifest.created),
        state,
        "" if manifest.group is None else manifest.group.id[:ID_SHOWN],
    )


def _size(size: int | None) -> str:
    return "?" if size is None else size_text(size)


def _beginning(plain: bytes) -> str:
    text = plain.decode(errors="replace")
    return text if len(text) <= TEXT_SHOWN else f"{text[: TEXT_SHOWN - 1]}…"


def print_table(keys: SessionKeys, contents: list[Content | Unreadable]) -> None:
    """Print the contents of a session."""
    print_rows(COLUMNS, [as_cells(keys, content) for content in contents])


def print_rows(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table on a terminal, lines of tab-separated values elsewhere.

    On a terminal a column where nothing stands is left out.
    """
    if not sys.stdout.isatty():
        for cells in rows:
            print("\t".join(cells))
        return
    shown = [
        index
        for index in range(len(columns))
        if not rows or any(cells[index] not in {"", "0"} for cells in rows)
    ]
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in (columns[index] for index in shown):
        justify: JustifyMethod = "right" if name in NUMBERS else "left"
        table.add_column(name, justify=justify, no_wrap=name in WHOLE, overflow="fold")
    for cells in rows:
        table.add_row(*(cells[index] for index in shown))
    Console(markup=False, emoji=False, highlight=False).print(table)


def group_of(content: Content | Unreadable) -> tuple[str, str]:
    """Give the id of the group that a content was shared with, "" for none, and by whom."""
    if isinstance(content, Unreadable) or content.manifest.group is None:
        return "", ""
    return content.manifest.group.id, content.manifest.sender


def find(contents: list[Content | Unreadable], which: str) -> list[Content | Unreadable]:
    """Give what `which` names: an id or its beginning, a name, `latest`, or `all`; oldest first.

    Ids come before names, which anybody may have given. The id of a group names all that its
    first sender shared in it: others who read that id could add to it. Raises
    ContentNotFoundError when nothing is named, or more than one content or group.
    """
    if which == ALL:
        return contents
    if which == "latest":
        found = contents[-1:]
    elif not which:
        found = []  # an unset variable of a script, not the beginning of every id
    else:
        found = [one for one in contents if one.content_id.startswith(which.lower())]
        grouped = [one for one in contents if group_of(one)[0].startswith(which.lower())]
        if grouped and not found and len({group_of(one)[0] for one in grouped}) == 1:
            return [one for one in grouped if group_of(one) == group_of(grouped[0])]
        found += grouped
    if not found:
        return _find_named(contents, which)
    if len(found) > 1:
        raise ContentNotFoundError(f"{len(found)} contents begin with {which}: give more digits.")
    return found


def _find_named(contents: list[Content | Unreadable], name: str) -> list[Content | Unreadable]:
    """Give the one content, or the folder, of this name. Raises ContentNotFoundError."""
    readables = [one for one in contents if isinstance(one, Content)]
    named = [one for one in readables if name and one.manifest.name == name]
    groups = [one for one in readables if one.manifest.group and one.manifest.group.name == name]
    ids = {one.content_id for one in named} | {group_of(one)[0] for one in groups}
    if not ids:
        raise ContentNotFoundError(
            f'There is no content "{printable(name)}" in this session: list shows what there is.'
        )
    if len(ids) > 1:
        raise ContentNotFoundError(
            f'{len(ids)} contents are called "{printable(name)}": give an id, as list shows it.'
        )
    found = named or [one for one in groups if group_of(one) == group_of(groups[0])]
    return list(found)


def is_many(which: str, found: list[Content | Unreadable]) -> bool:
    """Say whether `which` names all contents, or a group, that `find` has found."""
    if which == "latest" or len(found) != 1:
        return which != "latest"
    (one,) = found
    has_name = isinstance(one, Content) and one.manifest.name == which
    return not has_name and not one.content_id.startswith(which.lower())
