"""How a server starts, refuses to start, answers and ends."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import aiohttp
import pytest

from tests.programs import clean_environment

if TYPE_CHECKING:
    from tests.conftest import StartServer

PROGRAM = Path(sys.executable).with_name("sharethings")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def serve(folder: Path, *options: object, **settings: str) -> tuple[int, str]:
    """Start a server that must refuse; gives exit code and what it said."""
    done = subprocess.run(
        [PROGRAM, "serve", "--port", "0", "--data-dir", folder, *map(str, options)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=clean_environment(("SHARETHINGS_",), **settings),
    )
    assert "Traceback" not in done.stderr
    if done.returncode in {8, 9}:  # said to the person, and in the log for who reads that alone
        *lines, sentence = done.stderr.splitlines()
        logged = [json.loads(line) for line in lines]
        reasons = [line["reason"] for line in logged if line["level"] == "critical"]
        assert reasons == [sentence]
    return done.returncode, done.stderr


async def test_what_operators_and_clients_ask_first(server: StartServer):
    url = server().url
    async with aiohttp.ClientSession(url) as http:
        for path in ("/healthz", "/readyz"):
            async with http.get(path) as response:
                assert (response.status, await response.text()) == (200, "ok\n")
                assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        async with http.get("/api/v1/config") as response:
            config = await response.json()
            assert (config["protocol"], config["suites"], len(config["realm"])) == (1, [1], 32)
            assert {name: response.headers[name] for name in HEADERS} == HEADERS
            assert "Server" not in response.headers
            assert "Set-Cookie" not in response.headers
        for method, path, status in (
            ("GET", "/nowhere", 404),
            ("GET", "/../../etc/passwd", 404),
            ("GET", "/index.html", 404),
            ("DELETE", "/healthz", 405),
            ("POST", "/api/v1/config", 405),
        ):
            async with http.request(method, path) as response:
                assert response.status == status
                assert (await response.json())["error"]["code"] in {
                    "not_found",
                    "method_not_allowed",
                }


async def test_the_page_gets_a_fresh_nonce_and_a_strict_policy(server: StartServer):
    url = server().url
    nonces = set()
    async with aiohttp.ClientSession() as http:
        for host in ("share.example", "evil.example; script-src *"):
            async with http.get(url, headers={"Host": host}) as response:
                policy = response.headers["Content-Security-Policy"]
                page = await response.text()
            nonce = policy.split("'nonce-")[1].split("'")[0]
            nonces.add(nonce)
            assert "__CSP_NONCE__" not in page
            assert f'nonce="{nonce}"' in page
            assert "script-src 'self';" in policy
            assert "script-src *" not in policy
            assert "require-trusted-types-for 'script'" in policy
            assert policy.startswith("default-src 'none'")
            assert "frame-src 'self';" in policy  # saves (docs/decisions/0033)
            assert "frame-ancestors 'none'" in policy
    assert len(nonces) == 2


async def test_files_of_the_client_are_cached_and_packed(server: StartServer):
    url = server().url
    async with aiohttp.ClientSession(url, auto_decompress=False) as http:
        async with http.get("/") as response:
            page = await response.text()
        name = page.split('src="./')[1].split('"')[0]
        async with http.get(f"/{name}", headers={"Accept-Encoding": "gzip"}) as response:
            assert response.headers["Content-Encoding"] == "gzip"
            assert "immutable" in response.headers["Cache-Control"]
            assert response.content_type == "text/javascript"
            etag = response.headers["ETag"]
            packed = await response.read()
        both = {"If-None-Match": etag, "Accept-Encoding": "gzip"}
        async with http.get(f"/{name}", headers=both) as response:
            assert response.status == 304
        async with http.get(f"/{name}", headers=both | {"Accept-Encoding": "identity"}) as response:
            assert (response.status, response.headers["ETag"] == etag) == (200, False)
            assert len(await response.read()) > len(packed)
        async with http.get("/save/0123abcd") as response:
            assert (response.status, await response.read()) == (204, b"")


def test_the_realm_stays_and_a_second_server_is_refused(server: StartServer, tmp_path: Path):
    started = server(tmp_path / "data")
    code, said = serve(tmp_path / "data")
    assert code == 8
    assert "Another server uses" in said
    with closing(sqlite3.connect(started.data_directory / "sharethings.db")) as database:
        (realm,) = database.execute("SELECT realm FROM instance").fetchone()
        assert len(realm) == 16
        started.stop()
        started.start()
        assert database.execute("SELECT realm FROM instance").fetchone() == (realm,)
        columns = {row[1] for row in database.execute("PRAGMA table_info(content_metadata)")}
        assert {
            "content_id",
            "session_id",
            "content_type",
            "total_chunks",
            "total_size",
            "created_at",
            "encryption_iv",
            "additional_metadata",
            "is_complete",
            "last_accessed",
        } <= columns
        (mode,) = database.execute("PRAGMA journal_mode").fetchone()
        assert mode == "wal"


def test_what_is_kept_is_closed_to_others(server: StartServer):
    started = server()
    modes = {path.name: path.stat().st_mode & 0o777 for path in started.data_directory.rglob("*")}
    assert all(mode in {0o600, 0o700} for mode in modes.values()), modes


@pytest.mark.parametrize(
    "content", [b"not a database at all " * 100, b"SQLite format 3\0" + b"x" * 5000]
)
def test_a_damaged_database_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    (folder / "sharethings.db").write_bytes(content)
    code, said = serve(folder)
    assert code == 8
    assert "damaged" in said
    assert (folder / "sharethings.db").read_bytes() == content


def test_a_newer_schema_is_refused(server: StartServer, tmp_path: Path):
    started = server(tmp_path / "data")
    started.stop()
    with closing(sqlite3.connect(tmp_path / "data" / "sharethings.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    code, said = serve(tmp_path / "data")
    assert code == 8
    assert "newer than this version" in said


def test_a_data_directory_that_others_can_read_is_refused(tmp_path: Path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "something").touch()
    folder.chmod(0o755)
    code, said = serve(folder)
    assert code == 8
    assert f"chmod 700 {folder}" in said
    (tmp_path / "file").touch()
    assert serve(tmp_path / "file")[0] == 8


def test_settings_that_are_not_understood_are_named(tmp_path: Path):
    code, said = serve(tmp_path, SHARETHINGS_SESSION_BYTES="-1")
    assert (code, "session_bytes" in said) == (2, True)
    for given, name in (("session_bytes=5", "session_bytes"), ("sesion=1", "sesion"), ("x", "x")):
        code, said = serve(tmp_path, "--set", given)
        assert (code, name in said) == (2, True)


def test_an_option_wins_over_the_environment(tmp_path: Path):
    options = ["--port", "0", "--data-dir", str(tmp_path / "data")]
    options += ["--set", "SESSION_BYTES=1234567"]
    environment = clean_environment(("SHARETHINGS_",), SHARETHINGS_SESSION_BYTES="7654321")
    with subprocess.Popen(
        [PROGRAM, "serve", *options], stdout=subprocess.PIPE, text=True, env=environment
    ) as program:
        assert program.stdout is not None
        url = program.stdout.readline().split()[-1]
        with urlopen(f"{url}/api/v1/config") as response:  # noqa: S310 - our own address
            assert json.load(response)["limits"]["session_bytes"] == 1234567
        program.terminate()
    assert program.returncode == 0


def test_a_taken_address_is_said(server: StartServer, tmp_path: Path):
    started = server()
    done = subprocess.run(
        [PROGRAM, "serve", "--port", str(started.port), "--data-dir", tmp_path / "other"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 9
    assert "--port" in done.stderr


def test_a_taken_port_of_metrics_is_said_before_the_data_is_touched(
    server: StartServer, tmp_path: Path
):
    taken = str(server().port)
    code, said = serve(tmp_path / "data", SHARETHINGS_METRICS_PORT=taken)
    assert (code, f"127.0.0.1 port {taken}" in said, "--set metrics_port" in said) == (
        9,
        True,
        True,
    )
    assert not (tmp_path / "data" / "sharethings.db").exists()


def test_an_address_of_another_machine_is_said(tmp_path: Path):
    code, said = serve(tmp_path / "data", "--host", "203.0.113.7")
    assert (code, "cannot listen on 203.0.113.7" in said) == (9, True)


def test_what_cannot_be_opened_at_the_start_is_not_told_as_a_taken_address(tmp_path: Path):
    folder = tmp_path / "data"
    (folder / "sharethings.db").mkdir(parents=True)
    folder.chmod(0o700)
    code, said = serve(folder)
    assert (code, "cannot be used" in said, "listen" in said) == (8, True, False)
