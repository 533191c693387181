"""`sharethings serve`: start a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sharethings.cli.exits import Exit
from sharethings.cli.terminal import say
from sharethings.config import SettingsError, load_settings


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
    log_format: Annotated[
        str | None,
        typer.Option(
            "--log-format", envvar="SHARETHINGS_LOG_FORMAT", help="json or console; else json."
        ),
    ] = None,
) -> None:
    """Start the server.

    docs/configuration.md lists all settings: each may be in the settings file by its name, or in
    the environment as SHARETHINGS_NAME.
    """
    from sharethings.app import run

    try:
        settings = load_settings(
            config, host=host, port=port, data_directory=data_dir, log_format=log_format
        )
    except SettingsError as error:
        say(str(error))
        raise typer.Exit(Exit.USAGE) from None
    raise typer.Exit(run(settings))
