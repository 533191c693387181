"""What every admin command shares: which data, and whether a person or a program reads."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
import typer

from sharethings.admin import reports
from sharethings.admin.errors import UnusableError
from sharethings.admin.reports import Examined, Finding, Migrated
from sharethings.cli.connect import run
from sharethings.cli.exits import Exit
from sharethings.cli.options import with_common
from sharethings.cli.terminal import passing_bar, say
from sharethings.config import Settings, SettingsError, load_settings
from sharethings.log import configure_log

if TYPE_CHECKING:
    from sharethings.admin.acts import Act, Doctor
    from sharethings.admin.reports import Restored

QUIET = {"log_level": "error", "log_format": "console"}
"""What an act did is in its report; the log of the rules would tell it again."""
R = TypeVar("R", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Office:
    """Where the operator works: the settings say which data, `json` how answers are printed."""

    settings: Settings
    json: bool

    async def ask(self, act: Act, kind: type[R]) -> R:
        """Have an act done, with a bar while it tells how far it is. Raises AdminError."""
        from sharethings.admin.reach import ask

        with passing_bar(type(act).__name__.lower()) as progress:
            return await ask(self.settings, act, kind, progress)

    async def restore(self, source: Path, *, damaged: bool) -> Restored:
        """Restore a backup, with `damaged` one that is not whole, too. Raises AdminError."""
        from sharethings.admin.backup import restore_backup
        from sharethings.admin.reach import is_running

        root = self.settings.data_directory.absolute()
        if is_running(root):
            raise UnusableError(f"A server works on {root}. Stop it first.")
        with passing_bar("restore") as progress:
            return await restore_backup(self.settings, source, progress, damaged=damaged)

    async def examine(self, act: Doctor) -> Examined:
        """Have everything looked at; data that cannot be opened is a finding too."""
        try:
            return await self.ask(act, Examined)
        except UnusableError as error:
            finding = Finding("data", "fault", "The data cannot be used.", str(error))
            return Examined(is_running=False, findings=[finding])

    async def migrate(self, *, confirmed: bool) -> Migrated:
        """Show the schema of the database, with `confirmed` migrate it. Raises AdminError."""
        from sharethings.admin.acts import Stats
        from sharethings.admin.migration import migrate_store
        from sharethings.admin.reach import is_running

        if not is_running(self.settings.data_directory.absolute()):
            return await migrate_store(self.settings, confirmed=confirmed)
        schema = (await self.ask(Stats(), reports.Stats)).schema
        return Migrated(before=schema, after=schema, newest=schema or "")

    def print(self, report: R, as_text: Callable[[R], None]) -> None:
        """Print a report as JSON or as text."""
        if self.json:
            print(msgspec.json.format(msgspec.json.encode(report), indent=2).decode())
        else:
            as_text(report)


def _common(
    data_dir: Annotated[
        Path | None,
        typer.Option(
            "--data-dir",
            envvar="SHARETHINGS_DATA_DIRECTORY",
            help="The server's data directory; else ./data.",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", envvar="SHARETHINGS_CONFIG", help="The server's settings file."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Declare the options of every admin command; only its signature is used."""


def admin_command(work: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Make a command of `work(office, …)`: the common options stand beside its own."""

    def call(common: dict[str, Any], **own: Any) -> None:
        try:
            settings = load_settings(common["config"], data_directory=common["data_dir"])
        except SettingsError as error:
            say(str(error))
            raise typer.Exit(Exit.USAGE) from None
        configure_log(settings.model_copy(update=QUIET))
        run(work(Office(settings, common["json"]), **own))

    return with_common(_common, work, call)
