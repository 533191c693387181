"""`get --zip`: a folder, or all, as one file that any program can open, or none."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

from sharethings.cli.exits import Exit
from tests.files import MIB, make_file
from tests.programs import wait_until
from tests.proxy import Proxy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import Server
    from tests.terminal import Terminal


def entries_in(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_folder_and_all_become_a_zip_file(tia: Terminal, tmp_path: Path):
    photos, target = tmp_path / "photos", tmp_path / "photos.zip"
    (photos / "sub").mkdir(parents=True)
    (photos / "größe.txt").write_bytes(b"a")
    make_file(photos / "sub" / "large.bin", 3 * MIB + 1)
    group = tia.do("share", photos).decode().strip()
    expected = {
        "photos/größe.txt": b"a",
        "photos/sub/large.bin": (photos / "sub" / "large.bin").read_bytes(),
    }
    tia.do("get", group, "--zip", target)
    assert entries_in(target) == expected
    code, _, talk = tia.run("get", group, "--zip", target)
    assert (code, "exists already" in talk) == (Exit.USAGE, True)
    tia.do("share", "-", "--name", "a.txt", given=b"one")
    second = tia.do("share", "-", "--name", "A.txt", given=b"two").decode()
    tia.do("get", "all", "--zip", tmp_path / "all.zip")
    assert entries_in(tmp_path / "all.zip") == expected | {
        "a.txt": b"one",
        f"A ({second[:8]}).txt": b"two",
    }
    code, _, talk = tia.run("get", "all", "--zip", tmp_path / "x.zip", "-o", tmp_path)
    assert (code, "--zip goes without" in talk) == (Exit.USAGE, True)


def test_a_zip_file_that_would_not_be_whole_is_not_kept(
    tia: Terminal, program: Server, tmp_path: Path
):
    make_file(tmp_path / "ledger.bin", 3 * MIB)
    tia.do("share", "--text", "kept", tmp_path / "ledger.bin")
    last = next(program.data_directory.glob("sessions/*/*/2.bin"))
    last.write_bytes(last.read_bytes()[:-1] + b"?")
    code, _, talk = tia.run("get", "all", "--zip", tmp_path / "all.zip")
    assert (code, "damaged" in talk) == (Exit.DAMAGED, True)
    assert not list(tmp_path.glob("all*"))


def test_what_a_kill_left_of_a_zip_file_is_begun_anew(
    tia: Terminal, program: Server, tmp_path: Path
):
    target, part = tmp_path / "all.zip", tmp_path / "all.zip.part"
    make_file(tmp_path / "film.mkv", 40 * MIB)
    tia.do("share", tmp_path / "film.mkv")
    with Proxy(program.port) as proxy:
        getting = replace(tia, server=proxy.url).start("get", "all", "--zip", target)
        try:
            wait_until(lambda: part.exists() and part.stat().st_size > MIB, "some of it is there")
            proxy.stall()
            code, _, talk = tia.run("get", "all", "--zip", target)
        finally:
            getting.kill()
            getting.communicate()
    assert (code, f"Another download writes {part}." in talk) == (Exit.USAGE, True), talk
    part.write_bytes(part.read_bytes() + bytes(60 * MIB))  # longer than all of it
    tia.do("get", "all", "--zip", target)
    assert entries_in(target) == {"film.mkv": (tmp_path / "film.mkv").read_bytes()}
    assert set(tmp_path.glob("all*")) == {target}
    target.rename(part)
    code, _, talk = tia.run("get", "all", "--zip", target)
    assert (code, f"{part} is in the way" in talk) == (Exit.USAGE, True), talk
    assert entries_in(part), "what somebody else put there stays as it is"
