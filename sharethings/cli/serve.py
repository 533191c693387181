"""`sharethings serve`: start a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sharethings.cli.exits import Exit
from sharethings.cli.terminal import say
from sharethings.memory import loading


def serve(
    host: Annotated[
        str | None,
        typer.Option(envvar="SHARETHINGS_HOST", help="Address to listen on; else 127.0.0.1."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(envvar="SHARETHINGS_PORT", help="Port; 0 picks a free one; else 8080."),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            "--data-dir",
            envvar="SHARETHINGS_DATA_DIRECTORY",
            help="Where everything is kept; else ./data.",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", envvar="SHARETHINGS_CONFIG", help="Settings file (TOML)."),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any other setting; may be repeated."),
    ] = None,
) -> None:
    """Start the server.

    docs/configuration.md lists all settings: each may be in the settings file by its name, in the
    environment as SHARETHINGS_NAME, or given with --set.
    """
    with loading():
        from sharethings.app import run
        from sharethings.config import SettingsError, load_settings

    options: dict[str, object] = {"host": host, "port": port, "data_directory": data_dir}
    options |= dict(_pair(text) for text in setting or [])
    try:
        settings = load_settings(config, **options)
    except SettingsError as error:
        say(str(error))
        raise typer.Exit(Exit.USAGE) from None
    raise typer.Exit(run(settings))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"--set takes NAME=VALUE, not {text}.")
    return name.strip().lower(), value.strip()
