"""Settings: one frozen value made of defaults, a TOML file, SHARETHINGS_* and options.

Later sources win. Every field states its unit in its name and one sentence in its description;
docs/configuration.md is generated from here.
"""

from __future__ import annotations

import os
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

Network = IPv4Network | IPv6Network
Durability = Literal["content", "full", "fast"]
PREFIX = "SHARETHINGS_"
CLIENT_NAMES = {"server", "session", "as", "passphrase", "passphrase_file", "ca_file", "config"}
"""What follows the prefix in variables that are read elsewhere (sharethings/cli)."""


class SettingsError(Exception):
    """A setting is not understood; the message names it and says what is expected."""


class Settings(BaseSettings):
    """All settings of a server. Sizes in bytes, times in seconds, counts as they are."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    data_directory: Path = Field(Path("data"), description="Where the database and chunks live.")
    durability: Durability = Field(
        "content",
        description="What outlives a power cut: content, every complete content; full, every "
        "acknowledged chunk too; fast, nothing for certain. All outlive the end of the server.",
    )
    ballast_bytes: int = Field(
        16 * MIB, ge=0, description="Space kept back, so that removing works on a full disk."
    )
    read_only: bool = Field(
        False, description="Take nothing new; what is there can be read and removed."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least severe log lines to write."
    )
    log_format: Literal["json", "console"] = Field(
        "json", description="JSON lines, or lines for a person's eyes."
    )
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = Field(
        (ip_network("127.0.0.0/8"), ip_network("::1/128")),
        description="Networks, comma separated, whose X-Forwarded-* headers are believed.",
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Other origins, comma separated, whose pages may connect."
    )

    metrics_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Port on 127.0.0.1 for GET /metrics; without it only admin.sock gives them.",
    )

    control_event_bytes: int = Field(
        64 * KIB, ge=48 * KIB, le=MIB, description="Largest event of the control plane."
    )
    control_events_per_second: int = Field(
        20, ge=1, description="Events a second of one connection."
    )
    control_events_burst: int = Field(
        60, ge=1, description="Events that one connection may send at once."
    )
    connections_count: int = Field(12_000, ge=1, description="Connections of the server.")
    connections_per_address: int = Field(50, ge=1, description="Connections of one address.")
    members_per_session: int = Field(100, ge=1, description="Members of a session at a time.")
    unjoined_seconds: int = Field(
        30, ge=1, description="A connection that has not joined by then is closed."
    )
    connection_idle_seconds: int = Field(
        600, ge=0, description="A joined connection where nothing was said is closed; 0 never."
    )
    waiting_packets_count: int = Field(
        256,
        ge=8,
        description="A client that leaves more packets unread for a second is disconnected.",
    )
    waiting_bytes: int = Field(
        MIB, ge=64 * KIB, description="The same for the bytes of these packets."
    )
    join_failures_count: int = Field(
        5, ge=1, description="Wrong passphrases of an address and session before it must wait."
    )
    session_join_failures_per_hour: int = Field(
        60, ge=1, description="Wrong passphrases of a session an hour, from all addresses."
    )
    creations_per_hour: int = Field(
        10, ge=1, description="Sessions that one address may create an hour."
    )

    bulk_requests_per_second: int = Field(500, ge=1, description="Chunk requests of one token.")
    bulk_requests_at_once: int = Field(
        16, ge=1, description="Chunk requests of one token that run at the same time."
    )
    body_seconds: int = Field(
        30, ge=1, description="Time for a body to arrive, and 1 s more for each 16 KiB."
    )
    send_stall_seconds: int = Field(
        45, ge=1, description="Who reads nothing of what is sent to them for so long is cut off."
    )
    keepalive_seconds: int = Field(15, ge=1, description="An idle HTTP connection lives so long.")

    session_bytes: int = Field(
        8 * GIB,
        ge=MIB,
        description="Sealed bytes that a session holds, and 20 KiB for each of its contents.",
    )
    address_bytes_per_day: int = Field(
        16 * GIB,
        ge=MIB,
        description="Sealed bytes that one address sends in 24 hours, and 20 KiB for each content.",
    )
    contents_count: int = Field(10_000, ge=1, description="Contents that a session holds.")
    unfinished_uploads_count: int = Field(
        4, ge=1, description="Contents that one member sends at the same time."
    )
    session_idle_seconds: int = Field(
        86_400, ge=0, description="A session ends so long after its last activity; 0 never."
    )
    session_idle_max_seconds: int = Field(
        0, ge=0, description="The most that the creator of a session may ask for; 0 no cap."
    )
    sweep_seconds: int = Field(5, ge=1, description="Time between two sweeps of what is due to go.")
    unfinished_seconds: int = Field(
        1800, ge=1, description="An upload is given up when nobody went on with it for so long."
    )
    removals_seconds: int = Field(
        7 * 86_400,
        ge=60,
        description="So long a removal is remembered; who was away longer gets a fresh listing.",
    )
    scrub_bytes_per_second: int = Field(
        4 * MIB, ge=0, description="How fast stored chunks are checked for damage; 0 never."
    )
    shutdown_seconds: int = Field(
        10, ge=0, description="Time for requests to end when the server is told to stop."
    )

    free_content_ratio: float = Field(
        0.05, ge=0, lt=1, description="No new content below this part of the disk free …"
    )
    free_content_bytes: int = Field(2 * GIB, ge=0, description="… or, if it is more, this much.")
    free_write_ratio: float = Field(
        0.02, ge=0, lt=1, description="No chunk is written below this part of the disk free …"
    )
    free_write_bytes: int = Field(512 * MIB, ge=0, description="… or, if it is more, this much.")

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _read_networks(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        return value

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _read_origins(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options win over the environment, the environment over the file."""
        del dotenv_settings, file_secret_settings
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls))


@cache
def _settings_of(file: Path | None) -> type[Settings]:
    """Give the settings that read `file` too; kept, as to make the class takes 20 ms."""

    class FileSettings(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    return FileSettings


def load_settings(file: Path | None = None, **options: Any) -> Settings:  # noqa: ANN401
    """Make the settings from `file` (TOML), the environment, and `options` that are not None.

    Raises SettingsError with the name of each setting that is wrong or not known, or when the
    file cannot be read.
    """
    _check_environment()
    given = {name: value for name, value in options.items() if value is not None}
    try:
        if file is not None and not file.is_file():
            raise SettingsError(f"There is no settings file {file}.")
        return _settings_of(file)(**given)
    except ValidationError as error:
        faults = "; ".join(_sentence(fault) for fault in error.errors())
        raise SettingsError(f"Settings not understood: {faults}.") from error
    except (OSError, ValueError) as error:
        raise SettingsError(f"The settings file {file} cannot be read: {error}.") from error


def _check_environment() -> None:
    given = {name for name in os.environ if name.startswith(PREFIX)}
    known = {PREFIX + name.upper() for name in {*Settings.model_fields, *CLIENT_NAMES}}
    if strange := sorted(given - known):
        raise SettingsError(f"Settings not understood: there is no {', '.join(strange)}.")


def _sentence(fault: ErrorDetails) -> str:
    name = ".".join(map(str, fault["loc"]))
    if fault["type"] == "extra_forbidden":
        return f"there is no {name}"
    said = fault["msg"].removeprefix("Value error, ")
    return f"{name}: {said[0].lower()}{said[1:]}"
