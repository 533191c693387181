"""Paths of files in folders; tests/paths.json tries the browser with the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sharethings.client.contents import Content, read_manifest
from sharethings.client.errors import DamagedError
from sharethings.client.folders import Found
from sharethings.client.zipping import names_in
from sharethings.protocol.replies import Content as Row

PATHS = json.loads((Path(__file__).parents[2] / "paths.json").read_text())
"""Paths of which a manifest takes the `short` ones, and refuses the `long` ones: many names.

`zips`: contents, and their names in a zip file.
"""


def members(path: str | None, name: str = "a") -> dict[str, Any]:
    manifest = {"v": 1, "kind": "file", "name": name, "mime": "", "chunk_size": 16384, "created": 1}
    return manifest | {"sender": "Ada", "path": path}


def content(content_id: str, path: str | None, name: str) -> Content:
    row = Row(
        content_id=content_id,
        blob_id="0" * 32,
        position=1,
        revision=1,
        state="complete",
        chunk_size=16384,
        created_at=1,
        content_box="",
        manifest="",
        pinned=False,
        stored_bytes=0,
    )
    return Content(row, read_manifest(members(path, name)), 1, {})


@pytest.mark.parametrize("path", PATHS["short"])
def test_a_path_of_a_few_names_is_shared_and_read(path: str):
    assert read_manifest(members(path)).path == path
    assert not Found(Path(), path, 0).is_too_deep


@pytest.mark.parametrize("path", PATHS["long"])
def test_a_path_of_many_names_is_neither_shared_nor_read(path: str):
    assert Found(Path(), path, 0).is_too_deep
    with pytest.raises(DamagedError):
        read_manifest(members(path))


@pytest.mark.parametrize("files", PATHS["zips"])
def test_names_in_a_zip_are_different_also_where_case_does_not_count(files: list[dict[str, str]]):
    contents = [content(one["id"], one["path"], one["name"]) for one in files]
    assert names_in(contents) == [one["given"] for one in files]
