"""What `share` tells, names and refuses."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from sharethings.cli.exits import Exit
from tests.programs import wait_until
from tests.terminal import SECONDS, Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import StartServer


GONE = "No such file or directory"
NEW = "New session Balcony garden. It is kept for 1 day after its last activity."


def test_everything_that_was_shared_is_told(tia: Terminal, tmp_path: Path):
    file = tmp_path / "a.txt"
    file.write_text("a")
    code, ids, talk = tia.run("share", file, "-", "--text", "hello", given=b"piped")
    assert (code, len(ids.split())) == (0, 3)
    told = [NEW, "Shared text.", "Shared a.txt.", "Shared stdin."]
    assert talk.splitlines() == told
    assert tia.run("share", "--text", "hello")[2] == "Shared text.\n"


def test_a_file_may_have_another_name(tia: Terminal, tmp_path: Path):
    file = tmp_path / "a.txt"
    file.write_text("a")
    tia.do("share", file, "--name", "b.png")
    assert [(one["name"], one["mime"]) for one in tia.list()] == [("b.png", "image/png")]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--text", ""), "The text is empty."),
        (("--text", "x", "--name", "b"), "one file"),
        (("-", "-", "--name", "b"), "one file"),
    ],
)
def test_what_makes_no_sense_is_refused(tia: Terminal, arguments: tuple[str, ...], sentence: str):
    code, ids, talk = tia.run("share", *arguments)
    assert (code, ids) == (2, b"")
    assert sentence in talk


def test_what_is_typed_ends_by_one_ctrl_d_without_a_bar(tia: Terminal):
    tia.more = {"FORCE_COLOR": "1"}  # draws bars without a terminal too
    keyboard, terminal = os.openpty()
    sharing = tia.start("share", "-", stdin=terminal)
    os.write(keyboard, b"typed\n\x04")
    talk = sharing.communicate(timeout=60)[1].decode()
    os.close(terminal)
    os.close(keyboard)
    assert talk.splitlines() == [NEW, "Shared stdin."]
    assert "\x1b[" in tia.run("share", "-", given=b"piped")[2]
    assert tia.do("get", "latest", "-o", "-") == b"piped"


def test_several_files_have_a_bar_over_all_and_ids_go_past_it(tia: Terminal, tmp_path: Path):
    tia.more = {"FORCE_COLOR": "1"}  # draws bars without a terminal too
    files = [tmp_path / name for name in ("a.bin", "b.bin")]
    for file in files:
        file.write_bytes(bytes(20_000))
    code, ids, talk = tia.run("share", *files)
    assert (code, len(ids.splitlines()), len(ids)) == (0, 2, 66)
    last = talk[talk.rindex("all ") :].splitlines()
    assert "40.0/40.0 kB" in last[0]
    assert "all " not in tia.run("share", files[0])[2]


def test_bytes_that_are_no_text_are_replaced_in_file_names_and_refused_elsewhere(
    tia: Terminal, tmp_path: Path
):
    file = tmp_path / "caf\udce9.txt"  # of a machine with another encoding
    file.write_text("a")
    tia.do("share", file)
    assert [one["name"] for one in tia.list()] == ["caf\ufffd.txt"]
    for arguments in (
        ("share", "--text", "\udcff"),
        ("list", "--as", "\udcff"),
        ("list", "--session", "\udcff"),
    ):
        code, _, talk = tia.run(*arguments)
        assert code == 2
        assert talk.endswith("A name, text or passphrase that was given is not UTF-8.\n")
    code, _, talk = Terminal(tia.server, "not the one \udcff").run("list")
    assert (code, "not UTF-8" in talk) == (2, True)


def test_what_is_shared_goes_by_itself_if_that_is_asked(tia: Terminal):
    before = time.time_ns() // 1_000_000
    code, _, talk = tia.run("share", "--text", "hello", "--keep", "1h", "--session-idle", "7d")
    assert (code, talk.splitlines()[0]) == (
        0,
        "New session Balcony garden. It is kept for 7 days after its last activity.",
    )
    tia.do("share", "--text", "stays")
    going, staying = tia.list()
    assert 0 <= going["expires"] - before - 3_600_000 < 60_000
    assert staying["expires"] is None
    moment = time.strftime("%Y-%m-%d %H:%M", time.localtime(going["expires"] / 1000))
    assert f"complete, until {moment}" in tia.do("list").decode()


def test_what_has_expired_is_gone(tia: Terminal):
    tia.do("share", "--text", "hello", "--keep", "10s")
    (going,) = tia.list()
    wait_until(lambda: tia.list() == [], "it is gone")
    assert time.time_ns() // 1_000_000 >= going["expires"]


def test_a_session_holds_as_many_contents_as_its_creator_says(tia: Terminal):
    wishes = ("--contents-max", "2", "--drop-oldest")
    code, _, talk = tia.run("share", "--text", "one", *wishes)
    told = f"{NEW} Beyond 2 contents, the oldest goes."
    assert (code, talk.splitlines()) == (0, [told, "Shared text."])
    for text in ("two", "three"):
        assert tia.run("share", "--text", text, *wishes)[2] == "Shared text.\n"
    assert [line.split("\t")[2] for line in tia.do("list").decode().splitlines()] == [
        "two",
        "three",
    ]


def test_what_is_asked_of_a_session_that_is_there_is_not_dropped_silently(tia: Terminal):
    tia.do("share", "--text", "one")
    talk = tia.run("share", "--text", "two", "--session-idle", "7d", "--keep-oldest")[2]
    assert talk == (
        "Balcony garden was made before and stays as it is. It is kept for 1 day after its last "
        "activity. When it is full, nothing more is taken.\nShared text.\n"
    )


def test_what_the_operator_cuts_is_said(server: StartServer):
    tia = Terminal(server(session_idle_max_seconds=3600).url)
    talk = tia.run("share", "--text", "one", "--session-idle", "never")[2]
    assert talk.splitlines()[0] == (
        "New session Balcony garden. It is kept for 1 hour after its last activity, the most "
        "that this server allows."
    )


def test_a_stream_that_is_quiet_for_long_is_not_given_up(server: StartServer):
    program = server(unfinished_seconds=4, sweep_seconds=1)
    read, write = os.pipe()
    tia = Terminal(program.url)
    sharing = tia.start("share", "-", stdin=read)
    os.close(read)

    def is_begun() -> bool:
        return any(program.data_directory.glob("sessions/*/*/*.bin"))

    with os.fdopen(write, "wb", buffering=0) as stream:
        stream.write(b"a" * 30_000)
        wait_until(is_begun, "it has begun", SECONDS)
        ends_at = time.monotonic() + 8
        wait_until(lambda: time.monotonic() > ends_at, "it was quiet for long", SECONDS)
        assert [one["state"] for one in tia.list()] == ["uploading"]
        stream.write(b"b" * 30_000)
    talk = sharing.communicate(timeout=SECONDS)[1].decode()
    assert sharing.returncode == 0, talk
    assert tia.do("get", "latest", "-o", "-") == b"a" * 30_000 + b"b" * 30_000


def test_what_cannot_be_shared_does_not_keep_the_others(tia: Terminal, tmp_path: Path):
    first, gone, huge, last = (tmp_path / name for name in ("first", "gone", "huge", "last"))
    for file in (first, gone, huge, last):
        file.write_bytes(b"x")
    os.truncate(huge, 5 << 40)
    folder = tmp_path / "photos"
    folder.mkdir()
    sharing = tia.start("share", first, "-", gone, huge, folder, last, stdin=subprocess.PIPE)
    wait_until(lambda: tia.run("list")[1].count(b"\n") == 1, "the first is shared")
    gone.unlink()
    folder.rename(tmp_path / "elsewhere")
    ids, talk = sharing.communicate(b"piped", timeout=60)
    told = talk.decode().splitlines()
    assert told[:4] == [NEW, "Shared first.", "Shared stdin.", f"Not shared: gone. {GONE}: {gone}"]
    assert told[4].startswith("Not shared: huge. ")
    assert told[5:] == [f"Not shared: photos. {GONE}: {folder}", "Shared last."]
    assert (sharing.returncode, len(ids.split())) == (Exit.LIMIT, 3)
    assert [one["name"] for one in tia.list()] == ["first", "stdin", "last"]


def test_what_ends_it_all_names_what_was_not_shared(tia: Terminal, tmp_path: Path):
    files = [tmp_path / name for name in ("first", "second", "third")]
    for file in files:
        file.write_bytes(b"x")
    wishes = ("--contents-max", "1", "--keep-oldest")
    code, ids, talk = tia.run("share", *files, *wishes)
    assert (code, len(ids.split())) == (Exit.LIMIT, 1)
    told = talk.splitlines()
    assert told[1:4] == ["Shared first.", "Not shared: second.", "Not shared: third."]
    assert len(told) == 5
