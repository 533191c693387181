"""What holds for the tree as a whole."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from sharethings import __version__

ROOT = Path(__file__).parents[2]
HOSTS = re.compile(
    rb"https?://[^\s\"'<>)]*(pypi|pythonhosted|npmjs|registry|artifactory|nexus|/simple/?\b)[^\s]*",
    re.IGNORECASE,
)


def _tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_dependencies_point_the_way_they_should() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_package_registry_is_named() -> None:
    named = {
        name: found[0].decode()
        for name in _tracked()
        if (found := HOSTS.search((ROOT / name).read_bytes()))
    }
    assert named == {}


def test_continuous_integration_runs_the_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    commands = [line for line in script.splitlines() if line.startswith("make ")]
    assert commands == ["make test </dev/null"]
    assert re.search(r"^(?:\$ )?make test\b", (ROOT / "README.md").read_text(), re.MULTILINE)


def test_scripts_can_be_run() -> None:
    scripts = [name for name in _tracked() if (ROOT / name).read_bytes().startswith(b"#!")]
    assert {".ci/run", "scripts/test", "haproxy/make-dev-certificate"} <= set(scripts)
    assert [name for name in scripts if not os.access(ROOT / name, os.X_OK)] == []


def test_the_installed_package_says_its_version() -> None:
    program = Path(sys.executable).with_name("sharethings")
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"ShareThings {__version__}"
