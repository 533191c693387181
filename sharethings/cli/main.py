"""The commands put together."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from sharethings import __version__
from sharethings.memory import loading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typer._click.core import Command

EXIT_CODES = (
    "Exit codes: 0 done, 1 unexpected, 2 usage, 3 wrong passphrase, 4 not found, "
    "5 no connection, 6 damaged or refused by a check, 7 no space, over a limit or read-only, "
    "8 data directory or database unusable (serve, admin), 9 address in use (serve), "
    "130 interrupted."
)

PLACES = {
    "share": "sharethings.cli.share:share",
    "list": "sharethings.cli.contents:list_contents",
    "get": "sharethings.cli.receive:get",
    "watch": "sharethings.cli.watch:watch",
    "remove": "sharethings.cli.contents:remove",
    "serve": "sharethings.cli.serve:serve",
    "admin": "sharethings.cli.admin:app",
    "passphrase": "sharethings.cli.passphrase:passphrase",
}


class _Commands(Mapping[str, "Command"]):
    """All commands, each loaded when it is asked for: one needs the client, another the server."""

    def __getitem__(self, name: str) -> Command:
        module, _, attribute = PLACES[name].partition(":")
        with loading():
            found = getattr(import_module(module), attribute)
        command = get_command(found if isinstance(found, typer.Typer) else _alone(found))
        command.name = name
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(PLACES)

    def __len__(self) -> int:
        return len(PLACES)


def _alone(work: Callable[..., None]) -> typer.Typer:
    one = typer.Typer(rich_markup_mode=None, add_completion=False)
    one.command()(work)
    return one


class _Group(TyperGroup):
    """The commands together."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = _Commands()  # type: ignore[assignment]  # it is only read


app = typer.Typer(
    name="sharethings",
    cls=_Group,
    help="Share text, pictures and files, end-to-end encrypted.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


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
