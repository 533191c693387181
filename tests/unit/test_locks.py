"""The locks fit what they lock: no network is asked."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==([^ ;\\]+)")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = {"requirements.lock": "build", "requirements-dev.lock": "dev"}


def _read(lock: str) -> dict[str, str]:
    lines = (ROOT / lock).read_text().splitlines()
    found = [PINNED.match(line) for line in lines]
    return {canonicalize_name(match[1]): match[2] for match in found if match is not None}


def _group(name: str) -> list[str]:
    wanted: list[str] = []
    for entry in PROJECT["dependency-groups"][name]:
        wanted += _group(entry["include-group"]) if isinstance(entry, dict) else [entry]
    return wanted


@pytest.mark.parametrize(("lock", "group"), LOCKS.items())
def test_lock_holds_what_the_project_asks_for(lock: str, group: str) -> None:
    pinned = _read(lock)
    for text in [*PROJECT["project"]["dependencies"], *_group(group)]:
        wanted = Requirement(text)
        version = pinned.get(canonicalize_name(wanted.name))
        assert version is not None, f"{wanted.name} is not in {lock}: run make lock"
        assert wanted.specifier.contains(version), f"{wanted} is locked at {version}"


def test_tests_run_what_users_run() -> None:
    run, dev = _read("requirements.lock"), _read("requirements-dev.lock")
    assert {name: dev.get(name) for name in run} == run


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_by_digest(lock: str) -> None:
    entries = re.split(r"\n(?=[a-zA-Z0-9])", (ROOT / lock).read_text().strip())
    assert len(entries) > 20
    for entry in entries:
        assert PINNED.match(entry), entry.splitlines()[0]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]


def test_lock_of_the_client_holds_what_it_asks_for() -> None:
    wanted = json.loads((ROOT / "client" / "package.json").read_text())
    lock = json.loads((ROOT / "client" / "package-lock.json").read_text())
    locked = lock["packages"][""]
    for key in ("version", "dependencies", "devDependencies"):
        assert locked[key] == wanted[key], f"{key}: run npm install in client/"
    for name, entry in lock["packages"].items():
        assert not name or "integrity" in entry, f"{name} is not pinned by digest"
        assert "resolved" not in entry, f"{name} names a host"


def test_one_version_for_all() -> None:
    client = json.loads((ROOT / "client" / "package.json").read_text())
    assert client["version"] == PROJECT["project"]["version"]
