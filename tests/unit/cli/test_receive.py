"""Which file a content becomes when all are saved."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec
import pytest

from sharethings.cli.receive import choose_target, name_of
from sharethings.client.contents import Content
from sharethings.client.places import place_of
from tests.unit.client.place import make_keys, row

if TYPE_CHECKING:
    from pathlib import Path

CREATED = 1_700_000_000_123


@pytest.fixture(scope="module")
def plan() -> Content:
    keys = make_keys()
    shared = msgspec.structs.replace(row(keys, 0xABCDEF01 << 96, 1, size=4, created=CREATED))
    opened = keys.open_content(shared)
    assert isinstance(opened, Content)
    return opened


def put(file: Path, data: bytes, created: int = 1) -> None:
    file.write_bytes(data)
    os.utime(file, ns=(0, created * 1_000_000))


def target_in(folder: Path, content: Content) -> Path | None:
    with place_of(folder / name_of(content)) as place:
        target = choose_target(place, content)
        return None if target is None else target.shown


def test_a_free_name_is_taken(tmp_path: Path, plan: Content):
    assert target_in(tmp_path, plan) == tmp_path / "plan.txt"


def test_the_same_size_and_time_is_the_same_file(tmp_path: Path, plan: Content):
    put(tmp_path / "plan.txt", b"1234", CREATED)
    assert target_in(tmp_path, plan) is None


@pytest.mark.parametrize(("data", "created"), [(b"1234", CREATED + 1), (b"12345", CREATED)])
def test_a_name_taken_by_another_gets_the_id(
    tmp_path: Path, plan: Content, data: bytes, created: int
):
    put(tmp_path / "plan.txt", data, created)
    target = tmp_path / "plan (abcdef01).txt"
    assert target_in(tmp_path, plan) == target
    put(target, b"123")
    assert target_in(tmp_path, plan) == target, "save refuses to replace it"
    put(target, b"1234")
    assert target_in(tmp_path, plan) is None


def test_a_broken_link_is_a_name_that_is_taken(tmp_path: Path, plan: Content):
    (tmp_path / "plan.txt").symlink_to(tmp_path / "nothing")
    assert target_in(tmp_path, plan) == tmp_path / "plan (abcdef01).txt"


def test_what_has_no_name_is_named_by_its_id(plan: Content):
    nameless = Content(plan.row, msgspec.structs.replace(plan.manifest, name=""), 1, {})
    assert name_of(nameless, " (x)") == "abcdef01 (x).txt"
