"""How contents are named by a person and shown to one."""

from __future__ import annotations

import msgspec
import pytest

from sharethings.cli.listing import as_cells, as_json, find, is_many
from sharethings.client.contents import Content, Group, Manifest, Unreadable
from sharethings.protocol.errors import ContentNotFoundError
from sharethings.protocol.replies import Content as Row
from tests.unit.client.place import make_keys, text_row


def row(content_id: str, position: int) -> Row:
    return Row(
        content_id=content_id.ljust(32, "0"),
        blob_id="0" * 32,
        position=position,
        revision=position,
        state="complete",
        chunk_size=16384,
        created_at=1,
        content_box="",
        manifest="",
        pinned=position == 2,
        stored_bytes=position * 10,
    )


def content(content_id: str, position: int) -> Content:
    manifest = Manifest(
        v=1,
        kind="file",
        name="plan.txt",
        mime="text/plain",
        chunk_size=16384,
        created=5,
        sender="Ada",
        size=7,
    )
    return Content(row(content_id, position), manifest, 1, {})


CONTENTS: list[Content | Unreadable] = [
    content("ab12", 1),
    content("ab34", 2),
    Unreadable(row("cd", 3)),
]


@pytest.mark.parametrize(
    ("which", "positions"),
    [
        ("all", [1, 2, 3]),
        ("latest", [3]),
        ("ab1", [1]),
        ("AB3", [2]),
        ("c", [3]),
        ("ab12".ljust(32, "0"), [1]),
    ],
)
def test_what_a_name_finds(which: str, positions: list[int]):
    assert [one.row.position for one in find(CONTENTS, which)] == positions


@pytest.mark.parametrize(
    ("which", "sentence"),
    [
        ("ab", "2 contents begin with ab"),
        ("ff", 'no content "ff"'),
        ("\x1b[2J", r'no content "\\x1b\[2J"'),
    ],
)
def test_what_is_not_one_content_is_said(which: str, sentence: str):
    with pytest.raises(ContentNotFoundError, match=sentence):
        find(CONTENTS, which)


def test_a_group_names_nothing_that_somebody_else_put_into_it():
    group = Group(id="fe" * 16, name="photos", count=2)

    def shared(position: int, sender: str) -> Content:
        one = content(f"a{position}", position)
        manifest = msgspec.structs.replace(one.manifest, group=group, sender=sender)
        return Content(one.row, manifest, 1, {})

    contents: list[Content | Unreadable] = [
        shared(1, "Alice"),
        shared(2, "Mallory"),
        shared(3, "Alice"),
    ]
    assert [one.row.position for one in find(contents, "fe")] == [1, 3]


def named(content_id: str, position: int, name: str, group: Group | None = None) -> Content:
    one = content(content_id, position)
    manifest = msgspec.structs.replace(one.manifest, name=name, group=group)
    return Content(one.row, manifest, 1, {})


PHOTOS = Group(id="fe" * 16, name="photos", count=2)
NAMED: list[Content | Unreadable] = [
    named("a1", 1, "film.mkv"),
    named("a2", 2, "a1"),
    named("a3", 3, "1.jpg", PHOTOS),
    named("a4", 4, "2.jpg", PHOTOS),
    named("a5", 5, "twice"),
    named("a6", 6, "twice"),
]


@pytest.mark.parametrize(
    ("which", "positions", "many"),
    [
        ("film.mkv", [1], False),
        ("a1", [1], False),  # an id comes first
        ("photos", [3, 4], True),
        ("1.jpg", [3], False),
    ],
)
def test_a_name_that_nothing_else_has_names_it(which: str, positions: list[int], many: bool):
    found = find(NAMED, which)
    assert [one.row.position for one in found] == positions
    assert is_many(which, found) == many


def test_a_name_of_several_names_none():
    with pytest.raises(ContentNotFoundError, match='2 contents are called "twice": give an id'):
        find(NAMED, "twice")


def test_nothing_names_nothing():
    with pytest.raises(ContentNotFoundError):
        find(CONTENTS[:1], "")
    with pytest.raises(ContentNotFoundError):
        find([], "latest")
    assert find([], "all") == []


def test_json_says_what_is_known():
    assert as_json(CONTENTS[1]) == {
        "id": "ab34".ljust(32, "0"),
        "state": "complete",
        "pinned": True,
        "stored_bytes": 20,
        "expires": None,
        "kind": "file",
        "name": "plan.txt",
        "mime": "text/plain",
        "size": 7,
        "created": 5,
        "sender": "Ada",
    }
    assert as_json(CONTENTS[2]) == {
        "id": "cd".ljust(32, "0"),
        "state": "unreadable",
        "pinned": False,
        "stored_bytes": 30,
        "expires": None,
    }


def test_one_bad_content_does_not_hide_the_others():
    keys = make_keys()
    tampered = msgspec.structs.replace(
        text_row(keys, 2, "changed"), chunk=text_row(keys, 9, "x").chunk
    )
    rows = [
        text_row(keys, 1, "good\x1b[2J" + "." * 60),
        tampered,
        text_row(keys, 3, "later", created=10**15),
        text_row(keys, 4, "last", created=253_402_300_799_999),
    ]
    shown = [as_cells(keys, keys.open_content(row)) for row in rows]
    assert [(cells[2], cells[6]) for cells in shown] == [
        ("good\\x1b[2J" + "." * 51 + "…", "complete"),
        ("", "damaged"),
        ("", "unreadable"),
        ("last", "complete"),
    ]
