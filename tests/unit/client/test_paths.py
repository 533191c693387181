"""Paths of files in folders; tests/paths.json tries the browser with the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sharethings.client.contents import read_manifest
from sharethings.client.errors import DamagedError
from sharethings.client.folders import Found

PATHS = json.loads((Path(__file__).parents[2] / "paths.json").read_text())
"""Paths of which a manifest takes the `short` ones, and refuses the `long` ones: many names."""


def members(path: str) -> dict[str, Any]:
    manifest = {"v": 1, "kind": "file", "name": "a", "mime": "", "chunk_size": 16384, "created": 1}
    return manifest | {"sender": "Ada", "path": path}


@pytest.mark.parametrize("path", PATHS["short"])
def test_a_path_of_a_few_names_is_shared_and_read(path: str):
    assert read_manifest(members(path)).path == path
    assert not Found(Path(), path, 0).is_too_deep


@pytest.mark.parametrize("path", PATHS["long"])
def test_a_path_of_many_names_is_neither_shared_nor_read(path: str):
    assert Found(Path(), path, 0).is_too_deep
    with pytest.raises(DamagedError):
        read_manifest(members(path))
