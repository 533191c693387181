"""`sharethings admin`: what the operator sees and does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sharethings.admin import acts, reports
from sharethings.cli import admin_results as results
from sharethings.cli import admin_tables as tables
from sharethings.cli.admin_command import Office, admin_command
from sharethings.cli.durations import lifetime
from sharethings.cli.exits import Exit

EXIT_CODES = (
    "Exit codes: 0 done, 1 unexpected, 2 usage, 4 not found, 6 damage found, 7 no space, "
    "8 data directory, database or backup unusable."
)
app = typer.Typer(
    help="See and keep in order what a server stores.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
Id = Annotated[str, typer.Argument(metavar="ID", help="A session's id or its beginning.")]


@app.command("sessions")
@admin_command
async def sessions(
    office: Office,
    sort: Annotated[acts.Sort, typer.Option(help="What has most of it comes first.")] = "activity",
    which: Annotated[acts.Filter, typer.Option("--filter", help="Only these.")] = "all",
) -> None:
    """List the sessions."""
    report = await office.ask(acts.Sessions(sort=sort, filter=which), reports.Sessions)
    office.print(report, tables.print_sessions)


@app.command("show")
@admin_command
async def show(office: Office, session: Id) -> None:
    """Show a session and its contents."""
    office.print(await office.ask(acts.Show(session), reports.Session), tables.print_session)


@app.command("verify")
@admin_command
async def verify(
    office: Office,
    deep: Annotated[bool, typer.Option("--deep", help="Read every byte.")] = False,
    mark: Annotated[bool, typer.Option("--mark", help="Mark damaged chunks as such.")] = False,
) -> None:
    """Compare the database with itself and with the files. Ends with 6 when something is wrong."""
    report = await office.ask(acts.Verify(deep=deep, mark=mark), reports.Verified)
    office.print(report, results.print_verified)
    if report.kinds:
        raise typer.Exit(Exit.DAMAGED)


@app.command("cleanup")
@admin_command
async def cleanup(
    office: Office,
    older_than: Annotated[
        str | None,
        typer.Option(metavar="D", help="Sessions without activity for so long: 90d, 12h."),
    ] = None,
    session: Annotated[str | None, typer.Option(metavar="ID", help="This session.")] = None,
    incomplete: Annotated[
        bool,
        typer.Option(
            "--incomplete",
            help="Not sessions, but unfinished uploads without a chunk for 10 minutes, "
            "or for --older-than.",
        ),
    ] = False,
    unreferenced: Annotated[
        bool, typer.Option("--unreferenced", help="Files and chunks that belong to nothing.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="All sessions.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list what would go, as without --yes.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Take it away for good.")] = False,
) -> None:
    """List what would go; with --yes take it away. Members are told, bytes leave the disk."""
    if dry_run and yes:
        raise typer.BadParameter("--dry-run and --yes do not go together.")
    act = acts.Cleanup(
        older_than_seconds=None if older_than is None else lifetime(older_than),
        session=session,
        incomplete=incomplete,
        unreferenced=unreferenced,
        all=everything,
        confirmed=yes,
    )
    office.print(await office.ask(act, reports.Cleaned), results.print_cleaned)


@app.command("backup")
@admin_command
async def backup(
    office: Office,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there.")],
) -> None:
    """Back up everything as a new folder, while the server goes on. The server writes it."""
    act = acts.Backup(str(directory.absolute()))
    office.print(await office.ask(act, reports.BackedUp), results.print_backed_up)


@app.command("restore")
@admin_command
async def restore(
    office: Office,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="What backup has made.")],
    damaged: Annotated[
        bool,
        typer.Option("--damaged", help="Restore it with chunks that are lost or torn, too."),
    ] = False,
) -> None:
    """Check a backup to the last byte, then put it in the place of what is there.

    The server is stopped. What was there is kept in a folder replaced-TIME of the data directory.
    """
    office.print(await office.restore(directory, damaged=damaged), results.print_restored)


@app.command("doctor")
@admin_command
async def doctor(
    office: Office,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Look at this address, too, as its users do."),
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option("--ca-file", help="Certificates to trust there (PEM).")
    ] = None,
) -> None:
    """Look for what will hurt, and say what to do. Ends with 6 when something is wrong.

    With --url, https://… as users see it, a running server looks at itself through its proxy.
    """
    trusted = None if ca_file is None else str(ca_file.absolute())
    report = await office.examine(acts.Doctor(url, trusted))
    office.print(report, results.print_examined)
    if any(finding.level == "fault" for finding in report.findings):
        raise typer.Exit(Exit.DAMAGED)


@app.command("migrate")
@admin_command
async def migrate(
    office: Office,
    yes: Annotated[
        bool, typer.Option("--yes", help="Migrate, after a copy of the database.")
    ] = False,
) -> None:
    """Show the schema of the database and the newest; with --yes migrate a stopped server's."""
    office.print(await office.migrate(confirmed=yes), results.print_migrated)


@app.command("stats")
@admin_command
async def stats(office: Office) -> None:
    """Sum up what is stored, and how the disk is."""
    office.print(await office.ask(acts.Stats(), reports.Stats), tables.print_stats)
