"""Contents as a member reads them: the row, opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from sharethings.client.errors import DamagedError
from sharethings.protocol.limits import CHUNK_COUNT_MAX
from sharethings.protocol.requests import ChunkSize

if TYPE_CHECKING:
    from sharethings.protocol.replies import Content as Row

Kind = Literal["text", "picture", "file"]
CREATED_MAX_MS = 253_402_300_799_999
"""The last millisecond of the year 9999: calendars of Python and of browsers know no later one."""


PATH_MAX_BYTES = 1024
"""Of a path below a shared folder."""
PATH_MAX_NAMES = 64
"""Names that a path may have, whichever separator: each costs those who read it."""
PATH = rf"^[^/\\]*([/\\][^/\\]*){{0,{PATH_MAX_NAMES - 1}}}$"


class Group(msgspec.Struct, frozen=True):
    """What was shared together: a folder, of so many files."""

    id: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    name: Annotated[str, Meta(max_length=PATH_MAX_BYTES)]
    count: Annotated[int, Meta(ge=1)]


class Manifest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sealed about a content (protocol.md 6); unknown members are kept elsewhere.

    `size` in plain bytes without padding, `root` in hex, `created` in ms since 1970. `path` in
    a shared folder: its name first, separated by /.
    """

    v: Literal[1]
    kind: Kind
    name: str
    mime: str
    chunk_size: ChunkSize
    created: Annotated[int, Meta(ge=0, le=CREATED_MAX_MS)]
    sender: str
    size: Annotated[int, Meta(ge=0)] | None = None
    chunks: Annotated[int, Meta(ge=1, le=CHUNK_COUNT_MAX)] | None = None
    root: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")] | None = None
    path: Annotated[str, Meta(max_length=PATH_MAX_BYTES, pattern=PATH)] | None = None
    group: Group | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A row whose manifest was opened; `members` are all that the manifest holds."""

    row: Row
    manifest: Manifest
    manifest_revision: int
    members: dict[str, Any]

    @property
    def content_id(self) -> str:
        """32 hex digits."""
        return self.row.content_id


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row whose manifest could not be opened: listed as damaged, never hidden."""

    row: Row
    reason: type[DamagedError] = DamagedError

    @property
    def content_id(self) -> str:
        """32 hex digits."""
        return self.row.content_id


def read_manifest(members: dict[str, Any]) -> Manifest:
    """Read an opened manifest. Raises DamagedError when it does not hold together."""
    try:
        manifest = msgspec.convert(members, Manifest)
    except msgspec.ValidationError as error:
        raise DamagedError from error
    room = (manifest.chunks or CHUNK_COUNT_MAX) * manifest.chunk_size
    whole = manifest.size is not None and manifest.chunks is not None
    if (manifest.root is not None and not whole) or (manifest.size or 0) > room:
        raise DamagedError
    return manifest
