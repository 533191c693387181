"""The wheel: what is in it, and that it serves with neither Node nor the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.programs import ROOT, Server

pytestmark = pytest.mark.xdist_group("package")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it as `make wheel` does; needs Node when the client is not built yet."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d"]
    subprocess.run([*command, str(folder)], cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_the_package_the_client_and_the_migrations(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    expected = {
        "sharethings/py.typed",
        "sharethings/crypto/words.txt",
        "sharethings/static/index.html",
        "sharethings/static/sw.js",
        "sharethings/migrations/env.py",
        "sharethings/migrations/versions/0001_first.py",
    }
    assert expected <= set(names)
    assert any(name.startswith("sharethings/static/assets/") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_it_holds_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    folders = {name.split("/")[0] for name in names}
    assert {name for name in folders if not name.endswith(".dist-info")} == {"sharethings"}
    stray = (".pyc", ".map", ".db", ".ts", ".tsx")
    assert [name for name in names if name.endswith(stray)] == []
    listed = subprocess.run(
        ["git", "ls-files", "sharethings"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    made = ("sharethings/static/", "sharethings/migrations/")
    source = [name for name in names if name.startswith("sharethings/")]
    untracked = set(source) - set(listed)
    assert [name for name in untracked if not name.startswith(made)] == []


@pytest.fixture
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install it as its users do, into an environment without anything for development."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [f"{folder}/bin/pip", "install", "-qq", "--disable-pip-version-check"]
    lock = ["--require-hashes", "--requirement", f"{ROOT}/requirements.lock"]
    subprocess.run([*pip, *lock], cwd=folder, check=True)
    subprocess.run([*pip, "--no-deps", str(wheel)], cwd=folder, check=True)
    return folder


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
        data: bytes = answer.read()
    return data


def test_it_serves_without_node_and_checkout(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    command = (str(installed / "bin" / "sharethings"),)
    server = Server(tmp_path / "data", tmp_path / "log", {}, command)
    server.start()
    try:
        page = _get(server.url)
        assert b'<div id="root">' in page
        scripts = [part.split(b'"')[0].decode() for part in page.split(b'src="./')[1:]]
        assert scripts
        for script in scripts:
            assert len(_get(f"{server.url}/{script}")) > 1000
        assert _get(f"{server.url}/healthz") == b"ok\n"
        assert _get(f"{server.url}/readyz") == b"ok\n"
        assert (tmp_path / "data" / "sharethings.db").is_file()
    finally:
        server.stop()
    assert "client_not_built" not in server.log
    done = subprocess.run(
        [installed / "bin" / "python", "-c", "import sharethings; print(sharethings.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()).is_relative_to(installed)
