"""The commands put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup
from typer.main import get_group

from sharethings import __version__
from sharethings.cli import contents, receive, serve, share, watch

if TYPE_CHECKING:
    from typer._click.core import Command, Context

EXIT_CODES = (
    "Exit codes: 0 done, 1 unexpected, 2 usage, 3 wrong passphrase, 4 not found, "
    "5 no connection, 6 damaged or refused by a check, 7 no space, over a limit or read-only, "
    "8 data directory or database unusable (serve, admin), 9 address in use (serve), "
    "130 interrupted."
)

ADMIN_EXIT_CODES = (
    "Exit codes: 0 done, 1 unexpected, 2 usage, 4 not found, 6 damage found, 7 no space, "
    "8 data directory, database or backup unusable."
)


class _Admin(TyperGroup):
    """The operator's commands, loaded when one is asked for: with them comes half the server."""

    def _loaded(self) -> TyperGroup:
        from sharethings.cli import admin

        return get_group(admin.app)

    def list_commands(self, ctx: Context) -> list[str]:
        """Give their names."""
        return self._loaded().list_commands(ctx)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """Give one; None when there is none of this name."""
        return self._loaded().get_command(ctx, cmd_name)


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
app.add_typer(
    typer.Typer(
        name="admin",
        cls=_Admin,
        help="See and keep in order what a server stores.",
        epilog=ADMIN_EXIT_CODES,
        no_args_is_help=True,
        rich_markup_mode=None,
        add_completion=False,
    )
)
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
