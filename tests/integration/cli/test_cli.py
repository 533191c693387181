"""The command line against a real server: what it shares, gets, refuses, and ends with."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.files import MIB, make_file, sha256_of
from tests.programs import ROOT, wait_until
from tests.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import StartServer


@pytest.mark.parametrize(
    "size", [0, 1, 16_384, 16_385, MIB - 1, MIB, 3 * MIB, 17 * MIB + 5], ids=str
)
def test_a_file_comes_back_as_it_was(tia: Terminal, tmp_path: Path, size: int):
    file = tmp_path / "größe 🌻.bin"
    digest = make_file(file, size)
    content_id = tia.do("share", file).decode().strip()
    target = tmp_path / "got"
    target.mkdir()
    tia.do("get", content_id[:6], "-o", target)
    assert sha256_of(target / file.name) == digest
    assert [(one["size"], one["state"]) for one in tia.list()] == [(size, "complete")]


def test_texts_are_printed(tia: Terminal):
    tia.do("share", "--text", "olá, mundo")
    assert tia.do("get", "latest") == "olá, mundo\n".encode()
    long = "line\n" * 20_000
    tia.do("share", "--text", long)
    assert tia.do("get", "latest", "-o", "-") == long.encode()
    shown = tia.do("list").decode().splitlines()
    assert [line.split("\t")[2] for line in shown] == ["olá, mundo", "text.txt"]
    assert {(one["kind"], one["name"]) for one in tia.list()} == {("text", "text.txt")}


def test_a_tree_goes_through_a_pipe(tia: Terminal):
    tar = subprocess.run(
        ["tar", "-C", ROOT, "-c", "sharethings/core", "tests/vectors"],
        check=True,
        capture_output=True,
    ).stdout
    tia.do("share", "-", "--name", "tree.tar", given=tar)
    assert tia.do("get", "latest", "-o", "-") == tar
    assert tia.list()[0]["name"] == "tree.tar"


def test_get_all_and_remove(tia: Terminal, tmp_path: Path):
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text(name * 9000)
    tia.do("share", tmp_path / "one.txt", tmp_path / "two.txt")
    tia.do("get", "all", "-o", tmp_path / "all")
    assert {path.name for path in (tmp_path / "all").iterdir()} == {"one.txt", "two.txt"}
    tia.do("remove", "latest")
    assert [one["name"] for one in tia.list()] == ["one.txt"]


def test_nothing_is_overwritten(tia: Terminal, tmp_path: Path):
    tia.do("share", "--text", "new")
    there = tmp_path / "notes.txt"
    there.write_text("old")
    code, _, talk = tia.run("get", "latest", "-o", there)
    assert (code, there.read_text()) == (2, "old")
    assert "exists already" in talk


def test_each_failure_has_its_exit_code(tia: Terminal, tmp_path: Path, free_port: int):
    tia.do("share", "--text", "here")
    cases: list[tuple[Terminal, tuple[object, ...], int, str]] = [
        (Terminal(tia.server, passphrase="wrong, certainly"), ("list",), 3, "passphrase"),
        (Terminal(tia.server, session="elsewhere"), ("list",), 4, "no session"),
        (tia, ("get", "ffffffff"), 4, "no content"),
        (Terminal(f"http://127.0.0.1:{free_port}"), ("list",), 5, "cannot be reached"),
        (Terminal("http://share.example"), ("list",), 2, "another machine"),
        (Terminal("ftp://share.example"), ("list",), 2, "address"),
        (tia, ("share", tmp_path, "--name", "x"), 2, "--name goes with one file"),
        (tia, ("share", tmp_path / "none"), 2, "no file"),
        (tia, ("share",), 2, "--text"),
        (Terminal(tia.server, "short", "new one"), ("share", "--text", "x"), 2, "12 characters"),
        (Terminal(tia.server, session="é" * 150), ("list",), 2, "1 to 255 bytes"),
        (Terminal(tia.server, session=" "), ("list",), 2, "1 to 255 bytes"),
        (tia, ("list", "--as", "a" * 9000), 2, "1 to 80 characters"),
    ]
    for terminal, arguments, expected, sentence in cases:
        code, output, talk = terminal.run(*arguments)
        plain = " ".join(talk.replace("│", " ").split())
        assert (code, output) == (expected, b""), talk
        assert sentence in plain
        assert "Traceback" not in talk


def test_a_tampered_chunk_is_refused_and_nothing_kept(server: StartServer, tmp_path: Path):
    started = server()
    tia = Terminal(started.url)
    file = tmp_path / "ledger.bin"
    make_file(file, 2 * MIB)
    tia.do("share", file)
    chunk = next(started.data_directory.glob("sessions/*/*/1.bin"))
    data = bytearray(chunk.read_bytes())
    data[-1] ^= 1
    chunk.write_bytes(data)
    code, _, talk = tia.run("get", "latest", "-o", tmp_path / "got.bin")
    assert code == 6
    assert "damaged" in talk
    assert not list(tmp_path.glob("got.bin*"))
    chunk.unlink()
    assert tia.run("get", "latest", "-o", tmp_path / "got.bin")[0] == 6
    assert [one["state"] for one in tia.list()] == ["damaged"]


def test_a_full_disk_is_said_before_the_first_byte(server: StartServer, tmp_path: Path):
    tia = Terminal(server(session_bytes=4 * MIB).url)
    tia.do("share", "--text", "x")
    file = tmp_path / "large.bin"
    make_file(file, 5 * MIB)
    code, _, talk = tia.run("share", file)
    assert code == 7
    assert "room for" in talk
    assert talk.startswith("Not shared: large.bin.")
    assert [one["kind"] for one in tia.list()] == ["text"]


def test_both_directions_survive_a_killed_server(server: StartServer, tmp_path: Path):
    started = server()
    tia = Terminal(started.url)
    file = tmp_path / "big.bin"
    digest = make_file(file, 300 * MIB)
    sharing = tia.start("share", file)

    def chunks_are_there() -> bool:
        return len(list(started.data_directory.glob("sessions/*/*/*.bin"))) > 10

    wait_until(chunks_are_there, "some chunks are stored")
    started.restart()
    talk = sharing.communicate(timeout=120)[1].decode()
    assert sharing.returncode == 0, talk
    assert f"The connection to {started.url} is lost; waiting for the server" in talk
    getting = tia.start("get", "latest", "-o", tmp_path / "got.bin")
    part = tmp_path / "got.bin.part"
    wait_until(lambda: part.exists() and part.stat().st_size > 20 * MIB, "some bytes are saved")
    started.restart()
    assert getting.wait(120) == 0
    getting.communicate()
    assert sha256_of(tmp_path / "got.bin") == digest
    assert not part.exists()


def test_watch_tells_what_happens(tia: Terminal, tmp_path: Path):
    tia.do("share", "--text", "first")
    watching = tia.start("watch", "--json")
    assert watching.stdout is not None
    assert watching.stderr is not None
    assert b"Watching" in watching.stderr.readline()
    ada = Terminal(tia.server, name="Ada")
    content_id = ada.do("share", "--text", "second").decode().strip()
    ada.do("remove", content_id)
    told: list[dict[str, Any]] = []
    while not told or told[-1].get("id") != content_id or told[-1]["change"] != "gone":
        told.append(json.loads(watching.stdout.readline()))
    watching.send_signal(signal.SIGINT)
    assert watching.wait(30) == 130
    watching.communicate()
    changes = [(one["change"], one.get("id"), one.get("member")) for one in told]
    assert ("new", None, "Ada") in changes
    assert ("new", content_id, None) in changes


@pytest.mark.large
def test_a_gigabyte_keeps_memory_flat(server: StartServer, tmp_path: Path):
    started = server()
    tia = Terminal(started.url)
    file = tmp_path / "gigabyte.bin"
    digest = make_file(file, 1024 * MIB)
    peaks: list[int] = []
    for arguments in (("share", file), ("get", "latest", "-o", tmp_path / "got.bin")):
        process = tia.start(*arguments)
        watched = psutil.Process(process.pid)
        peak = 0
        while process.poll() is None:
            try:
                peak = max(peak, watched.memory_info().rss)
            except psutil.NoSuchProcess:
                break
            wait_until(lambda: True, "a moment")
        assert process.wait(120) == 0
        process.communicate()
        peaks.append(peak)
    assert sha256_of(tmp_path / "got.bin") == digest
    assert started.memory_peak_bytes() < 200 * MIB
    assert max(peaks) < 150 * MIB
