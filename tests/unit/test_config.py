"""Settings: later sources win, and what is not understood is named."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from sharethings.config import CLIENT_NAMES, PREFIX, SettingsError, load_settings
from sharethings.protocol.limits import CHUNK_SIZE_MAX_BYTES


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CLIENT_NAMES:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)


def test_later_sources_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "settings.toml"
    file.write_text('port = 1\nhost = "file"\nlog_level = "debug"\n')
    monkeypatch.setenv("SHARETHINGS_PORT", "2")
    monkeypatch.setenv("SHARETHINGS_HOST", "environment")
    settings = load_settings(file, port=3, host=None)
    assert (settings.port, settings.host, settings.log_level) == (3, "environment", "debug")
    assert settings.data_directory == Path("data")


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SHARETHINGS_TRUSTED_PROXIES", "10.0.0.0/8, ::1,")
    monkeypatch.setenv("SHARETHINGS_ALLOWED_ORIGINS", " https://a.example/ ,")
    settings = load_settings()
    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1/128"))
    assert settings.allowed_origins == ("https://a.example",)
    given = load_settings(trusted_proxies=(ip_network("192.0.2.0/24"),), allowed_origins=())
    assert given.trusted_proxies == (ip_network("192.0.2.0/24"),)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KEEPALIVE_SECONDS", "soon", "keepalive_seconds: input should be a valid integer"),
        ("SESSION_BYTES", "-1", "session_bytes: input should be greater than or equal to"),
        ("TRUSTED_PROXIES", "everybody", "trusted_proxies: 'everybody' does not appear to be"),
        ("LOG_FORMAT", "xml", "log_format: input should be 'json' or 'console'"),
        ("SESION_BYTES", "1", "there is no SHARETHINGS_SESION_BYTES."),
    ],
)
def test_what_is_not_understood_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
):
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError, match=said):
        load_settings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sesion_bytes = 1", "there is no sesion_bytes"),
        ("not toml", "cannot be read"),
        (None, "There is no settings file"),
    ],
)
def test_a_file_that_is_not_understood_is_named(tmp_path: Path, text: str | None, said: str):
    file = tmp_path / "settings.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SettingsError, match=said):
        load_settings(file)


def test_the_names_of_the_client_are_no_settings(monkeypatch: pytest.MonkeyPatch):
    for name in CLIENT_NAMES:
        monkeypatch.setenv(PREFIX + name.upper(), "x")
    defaults: dict[str, Any] = load_settings().model_dump()
    assert not CLIENT_NAMES & defaults.keys()
    assert defaults["session_bytes"] > CHUNK_SIZE_MAX_BYTES
