"""Look for what will hurt: each finding says what to do."""

from __future__ import annotations

import asyncio
import platform
import resource
import sqlite3
import stat
from typing import TYPE_CHECKING, Literal

from sharethings import __version__
from sharethings.admin import acts, reports
from sharethings.admin.outside import look_from_outside
from sharethings.admin.reports import Finding
from sharethings.sizes import count_text, size_text
from sharethings.storage import usage_rows
from sharethings.storage.backup import LAST_BACKUP
from sharethings.storage.migrate import known_schemas, read_schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sharethings.admin.place import Place, Progress

SQLITE_MIN = (3, 37)
"""The oldest with all that migrations and queries use (Debian 12 has 3.40)."""
DESCRIPTORS_BESIDE = 256
"""Beside one a connection: database, chunk files being read and written, log."""
BACKUP_DAYS_MAX = 7
CLOCK_SLACK_MS = 60_000
DAY_MS = 86_400_000


async def examine(place: Place, act: acts.Doctor, _progress: Progress) -> reports.Examined:
    """Look at everything that an operator can put right. Raises UsageError for a bad address."""
    newest, totals, mode = await place.store.database.read(
        lambda connection: (
            usage_rows.newest_moment(connection),
            usage_rows.totals(connection),
            connection.exec_driver_sql("PRAGMA journal_mode").scalar_one(),
        )
    )
    free, total = await place.store.directory.space()
    findings = [
        _versions(),
        *await asyncio.to_thread(lambda: list(_files(place))),
        _space(place, free, total),
        _clock(place.clock.now_ms(), newest),
        _descriptors(place),
        _proxies(place),
        _writing(place),
        Finding.judge(
            "write-ahead log",
            mode == "wal",
            f"The database runs in journal mode {mode}.",
            "Put the data directory on a local file system.",
        ),
        Finding.judge(
            "damage",
            totals.damaged_count == 0,
            f"Damaged contents: {totals.damaged_count}.",
            "See sharethings admin verify; the same file shared again heals them.",
        ),
    ]
    if act.url is not None:
        findings += await look_from_outside(place.probes, act.url, act.ca_file)
    return reports.Examined(is_running=place.is_running, findings=findings)


def _versions() -> Finding:
    text = (
        f"ShareThings {__version__}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}."
    )
    return Finding.judge(
        "versions", sqlite3.sqlite_version_info >= SQLITE_MIN, text, "Use a newer SQLite (3.37)."
    )


def _files(place: Place) -> Iterator[Finding]:
    directory = place.store.directory
    root = directory.root
    loose = [path.name for path in root.iterdir() if _is_loose(path)]
    yield Finding.judge(
        "permissions",
        not loose,
        f"Open to other users: {', '.join(loose)}." if loose else "Closed to other users.",
        f"Run: chmod -R go= {root}",
    )
    schema, newest = read_schema(directory.database), known_schemas()[0]
    yield Finding.judge(
        "schema", schema == newest, f"The schema is {schema}.", "sharethings admin migrate"
    )
    left = sorted(path.name for path in root.glob("replaced-*"))
    yield Finding.judge(
        "restores",
        not left,
        f"What restores replaced is still there: {', '.join(left)}." if left else "None is left.",
        "Remove these folders when the restored data is right.",
        "warning",
    )
    yield _backup(place, directory.root / LAST_BACKUP)


def _is_loose(path: Path) -> bool:
    mode = path.stat(follow_symlinks=False).st_mode
    return path.name != "README.md" and bool(mode & 0o077) and not stat.S_ISLNK(mode)


def _backup(place: Place, note: Path) -> Finding:
    advice = "Make one now and then, by a timer: sharethings admin backup DIR"
    try:
        made_ms = note.stat().st_mtime_ns // 1_000_000
    except FileNotFoundError:
        return Finding("backups", "warning", "No backup was made yet.", advice)
    days = max(0, place.clock.now_ms() - made_ms) // DAY_MS
    text = f"The last backup was made {count_text(days, 'day')} ago."
    return Finding.judge("backups", days <= BACKUP_DAYS_MAX, text, advice, "warning")


def _space(place: Place, free: int, total: int) -> Finding:
    settings = place.settings
    floor = max(settings.free_content_bytes, int(total * settings.free_content_ratio))
    text = f"{size_text(free)} are free; nothing new is taken below {size_text(floor)}."
    advice = "Make room: sharethings admin sessions --sort bytes, then cleanup; or a larger disk."
    return Finding.judge("space", free >= floor, text, advice, free_bytes=free, floor_bytes=floor)


def _clock(now: int, newest: int) -> Finding:
    behind = newest - now
    text = "The clock is not behind what was stored."
    if behind > CLOCK_SLACK_MS:
        text = f"The clock is {behind // 1000} s behind what was stored."
    advice = "Set the clock (timedatectl); until then contents stay longer than they should."
    return Finding.judge("clock", behind <= CLOCK_SLACK_MS, text, advice)


def _descriptors(place: Place) -> Finding:
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    needed = place.settings.connections_count + DESCRIPTORS_BESIDE
    whose = "The server" if place.is_running else "This shell"
    text = f"{whose} may open {limit} files; {place.settings.connections_count} connections fit."
    if limit < needed:
        text = f"{whose} may open {limit} files; all connections need {needed}."
    advice = f"Set LimitNOFILE={needed} in its unit, or a smaller connections_count."
    return Finding.judge("file descriptors", limit >= needed, text, advice, "warning")


def _proxies(place: Place) -> Finding:
    networks = ", ".join(map(str, place.settings.trusted_proxies))
    text = f"X-Forwarded-For and -Proto are believed from: {networks or 'nobody'}."
    advice = (
        "With a proxy in front all clients seem to be one address and share its limits: "
        "name the proxy in trusted_proxies."
    )
    return Finding.judge("proxy headers", bool(networks), text, advice, "warning")


def _writing(place: Place) -> Finding:
    disk = place.store.disk
    if place.settings.read_only:
        text = "Nothing new is taken: the setting read_only is on."
        return Finding("writing", "warning", text, "Turn it off and start again when all is well.")
    text = f"Since the start the disk has failed {count_text(disk.faults_count, 'time')}."
    if disk.is_read_only:
        text = f"{text} Nothing new is taken any more."
    advice = "Look at dmesg and the disk (smartctl), move the data if it fails, and start again."
    level: Literal["fault", "warning"] = "fault" if disk.is_read_only else "warning"
    is_good = not disk.is_read_only and disk.faults_count == 0
    return Finding.judge("writing", is_good, text, advice, level)
