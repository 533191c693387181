"""The fragments that haproxy/README.md offers work when they are put where it says."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import StartHaproxy
    from tests.haproxy.conftest import Answer

README = (ROOT / "haproxy" / "README.md").read_text()
SHIPPED = (ROOT / "haproxy" / "haproxy.cfg").read_text()
REDIRECT = "    http-request redirect scheme https code 308\n"
CHOICE = "    use_backend programs if { path_beg /api/ /socket.io/ }\n    default_backend pages\n"


def _fragment(beginning: str) -> str:
    (found,) = [
        text for text in re.findall(r"```\n(.*?)```", README, re.DOTALL) if beginning in text
    ]
    return str(found)


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str], Path]:
    """Make a copy of the configuration in which one part is replaced."""

    def change(old: str, new: str) -> Path:
        assert SHIPPED.count(old) == 1
        shutil.copytree(ROOT / "haproxy" / "errors", tmp_path / "errors")
        copy = tmp_path / "haproxy.cfg"
        copy.write_text(SHIPPED.replace(old, new))
        return copy

    return change


async def test_acme_challenges_are_answered_and_all_else_is_redirected(
    echo: str, haproxy: StartHaproxy, changed: Callable[[str, str], Path]
) -> None:
    fragment = _fragment("acme-challenge").replace("127.0.0.1:8888", echo.removeprefix("http://"))
    front = haproxy(echo, configuration=changed(REDIRECT, fragment))
    answers = {}
    for path in ("/.well-known/acme-challenge/x", "/x"):
        with closing(http.client.HTTPConnection("127.0.0.1", front.http_port)) as connection:
            connection.request("GET", path)
            answers[path] = (await asyncio.to_thread(connection.getresponse)).status
    assert list(answers.values()) == [200, 308]


async def test_it_can_live_below_a_path(
    echo: str,
    haproxy: StartHaproxy,
    changed: Callable[[str, str], Path],
    ask: Callable[..., Answer],
) -> None:
    front = haproxy(echo, configuration=changed(CHOICE, _fragment("path_beg /share/")))
    seen = {}
    for path in ("/share/", "/share/api/v1/config?a=b", "/share/assets/x.js"):
        answer = await asyncio.to_thread(ask, front, path)
        seen[path] = json.loads(answer.body)["path"]
    assert seen == {path: path.removeprefix("/share") for path in seen}
    entry = await asyncio.to_thread(ask, front, "/share")
    assert (entry.status, entry.headers["Location"]) == (308, "/share/")


def test_every_variable_is_documented() -> None:
    used = set(re.findall(r"PROXY_[A-Z_]+", SHIPPED))
    listed = dict(re.findall(r"^\| `(PROXY_[A-Z_]+)` \| (.*?) \|", README, re.MULTILINE))
    assert used == set(listed)
    for name, default in re.findall(r"\$\{(PROXY_[A-Z_]+)-([^}]*)\}", SHIPPED):
        assert listed[name].strip("`") == default
