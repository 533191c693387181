"""Reports of the admin commands as text: tables for a person, tab-separated in a pipe."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sharethings.cli.listing import print_rows
from sharethings.cli.terminal import ID_SHOWN, say, size_text

if TYPE_CHECKING:
    from sharethings.admin import reports
    from sharethings.storage.backup import Manifest
    from sharethings.storage.blob_check import Fault, FaultKind

SESSION_COLUMNS = (
    "id", "created", "active", "ends", "members", "contents", "unfinished", "damaged", "bytes",
)  # fmt: skip
CONTENT_COLUMNS = ("content", "state", "created", "ends", "chunks", "bytes")


def moment(at: int | None) -> str:
    """Give a moment (ms since 1970) in local time; None: never."""
    if at is None:
        return "never"
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at / 1000))


def _session(row: reports.SessionRow) -> tuple[str, ...]:
    return (
        row.session_id[:ID_SHOWN],
        moment(row.created_at),
        moment(row.last_activity),
        moment(row.expires_at),
        str(row.members_count),
        str(row.contents_count),
        str(row.unfinished_count),
        str(row.damaged_count),
        size_text(row.stored_bytes),
    )


def _content(row: reports.ContentRow) -> tuple[str, ...]:
    return (
        row.content_id[:ID_SHOWN],
        f"{row.state}, pinned" if row.pinned else row.state,
        moment(row.created_at),
        moment(row.expires_at),
        f"{row.stored_count} of {row.chunk_count or '?'}",
        size_text(row.stored_bytes),
    )


def print_sessions(report: reports.Sessions) -> None:
    """Print a line for each session."""
    print_rows(SESSION_COLUMNS, [_session(row) for row in report.sessions])


def print_session(report: reports.Session) -> None:
    """Print a session, what holds for it, and a line for each content."""
    print_rows(SESSION_COLUMNS, [_session(report.session)])
    idle = f"{report.idle_seconds} s" if report.idle_seconds else "never"
    print_rows(
        ("what", "value"),
        [
            ("id", report.session.session_id),
            ("ends after idling", idle),
            ("contents at most", str(report.contents_max or "as the server allows")),
            ("oldest go first", "yes" if report.drops_oldest else "no"),
            ("same file stored once", "yes" if report.deduplicates else "no"),
            ("of its quota", size_text(report.reserved_bytes)),
            ("revision, epoch", f"{report.revision}, {report.epoch}"),
        ],
    )
    print_rows(CONTENT_COLUMNS, [_content(row) for row in report.contents])


def print_stats(report: reports.Stats) -> None:
    """Print the sums, one a line."""
    rows = [
        ("server", f"{report.version}, {'running' if report.is_running else 'stopped'}"),
        ("schema", report.schema or "none"),
        ("sessions", f"{report.sessions_count}, and {report.ending_count} being taken away"),
        ("members now", str(report.members_count)),
        ("contents", str(report.contents_count)),
        ("unfinished", str(report.unfinished_count)),
        ("damaged", str(report.damaged_count)),
        ("pinned", str(report.pinned_count)),
        ("chunks", f"{report.chunks_count}, {size_text(report.stored_bytes)}"),
        ("database", size_text(report.database_bytes)),
        (
            "disk free",
            f"{size_text(report.disk_free_bytes)} of {size_text(report.disk_total_bytes)}",
        ),
    ]
    for name, grown in (("last day", report.last_day), ("last week", report.last_week)):
        text = (
            f"{grown.sessions_count} sessions, {grown.contents_count} contents, "
            f"{size_text(grown.stored_bytes)}"
        )
        rows.append((name, text))
    for name, row in (("oldest", report.oldest), ("largest", report.largest)):
        if row is not None:
            rows.append((name, f"{row.session_id[:ID_SHOWN]}, {size_text(row.stored_bytes)}"))
    print_rows(("what", "value"), rows)


FAULT_SENTENCES: dict[FaultKind, str] = {
    "database": "the database itself is damaged: restore a backup",
    "missing": "stored chunks have no file",
    "size": "files have another size than was stored",
    "digest": "files have other bytes than were stored",
    "damaged": "chunks are marked as damaged and await the same bytes again",
    "incomplete": "complete contents lack chunks",
    "counter": "counters are wrong; the next start of the server corrects them",
    "unreferenced_rows": "chunks belong to no content: sharethings admin cleanup --unreferenced",
    "unreferenced_file": "files belong to no chunk: sharethings admin cleanup --unreferenced",
    "unknown_file": "files are not of this server; they are left alone",
}


def _fault(fault: Fault) -> tuple[str, ...]:
    chunk = "" if fault.chunk_index is None else str(fault.chunk_index)
    short = (fault.session_id[:ID_SHOWN], fault.blob_id[:ID_SHOWN])
    size = size_text(fault.size_bytes) if fault.size_bytes else ""
    return (fault.kind, *short, chunk, size, fault.detail)


def print_verified(report: reports.Verified) -> None:
    """Print what was looked at and a line for each fault."""
    if report.faults:
        columns = ("fault", "session", "blob", "chunk", "bytes", "detail")
        print_rows(columns, [_fault(fault) for fault in report.faults])
    for kind, count in report.kinds.items():
        say(f"{kind} {count} times: {FAULT_SENTENCES[kind]}.")
    looked = "every byte" if report.deep else "sizes"
    say(
        f"Looked at {looked} of {report.chunks_count} chunks ({size_text(report.bytes_count)}) "
        f"in {report.sessions_count} sessions: "
        + (f"{sum(report.kinds.values())} faults." if report.kinds else "all is well.")
    )
    if report.marked_count:
        say(f"Marked {report.marked_count} chunks as damaged.")


def _holds(manifest: Manifest) -> str:
    damaged = f", {manifest.damaged_count} of them damaged before" if manifest.damaged_count else ""
    return (
        f"{manifest.sessions_count} sessions, {manifest.contents_count} contents, "
        f"{manifest.chunks_count} chunks ({size_text(manifest.bytes_count)}){damaged}"
    )


def print_backed_up(report: reports.BackedUp) -> None:
    """Print where the backup is; say what it holds."""
    print(report.directory)
    linked = report.manifest.linked_count
    how = f"; {linked} files share their bytes with the server's" if linked else ""
    say(f"Backed up {_holds(report.manifest)}{how}.")
    if linked:
        say("Copy it to another disk: this one can fail as a whole.")


def print_restored(report: reports.Restored) -> None:
    """Say what was restored, and print where what was there is now."""
    say(f"Restored {_holds(report.manifest)}.")
    if report.replaced is not None:
        print(report.replaced)
        say("What was there before is in that folder; remove it when all is well.")


def print_cleaned(report: reports.Cleaned) -> None:
    """Print a line for each thing that went or would go, then the sum."""
    rows: list[tuple[str, ...]] = [
        ("session", row.session_id[:ID_SHOWN], "", moment(row.last_activity),
         size_text(row.stored_bytes))
        for row in report.sessions
    ]  # fmt: skip
    rows += [
        ("upload", row.session_id[:ID_SHOWN], row.content_id[:ID_SHOWN],
         moment(row.last_chunk_at), size_text(row.stored_bytes))
        for row in report.uploads
    ]  # fmt: skip
    rows += [
        (fault.kind, fault.session_id[:ID_SHOWN], fault.blob_id[:ID_SHOWN], "",
         size_text(fault.size_bytes))
        for fault in report.unreferenced
    ]  # fmt: skip
    if not rows:
        say("There is nothing to take away.")
        return
    print_rows(("what", "session", "content", "active", "bytes"), rows)
    size = size_text(report.freed_bytes)
    if report.done:
        say(f"Taken away: {len(rows)} things, {size}.")
    else:
        say(f"Would take away {len(rows)} things, {size}. Nothing was changed: add --yes.")
