"""`get all`: what can be saved is saved, once, whatever the names and whatever fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.files import MIB, make_file

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.programs import Server
    from tests.terminal import Terminal


def share(tia: Terminal, name: str, given: bytes) -> str:
    """Share a file; gives the first digits of its id."""
    return tia.do("share", "-", "--name", name, given=given).decode()[:8]


def found_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_files_of_one_name_are_all_saved_and_only_once(tia: Terminal, tmp_path: Path):
    share(tia, "a.txt", b"one")
    second = share(tia, "a.txt", b"two")
    folder = tmp_path / "all"
    tia.do("get", "all", "-o", folder)
    expected = {"a.txt": b"one", f"a ({second}).txt": b"two"}
    assert found_in(folder) == expected
    third = share(tia, "b.txt", b"three")
    code, _, talk = tia.run("get", "all", "-o", folder)
    assert (code, found_in(folder)) == (0, expected | {"b.txt": b"three"})
    assert talk.count("is there already") == 2
    (folder / "b.txt").write_bytes(b"mine!")
    tia.do("get", "all", "-o", folder)
    assert found_in(folder) == expected | {"b.txt": b"mine!", f"b ({third}).txt": b"three"}


def test_the_others_are_saved_when_one_cannot_be(program: Server, tia: Terminal, tmp_path: Path):
    make_file(tmp_path / "ledger.bin", 2 * MIB)
    tia.do("share", tmp_path / "ledger.bin")
    kept = share(tia, "kept.txt", b"kept")
    chunk = next(program.data_directory.glob("sessions/*/*/1.bin"))
    chunk.write_bytes(chunk.read_bytes()[::-1])
    folder = tmp_path / "all"
    folder.mkdir()
    (folder / "kept.txt").write_bytes(b"")
    (folder / f"kept ({kept}).txt").write_bytes(b"")
    share(tia, "last.txt", b"last")
    code, _, talk = tia.run("get", "all", "-o", folder)
    assert code == 6, talk
    assert "damaged" in talk
    assert "exists already" in talk
    assert {name for name in found_in(folder) if not name.startswith("kept")} == {"last.txt"}


def test_a_file_is_no_folder_for_all(tia: Terminal, tmp_path: Path):
    share(tia, "a.txt", b"one")
    (tmp_path / "taken").write_bytes(b"mine")
    code, _, talk = tia.run("get", "all", "-o", tmp_path / "taken")
    assert code == 2
    assert "name a folder" in talk


def test_all_have_a_bar_over_them_which_is_full_at_the_end(
    tia: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    tia.do("share", "--text", "a text goes past the bars")
    for name in ("a.bin", "b.bin", "c.bin"):
        share(tia, name, bytes(20_000))
    tia.more = {"FORCE_COLOR": "1"}  # draws bars without a terminal too
    monkeypatch.chdir(tmp_path)
    tia.do("get", "latest")  # what is there already counts too
    code, output, talk = tia.run("get", "all")
    assert (code, output) == (0, b"a text goes past the bars\n")
    assert "c.bin is there already" in talk
    last = talk[talk.rindex("all ") :].splitlines()[0]
    assert "60.0/60.0 kB" in last
    assert "100 %" in last
    assert talk.index(" 0 %") < talk.index("100 %")
