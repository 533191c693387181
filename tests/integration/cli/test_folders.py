"""Folders: shared file by file, listed as a group, and made again, wherever names lead."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sharethings.cli.exits import Exit
from sharethings.client.folders import read_folder
from sharethings.client.upload import share_file
from tests.files import MIB, make_file
from tests.integration.client.members import join

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import Server
    from tests.terminal import Terminal


def make_tree(root: Path) -> dict[str, bytes]:
    """Make a folder `root`; gives the bytes of its files by their paths in it."""
    files = {"a.txt": b"a", "sub/b.txt": b"b", "sub/deep/größe 🌻.txt": b"c" * 20_000, "z.bin": b""}
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    make_file(root / "sub" / "large.bin", 2 * MIB)
    return files | {"sub/large.bin": (root / "sub" / "large.bin").read_bytes()}


def files_in(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def test_a_folder_comes_back_with_its_structure(tia: Terminal, tmp_path: Path):
    photos, target = tmp_path / "photos", tmp_path / "target"
    files = make_tree(photos)
    (photos / "nothing").mkdir()
    (photos / "secret").symlink_to("/etc/passwd")
    (photos / "elsewhere").symlink_to("/etc")
    os.mkfifo(photos / "pipe")
    tia.do("share", "--text", "beside it")
    code, printed, talk = tia.run("share", photos)
    group = printed.decode().strip()
    assert (code, len(group)) == (0, 32)
    assert talk.splitlines() == [
        *(
            f"Not shared: photos/{name}, a link or no file."
            for name in ("elsewhere", "pipe", "secret")
        ),
        "Not shared: photos/nothing, an empty folder.",
        "Shared photos: 5 of 5 files.",
    ]
    listed = tia.list()[1:]
    assert {one["path"] for one in listed} == {f"photos/{name}" for name in files}
    assert all(one["group"] == {"id": group, "name": "photos", "count": 5} for one in listed)
    shown = [line.split("\t") for line in tia.do("list").decode().splitlines()]
    assert {(cells[2], cells[7]) for cells in shown[1:]} == {
        (f"photos/{name}", group[:8]) for name in files
    }
    tia.do("get", group[:6], "-o", target)
    assert files_in(target) == {f"photos/{name}": data for name, data in files.items()}
    assert tia.run("get", group, "-o", target)[2].count("is there already") == 5
    tia.do("get", listed[0]["id"], "-o", tmp_path / "one")
    assert (tmp_path / "one").read_bytes() == files[listed[0]["path"].removeprefix("photos/")]
    tia.do("remove", group)
    assert [one["kind"] for one in tia.list()] == ["text"]


def test_what_cannot_be_shared_of_a_folder_does_not_keep_the_others(tia: Terminal, tmp_path: Path):
    deep = tmp_path / "deep"
    below = deep
    for _ in range(6):
        below /= "n" * 200
    below.mkdir(parents=True)
    (below / "too deep").write_bytes(b"x")
    (deep / "kept").write_bytes(b"kept")
    code, printed, talk = tia.run("share", deep)
    assert (code, "whose path is too long" in talk) == (Exit.LIMIT, True)
    assert talk.splitlines()[-1] == "Shared deep: 1 of 2 files."
    assert [one["path"] for one in tia.list()] == ["deep/kept"]
    tia.do("get", printed.decode().strip(), "-o", tmp_path / "target")
    assert files_in(tmp_path / "target") == {"deep/kept": b"kept"}


@pytest.mark.parametrize(
    ("path", "saved"),
    [
        ("../../../up.txt", "up.txt"),
        ("/absolute/up.txt", "absolute/up.txt"),
        ("a\\..\\..\\up.txt", "a/up.txt"),
        (".git/hooks/up.txt", "git/hooks/up.txt"),
        ("way/up.txt", None),
        ("file/up.txt", None),
    ],
)
async def test_no_path_leads_out_of_the_folder(
    program: Server, tia: Terminal, tmp_path: Path, path: str, saved: str | None
):
    """`way` is a link that stands below the target, `file` a file."""
    file, outside, target = tmp_path / "up.txt", tmp_path / "outside", tmp_path / "at" / "target"
    file.write_bytes(b"given")
    outside.mkdir()
    target.mkdir(parents=True)
    (target / "way").symlink_to(outside)
    (target / "file").write_bytes(b"mine")
    group = {"id": "ab" * 16, "name": "x", "count": 1}
    async with await join(program) as member:
        members = {"path": path, "group": group}
        await share_file(member, file, lambda _: None, "up.txt", members=members)
    code, _, talk = tia.run("get", "ab" * 16, "-o", target)
    assert not list(outside.iterdir())
    assert list((tmp_path / "at").iterdir()) == [target]
    expected = {"file": b"mine"} if saved is None else {"file": b"mine", saved: b"given"}
    assert files_in(target) == expected
    if saved is None:
        assert code == Exit.USAGE
        assert "nothing is saved through it" in talk
    else:
        assert code == 0


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path):
    files = make_tree(tmp_path / "photos")
    found = read_folder(tmp_path / "photos").files
    order = ["a.txt", "z.bin", "sub/b.txt", "sub/large.bin", "sub/deep/größe 🌻.txt"]
    assert [one.path for one in found] == [f"photos/{name}" for name in order]
    assert [one.size for one in found] == [len(files[name]) for name in order]
