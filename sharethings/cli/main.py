"""The commands put together."""

from __future__ import annotations

from typing import Annotated

import typer

from sharethings import __version__
from sharethings.cli import admin, contents, receive, serve, share, watch

EXIT_CODES = (
    "Exit codes: 0 done, 1 unexpected, 2 usage, 3 wrong passphrase, 4 not found, "
    "5 no connection, 6 damaged or refused by a check, 7 no space, over a limit or read-only, "
    "8 data directory or database unusable (serve, admin), 9 address in use (serve), "
    "130 interrupted."
)

app = typer.Typer(
    name="sharethings",
    help="Share text, pictures and files, end-to-end encrypted.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("share")(share.share)
app.command("list")(contents.list_contents)
app.command("get")(receive.get)
app.command("watch")(watch.watch)
app.command("remove")(contents.remove)
app.command("serve")(serve.serve)
app.add_typer(admin.app)
app.command("passphrase")(share.passphrase)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"ShareThings {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Share text, pictures and files, end-to-end encrypted."""
    del version


def main() -> None:
    """Run the command line."""
    app()
