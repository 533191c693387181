"""`sharethings serve`: start a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sharethings.cli.exits import Exit
from sharethings.cli.terminal import say
from sharethings.config import SettingsError, load_settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on [127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 picks a free one [8080].")] = None,
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="Where everything is kept [./data].")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", envvar="SHARETHINGS_CONFIG", help="Settings file (TOML)."),
    ] = None,
    log_format: Annotated[
        str | None, typer.Option("--log-format", help="json or console [json].")
    ] = None,
) -> None:
    """Start the server. All settings can be given as SHARETHINGS_NAME or in a file."""
    from sharethings.app import run

    try:
        settings = load_settings(
            config, host=host, port=port, data_directory=data_dir, log_format=log_format
        )
    except SettingsError as error:
        say(str(error))
        raise typer.Exit(Exit.USAGE) from None
    raise typer.Exit(run(settings))
