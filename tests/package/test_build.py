"""hatch_build.py and scripts/environment: what is built when, and what is said when it cannot be.

npm is a shell script here: what is looked at is when it is called. The real one builds the client
before every run of all tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

NODE = "#!/bin/sh\necho {version}\n"
NPM = """#!/bin/sh
echo "$*" >>../calls
case "$1 $3" in
  "ci "*) mkdir -p node_modules && echo >node_modules/.package-lock.json ;;
  "run build") mkdir -p ../sharethings/static && echo page >../sharethings/static/index.html ;;
esac
exit "${NPM_CODE:-0}"
"""
BUILT = ["ci --no-progress", "run --silent build -- --logLevel warn"]


class Tree:
    """A small project with our build in it, and a PATH with what programs it shall find."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.programs = root / "bin"
        for folder in ("client/src", "sharethings/crypto", "bin"):
            (root / folder).mkdir(parents=True)
        shutil.copy(ROOT / "hatch_build.py", root)
        for name in (".npmrc", "package.json", "package-lock.json", "src/main.ts"):
            (root / "client" / name).write_text(name)
        (root / "sharethings" / "crypto" / "words.txt").write_text("abandon\n")
        self.install("node", NODE.format(version="v20.1.0"))
        self.install("npm", NPM)

    def install(self, name: str, text: str) -> None:
        program = self.programs / name
        program.write_text(text)
        program.chmod(0o755)

    def build(
        self, *, system: str = ":/usr/bin:/bin", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "hatch_build.py"],
            cwd=self.root,
            env={"PATH": f"{self.programs}{system}", **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[str]:
        """Give what npm was asked since the last look."""
        file = self.root / "calls"
        said = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return said


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_it_is_built_once(tree: Tree) -> None:
    assert tree.build().returncode == 0
    assert tree.calls() == BUILT
    again = tree.build()
    assert (again.returncode, again.stderr, tree.calls()) == (0, "", [])


@pytest.mark.parametrize("name", ["client/src/main.ts", "sharethings/crypto/words.txt"])
def test_it_is_built_again_when_an_input_changed(tree: Tree, name: str) -> None:
    tree.build()
    tree.calls()
    (tree.root / name).write_text("changed")
    tree.build()
    assert tree.calls() == BUILT[1:]


def test_a_touched_file_changes_nothing_and_a_new_one_does(tree: Tree) -> None:
    tree.build()
    tree.calls()
    os.utime(tree.root / "client" / "src" / "main.ts", (1, 1))
    tree.build()
    assert tree.calls() == []
    (tree.root / "client" / "src" / "more.ts").write_text("")
    tree.build()
    assert tree.calls() == BUILT[1:]


def test_a_changed_lock_installs_again(tree: Tree) -> None:
    tree.build()
    tree.calls()
    (tree.root / "client" / "package-lock.json").write_text("changed")
    tree.build()
    assert tree.calls() == BUILT


def test_a_lost_page_is_built_again(tree: Tree) -> None:
    tree.build()
    tree.calls()
    (tree.root / "sharethings" / "static" / "index.html").unlink()
    tree.build()
    assert tree.calls() == BUILT[1:]


def test_what_was_installed_in_part_is_installed_again(tree: Tree) -> None:
    tree.build()
    tree.calls()
    (tree.root / "client" / "node_modules" / ".package-lock.json").unlink()
    (tree.root / "client" / "src" / "main.ts").write_text("changed")
    tree.build()
    assert tree.calls() == BUILT


def test_a_failed_build_is_tried_again(tree: Tree) -> None:
    failed = tree.build(NPM_CODE="1")
    assert failed.returncode == 1
    assert failed.stderr.endswith(
        "The browser client was not built: npm ci --no-progress failed, see above.\n"
    )
    tree.calls()
    assert tree.build().returncode == 0
    assert tree.calls() == BUILT


def test_without_node_one_sentence_says_what_to_do(tree: Tree) -> None:
    (tree.programs / "node").unlink()
    done = tree.build(system="")
    assert done.returncode == 1
    assert done.stderr == (
        "The browser client needs Node to be built. "
        "Install Node 20 or newer, with npm, and run the command again.\n"
    )


def test_an_old_node_is_named(tree: Tree) -> None:
    tree.install("node", NODE.format(version="v18.19.1"))
    done = tree.build()
    assert done.returncode == 1
    assert done.stderr.startswith("Node v18.19.1 is too old for the browser client.")
    assert tree.calls() == []


def _environment(python: Path | str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "environment", folder / "scripts")
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return subprocess.run(
        ["scripts/environment", "run"],
        cwd=folder,
        env={**os.environ, "PYTHON": str(python)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("code", ["exit 127", "exit 1"])
def test_without_a_new_enough_python_one_sentence_says_what_to_do(
    tmp_path: Path, code: str
) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{code}\n")
    python.chmod(0o755)
    done = _environment(python, tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "ShareThings needs Python 3.11 or newer: install it, "
        "or name it with make PYTHON=/path/to/python3\n"
    )


def test_without_venv_one_sentence_says_what_to_do_and_nothing_is_left(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\n[ "$1" = -m ] && exit 1\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    done = _environment(python, tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "Python cannot make a virtual environment: install its venv module "
        "(on Debian: apt-get install python3-venv)\n"
    )
    assert not (tmp_path / ".venv").exists()


def test_the_environment_of_these_tests_is_known_to_be_installed() -> None:
    done = subprocess.run(
        [ROOT / "scripts" / "environment", "run"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
