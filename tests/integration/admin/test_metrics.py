"""Metrics on the unix socket, and on a local port when the operator wants one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import ClientSession, UnixConnector

from tests.integration.admin.conftest import EVERYTHING_FITS
from tests.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import StartServer


async def read(connector: UnixConnector | None, url: str, hidden: str = "?") -> dict[str, float]:
    """Fetch metrics; gives each by its name with labels."""
    async with ClientSession(connector=connector) as http, http.get(url) as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/plain; version=")
        text = await response.text()
    assert hidden not in text
    rows = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name.removeprefix("sharethings_"): float(value) for name, value in rows}


async def test_what_happens_is_counted(server: StartServer, tmp_path: Path, free_port: int):
    started = server(metrics_port=free_port, **EVERYTHING_FITS)
    tia = Terminal(started.url)
    file = tmp_path / "plan.bin"
    file.write_bytes(bytes(2_500_000))
    tia.do("share", file, "--text", "hello")
    tia.do("get", "latest", "-o", tmp_path / "again.bin")
    assert Terminal(started.url, "wrong horse battery staple").run("list")[0] == 3
    assert tia.run("get", "ffffffff")[0] == 4
    socket = started.data_directory / "admin.sock"
    (session,) = (started.data_directory / "sessions").iterdir()
    connector = UnixConnector(str(socket))
    found = await read(connector, "http://admin/metrics", hidden=session.name[:8])
    stored = found["stored_bytes"]
    assert stored > 2_500_000
    assert found['chunk_bytes_total{direction="in"}'] > 2_500_000
    assert found['chunk_bytes_total{direction="out"}'] > 2_500_000
    assert found['requests_total{outcome="wrong_passphrase",plane="control"}'] == 1
    assert found['requests_total{outcome="ok",plane="bulk"}'] >= 6
    assert found['requests_total{outcome="ok",plane="control"}'] > 0
    assert (found["sessions"], found["contents"], found["members"]) == (1, 2, 0)
    assert found["commit_jobs_count"] == found["commit_seconds_count"] > 0
    assert found["disk_total_bytes"] > found["disk_free_bytes"] > 0
    assert (found["disk_faults_total"], found["read_only"], found["writer_waiting"]) == (0, 0, 0)
    again = await read(None, f"http://127.0.0.1:{free_port}/metrics")
    assert (again["stored_bytes"], again["connections"]) == (stored, 0)


async def test_nothing_else_is_on_that_port_and_nothing_on_the_others(
    server: StartServer, free_port: int
):
    started = server(metrics_port=free_port)
    async with ClientSession() as http:
        for method, url, status in (
            ("POST", f"http://127.0.0.1:{free_port}/", 404),
            ("GET", f"http://127.0.0.1:{free_port}/api/v1/config", 404),
            ("GET", f"{started.url}/metrics", 404),
            ("POST", started.url, 405),
        ):
            async with http.request(method, url) as response:
                assert (url, response.status) == (url, status)
