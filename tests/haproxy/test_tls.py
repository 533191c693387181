"""TLS, the redirect to it, and the development certificate."""

from __future__ import annotations

import http.client
import socket
import ssl
import stat
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.programs import ROOT, Haproxy, clean_environment, make_certificate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import StartHaproxy, StartServer
    from tests.haproxy.conftest import Answer
    from tests.programs import Certificate


@pytest.fixture
def front(server: StartServer, haproxy: StartHaproxy) -> Haproxy:
    return haproxy(server().url)


def test_configuration_with_its_defaults_is_valid_and_warns_of_nothing(
    certificate: Certificate,
) -> None:
    assert Haproxy.program is not None
    done = subprocess.run(
        [Haproxy.program, "-c", "-dW", "-f", ROOT / "haproxy" / "haproxy.cfg"],
        env=clean_environment(("PROXY_",), PROXY_CERTIFICATE=str(certificate.pem)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_plain_http_is_redirected_for_good_with_its_method(front: Haproxy) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", front.http_port)) as connection:
        connection.request("POST", "/some/where?a=b", headers={"Host": "share.example"})
        answer = connection.getresponse()
        assert answer.status == 308
        assert answer.headers["Location"] == "https://share.example/some/where?a=b"


def test_browsers_are_told_to_stay_on_https(front: Haproxy, ask: Callable[..., Answer]) -> None:
    for path in ("/healthz", "/api/v1/config", "/nothing/here"):
        answer = ask(front, path, {"Host": "share.example"})
        assert answer.headers.get_all("Strict-Transport-Security") == ["max-age=63072000"]
    assert "Strict-Transport-Security" not in ask(front, "/", {"Host": "localhost:8443"}).headers


def _handshake(front: Haproxy, *options: str) -> subprocess.CompletedProcess[str]:
    address = f"127.0.0.1:{front.https_port}"
    return subprocess.run(
        ["openssl", "s_client", "-connect", address, "-CAfile", front.ca_file, *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_old_tls_is_refused_by_the_server(front: Haproxy, version: str) -> None:
    done = _handshake(front, version, "-cipher", "ALL:@SECLEVEL=0")
    assert done.returncode != 0
    assert "alert protocol version" in done.stderr


@pytest.mark.parametrize(("version", "shown"), [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
def test_newer_tls_is_spoken_and_the_name_is_right(
    front: Haproxy, version: str, shown: str
) -> None:
    done = _handshake(front, version, "-verify_return_error", "-verify_hostname", "localhost")
    assert done.returncode == 0, done.stderr
    assert f"New, {shown}, Cipher is" in done.stdout
    assert "Verify return code: 0 (ok)" in done.stdout


def test_a_cipher_without_forward_secrecy_is_refused(front: Haproxy) -> None:
    done = _handshake(front, "-tls1_2", "-cipher", "AES128-SHA:AES256-GCM-SHA384:@SECLEVEL=0")
    assert "alert handshake failure" in done.stderr


@pytest.mark.parametrize(
    ("offered", "chosen"), [(["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1")]
)
def test_alpn_prefers_http_2(front: Haproxy, offered: list[str], chosen: str) -> None:
    context = ssl.create_default_context(cafile=front.ca_file)
    context.set_alpn_protocols(offered)
    with (
        socket.create_connection(("127.0.0.1", front.https_port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        assert secure.selected_alpn_protocol() == chosen


def test_http_2_reaches_the_server(front: Haproxy) -> None:
    shown = ["--write-out", "%{http_version}", f"{front.url}/healthz"]
    done = subprocess.run(
        ["curl", "--silent", "--http2", "--cacert", str(front.ca_file), *shown],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "ok\n2"


def test_certificate_helper_keeps_the_key_to_itself(certificate: Certificate) -> None:
    assert stat.S_IMODE(certificate.pem.stat().st_mode) == 0o600
    assert "PRIVATE KEY" in certificate.pem.read_text()
    assert "PRIVATE KEY" not in certificate.ca_file.read_text()
    left = {path.name for path in certificate.pem.parent.iterdir()}
    assert left == {"ca.pem", "sharethings.pem"}


def test_certificate_helper_names_hosts_and_addresses(tmp_path: Path) -> None:
    made = make_certificate(
        tmp_path / "new" / "folder", "share.example", "192.0.2.7", "2001:db8::7"
    )
    shown = subprocess.run(
        ["openssl", "x509", "-in", made.pem, "-noout", "-ext", "subjectAltName"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in ("DNS:localhost", "IP Address:127.0.0.1", "DNS:share.example"):
        assert name in shown
    assert "IP Address:192.0.2.7" in shown
    assert "IP Address:2001:DB8:0:0:0:0:0:7" in shown


def test_certificate_helper_says_how_it_is_used() -> None:
    helper = ROOT / "haproxy" / "make-dev-certificate"
    done = subprocess.run([helper], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("usage:")
