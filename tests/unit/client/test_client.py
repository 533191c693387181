"""The pure parts of the Python client."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharethings.cli.exits import Exit, exit_of, sentence_of
from sharethings.client import errors as client_errors
from sharethings.client.claim import PART, RECORD
from sharethings.client.contents import read_manifest
from sharethings.client.errors import AddressError, DamagedError, NoConnectionError
from sharethings.client.names import printable, safe_name, safe_path
from sharethings.client.places import Place
from sharethings.client.retry import is_passing, wait_seconds
from sharethings.client.server import Server
from sharethings.client.sizes import lay_out
from sharethings.crypto.errors import LimitError
from sharethings.protocol.errors import ERRORS, NotJoinedError, ThrottledError

NAMES = json.loads((Path(__file__).parents[2] / "names.json").read_text())
"""Each: a name, the safe one, and what it is as a path in a folder if that is more."""


@pytest.mark.parametrize(("given_name", "kept"), [case[:2] for case in NAMES])
def test_names_are_made_safe(given_name: str, kept: str):
    assert safe_name(given_name) == kept


@pytest.mark.parametrize(("path", "kept"), [(case[0], case[-1]) for case in NAMES])
def test_paths_are_made_safe(path: str, kept: str):
    assert "/".join(safe_path(path)) == kept


@given(st.text(st.sampled_from("./\\~: \0a\u202eC\u2044")) | st.text())
def test_no_path_leads_elsewhere(path: str):
    names = safe_path(path)
    assert names
    for name in names:
        assert safe_name(name) == name
        assert Path(name).name == name
        assert len(name.encode()) <= 255


def test_half_a_character_is_not_kept():
    assert safe_name("a\ud800b.txt") == "a\ufffdb.txt"


@given(st.text())
def test_every_name_is_safe(name: str):
    made = safe_name(name)
    assert made
    assert len(made.encode()) <= 255
    assert Path(made).name == made
    assert not made.startswith(".")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a.txt", "a (1).txt"),
        ("", "content (1)"),
        ("ü" * 200 + ".tar", "ü" * 123 + " (1).tar"),
        ("n" * 300, "n" * 251 + " (1)"),
    ],
)
def test_a_mark_goes_before_the_ending(name: str, kept: str):
    assert safe_name(name, " (1)") == kept


def test_what_a_terminal_would_obey_is_shown_as_escapes():
    assert printable("a\x1b[2Jb\u202e") == "a\\x1b[2Jb\\u202e"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("share.example.org", "https://share.example.org"),
        ("localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:1/sub/", "http://127.0.0.1:1/sub"),
        ("https://a.example/x", "https://a.example/x"),
    ],
)
def test_addresses(text: str, url: str):
    assert Server.parse(text).url == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://a.example",
        "gopher://x",
        "https://x?y=1",
        "https://[::1",
        "https://a.example:99999",
        "localhost:http",
    ],
)
def test_addresses_that_are_refused(text: str):
    with pytest.raises(AddressError):
        Server.parse(text)


def test_plain_http_may_be_allowed():
    assert Server.parse("http://a.example", plain=True).origin == "http://a.example"


def test_certificates_that_cannot_be_read_are_said(tmp_path: Path):
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(AddressError, match="cannot be read"):
        Server.parse("https://a.example", tmp_path / "ca.pem").ssl_context()


@pytest.mark.parametrize(
    ("size", "chunk_size", "count"),
    [
        (0, 16384, 1),
        (16384, 16384, 1),
        (16385, 2**20, 1),
        (2**20 + 1, 2**20, 2),
        (256 * 2**20, 2**20, 256),
        (256 * 2**20 + 1, 2**22, 65),
    ],
)
def test_layouts(size: int, chunk_size: int, count: int):
    layout = lay_out(size)
    assert (layout.chunk_size, layout.chunk_count) == (chunk_size, count)
    assert layout.is_inline == (size <= 16384)


def test_more_than_a_session_takes_is_refused():
    with pytest.raises(LimitError):
        lay_out(2**42 + 1)


@pytest.mark.parametrize(("asked", "seconds"), [(-5, 0.125), (10**400, 365 * 24 * 3600)])
def test_what_a_server_asks_to_wait_is_bounded(asked: int, seconds: int):
    assert wait_seconds(ThrottledError("", retry_after_seconds=asked), 0, lambda: 0.0) == seconds


def test_waits_double_and_obey_the_server():
    assert wait_seconds(NoConnectionError(), 0, lambda: 0.5) == 0.25
    assert wait_seconds(NoConnectionError(), 3, lambda: 0.5) == 2.0
    assert wait_seconds(NoConnectionError(), 99, lambda: 0.5) == 15.0
    assert wait_seconds(ThrottledError(retry_after_seconds=7), 0, lambda: 0.5) == 7.5
    assert wait_seconds(ThrottledError(retry_after_seconds=0), 3, lambda: 0.5) == 2.0
    # By default by chance: clients that lost the same server do not come back in one moment.
    for error in (NoConnectionError(), ThrottledError(retry_after_seconds=7)):
        assert len({wait_seconds(error, 3) for _ in range(9)}) > 1


def test_what_passes_by_itself():
    assert is_passing(NotJoinedError())
    assert is_passing(NoConnectionError())
    assert is_passing(ThrottledError())
    assert not is_passing(DamagedError())
    assert not is_passing(ERRORS["wrong_passphrase"]())


@pytest.mark.parametrize("name", ["plan.txt", "n" * 255, "ü" * 127])
@pytest.mark.parametrize("ending", [PART, RECORD])
def test_the_name_of_an_unfinished_file_fits(tmp_path: Path, name: str, ending: str):
    beside = Place(-1, name, tmp_path / name).beside(ending)
    beside.shown.write_bytes(b"")
    assert beside.shown == tmp_path / beside.name
    assert beside.name.endswith(ending)
    assert beside.name.startswith(name[:100])


def test_every_failure_has_an_exit_code():
    own = [
        kind
        for kind in vars(client_errors).values()
        if isinstance(kind, type) and issubclass(kind, client_errors.ClientError)
    ]
    for kind in [*ERRORS.values(), *own]:
        assert exit_of(kind()) is not None
        assert str(kind()).endswith(".")
    assert exit_of(ValueError()) is None
    for code in ("storage_full", "quota_exceeded", "read_only"):
        assert exit_of(ERRORS[code]()) is Exit.LIMIT


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, Exit.LIMIT),
        (errno.EDQUOT, Exit.LIMIT),
        (errno.EFBIG, Exit.LIMIT),
        (errno.EACCES, Exit.UNEXPECTED),
    ],
)
def test_a_failure_of_the_system_names_its_file(number: int, code: Exit):
    error = OSError(number, os.strerror(number), "plan.txt")
    assert exit_of(error) is code
    assert sentence_of(error) == f"{os.strerror(number)}: plan.txt"
    assert sentence_of(OSError("no number")) == "no number"


def test_a_command_that_ends_promises_no_going_on():
    for error in (DamagedError(), *(kind() for kind in ERRORS.values())):
        assert "goes on" not in sentence_of(error)


def test_an_unknown_session_is_not_mixed_up_with_a_wrong_passphrase():
    assert sentence_of(ERRORS["wrong_passphrase"]()) == (
        "The passphrase is not the one of this session. Check it, and the session's name."
    )


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"kind": "virus"},
        {"chunk_size": 1},
        {"root": "xyz"},
        {"size": None},
        {"size": 16385},
        {"chunks": 0},
        {"name": 7},
        {"created": -1},
        {"created": 253_402_300_800_000},
    ],
)
def test_a_manifest_that_does_not_hold_together_is_refused(change: dict[str, object]):
    good: dict[str, object] = {
        "v": 1,
        "kind": "file",
        "name": "a",
        "mime": "text/plain",
        "size": 5,
        "chunk_size": 16384,
        "chunks": 1,
        "root": "0" * 64,
        "created": 1,
        "sender": "Zoë",
        "later": "kept",
    }
    assert read_manifest(good).size == 5
    with pytest.raises(DamagedError):
        read_manifest(good | change)
