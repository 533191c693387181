"""What `watch` tells of a session that changes."""

from __future__ import annotations

import re

import msgspec

from sharethings.cli.watch import as_json_line, as_line, compare, snapshot
from sharethings.client.state import State
from tests.unit.client.place import ADA, enter, make_keys, page, text_row


def test_each_happening_is_one_line():
    state = State(make_keys())
    ada = enter(make_keys(), ADA)
    profile = ada.seal_event({"t": "profile", "name": "Ada\n"}, kept=True)
    first = text_row(state.keys, 1, "first")
    state.take_page(page(1, first), since=False)
    before = snapshot(state)
    assert list(compare(before, before)) == []
    pinned = msgspec.structs.replace(first, pinned=True, revision=3, stored_bytes=9)
    member = {"member_id": ADA, "joined_at": 1, "events": [profile]}
    state.take_page(
        page(3, pinned, text_row(state.keys, 2, "second"), members=[member]), since=True
    )
    after = snapshot(state)
    lines = [as_line(*change) for change in compare(before, after)]
    lines += [as_line(*change) for change in compare(after, before)]
    expected = [
        r"changed  00000000  text  first  5 B  Ada  [-0-9]+ [:0-9]+  complete, pinned",
        r"new      00000000  text  second  6 B  Ada  [-0-9]+ [:0-9]+  complete",
        r"new      member  Ada\\n",
        r"gone     00000000  text  second  .*",
        r"gone     member  Ada\\n",
        r"changed  00000000  text  first  .*  complete",
    ]
    assert len(lines) == len(expected)
    for line, pattern in zip(lines, expected, strict=True):
        assert re.fullmatch(r"\d\d:\d\d:\d\d  " + pattern, line), line
    told = [msgspec.json.decode(as_json_line(*change)) for change in compare(before, after)]
    assert [(one["change"], one.get("id"), one.get("member")) for one in told] == [
        ("changed", first.content_id, None),
        ("new", f"{2:032x}", None),
        ("new", None, "Ada\n"),
    ]


def test_bytes_that_arrive_are_no_happening():
    state = State(make_keys())
    row = text_row(state.keys, 1, "first")
    state.take_page(page(1, row), since=False)
    before = snapshot(state)
    arrived = msgspec.structs.replace(row, revision=2, stored_bytes=9)
    state.take_page(page(2, arrived), since=True)
    assert list(compare(before, snapshot(state))) == []
