"""The doctor looks at a server through its proxy, as shipped and as it is often set up."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from sharethings.admin.errors import UsageError
from sharethings.admin.outside import look_from_outside
from sharethings.config import load_settings
from sharethings.transport.http.headers import add_headers
from sharethings.transport.http.probe import Probes
from sharethings.transport.http.static import StaticClient
from tests.conftest import SHIPPED
from tests.integration.admin.conftest import EVERYTHING_FITS, Operator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sharethings.config import Network
    from tests.conftest import StartHaproxy, StartServer
    from tests.programs import Haproxy

LOOPBACK = load_settings().trusted_proxies
REDIRECT = "http-request redirect scheme https code 308"
HSTS = "http-after-response set-header Strict-Transport-Security max-age=63072000 unless"
TELLS = "http-request set-header X-Forwarded-For %[src]"
SECURE = "http-request set-header X-Forwarded-Proto https"
CLEANS = "http-request del-header ^(forwarded|x-forwarded-.*|"
ADDS = "http-after-response add-header"


class Backend:
    """What a server has that the doctor looks at: the page, the headers, the probes."""

    def __init__(self, networks: tuple[Network, ...]) -> None:
        self.probes = Probes(networks)
        self.app = web.Application()
        self.app.on_response_prepare.append(add_headers)
        self.app.router.add_get("/readyz", self.ready)
        self.probes.add_to(self.app.router)
        StaticClient(Path("/nonexistent"), networks).add_to(self.app.router)

    async def ready(self, _request: web.Request) -> web.Response:
        return web.Response()


@pytest.fixture
async def backend(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Backend, str]]:
    """Run one, which trusts the loopback or what the test says."""
    made = Backend(getattr(request, "param", LOOPBACK))
    runner = web.AppRunner(made.app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield made, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def changed(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """Write the shipped configuration with changes; gives where it is."""
    folder = tmp_path / "proxy"
    shutil.copytree(SHIPPED.parent, folder)
    text = SHIPPED.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / SHIPPED.name
    path.write_text(text)
    return path


async def look(backend: Backend, front: Haproxy, url: str | None = None) -> dict[str, str]:
    """Give the findings that are not ok, with level and sentence."""
    found = await look_from_outside(
        backend.probes, url or front.url, str(front.ca_file), front.http_port
    )
    return {one.name: f"{one.level}: {one.sentence}" for one in found if one.level != "ok"}


async def test_the_shipped_configuration_is_right(
    backend: tuple[Backend, str], haproxy: StartHaproxy
):
    front = haproxy(backend[1])
    found = await look_from_outside(
        backend[0].probes, front.url, str(front.ca_file), front.http_port
    )
    names = ["address", "forwarded address", "forwarded protocol", "forwarded host"]
    names += ["security headers", "hsts", "http"]
    assert [(one.name, one.level, one.advice) for one in found] == [
        (name, "ok", "") for name in names
    ]


@pytest.mark.parametrize(
    ("change", "name", "said"),
    [
        ((TELLS, ""), "forwarded address", "fault: 127.0.0.1 sends no X-Forwarded-For"),
        ((SECURE, ""), "forwarded protocol", "fault: Requests are taken for unencrypted"),
        (
            (SECURE, f"{SECURE}\n    http-request set-header Host backend"),
            "forwarded host",
            "fault: The proxy asks for backend. Users ask for localhost:",
        ),
        (
            (HSTS, f"{ADDS} X-Frame-Options SAMEORIGIN\n    {HSTS}"),
            "security headers",
            "fault: X-Frame-Options comes 2 times with the page; X-Frame-Options comes 2",
        ),
        (
            (HSTS, f"http-after-response set-header Referrer-Policy origin\n    {HSTS}"),
            "security headers",
            "fault: Referrer-Policy is changed with the page",
        ),
        ((REDIRECT, "default_backend pages"), "http", "is answered without encryption."),
    ],
)
async def test_what_a_proxy_does_wrong_is_found(
    backend: tuple[Backend, str],
    haproxy: StartHaproxy,
    tmp_path: Path,
    change: tuple[str, str],
    name: str,
    said: str,
):
    found = await look(backend[0], haproxy(backend[1], changed(tmp_path, change)))
    assert said in found[name]
    assert set(found) <= {name, "security headers"}


async def test_a_proxy_that_lets_clients_choose_their_address_is_found(
    backend: tuple[Backend, str], haproxy: StartHaproxy, tmp_path: Path
):
    configuration = changed(
        tmp_path,
        (TELLS, ""),
        (
            "http-request del-header ^(forwarded|x-forwarded-.*|",
            "http-request del-header ^(forwarded|",
        ),
    )
    found = await look(backend[0], haproxy(backend[1], configuration))
    assert "fault: 127.0.0.1 passes on" in found["forwarded address"]


@pytest.mark.parametrize("backend", [()], indirect=True)
async def test_a_proxy_that_is_not_trusted_is_found(
    backend: tuple[Backend, str], haproxy: StartHaproxy
):
    found = await look(backend[0], haproxy(backend[1]))
    assert "fault: 127.0.0.1 is not believed" in found["forwarded address"]


async def test_no_hsts_and_no_http_are_warnings(
    backend: tuple[Backend, str], haproxy: StartHaproxy, tmp_path: Path
):
    front = haproxy(backend[1], changed(tmp_path, (HSTS, f"{HSTS} TRUE #")))
    assert (
        "comes 0 times"
        in (await look(backend[0], front, f"https://127.0.0.1:{front.https_port}"))["hsts"]
    )
    *_, last = await look_from_outside(backend[0].probes, front.url, str(front.ca_file), 1)
    assert (last.level, "Nobody answers" in last.sentence) == ("warning", True)


async def test_a_name_that_leads_elsewhere_is_found(
    backend: tuple[Backend, str], haproxy: StartHaproxy
):
    front = haproxy(backend[1])
    other = Backend(LOOPBACK)
    assert "somebody else answers (404)" in (await look(other, front))["address"]
    assert "does not lead here" in (await look(other, front, "https://localhost:1"))["address"]
    (found,) = await look_from_outside(None, front.url)
    assert "is stopped" in found.sentence
    (found,) = await look_from_outside(other.probes, front.url)
    assert (found.name, "CERTIFICATE_VERIFY_FAILED" in found.sentence) == ("certificate", True)


@pytest.mark.parametrize("url", ["http://localhost", "localhost", "https://"])
async def test_what_is_no_address_is_said(url: str):
    with pytest.raises(UsageError):
        await look_from_outside(None, url)
    with pytest.raises(UsageError, match="cannot be read"):
        await look_from_outside(None, "https://localhost", "/nonexistent")


def test_the_operator_asks_for_it(server: StartServer, haproxy: StartHaproxy):
    started = server(**EVERYTHING_FITS)
    front = haproxy(started.url)
    operator = Operator(started.data_directory)
    report = operator.ask("doctor", "--url", front.url, "--ca-file", front.ca_file)
    found = {one["name"]: one for one in report["findings"]}
    assert found["address"]["level"] == found["security headers"]["level"] == "ok"
    assert found["space"]["figures"]["free_bytes"] > 1000
    _, text, _ = operator.run("doctor")
    assert f"{found['space']['figures']['free_bytes']}" not in text
    assert operator.run("doctor", "--url", "http://localhost")[0] == 2
