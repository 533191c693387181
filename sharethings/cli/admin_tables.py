"""Reports of the admin commands as text: tables for a person, tab-separated in a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharethings.cli.durations import duration_text
from sharethings.cli.listing import moment, print_rows
from sharethings.cli.terminal import ID_SHOWN
from sharethings.sizes import count_text, size_text

if TYPE_CHECKING:
    from sharethings.admin import reports

SESSION_COLUMNS = (
    "id", "created", "active", "ends", "members", "contents", "unfinished", "damaged", "bytes",
)  # fmt: skip
CONTENT_COLUMNS = ("content", "state", "created", "ends", "chunks", "bytes")


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
    """Print a session, what holds for it, and a line for each content, apart by an empty line."""
    print_rows(SESSION_COLUMNS, [_session(report.session)])
    print()
    print_rows(
        ("what", "value"),
        [
            ("id", report.session.session_id),
            (
                "ends after idling",
                duration_text(report.idle_seconds) if report.idle_seconds else "never",
            ),
            ("contents at most", str(report.contents_max or "as the server allows")),
            ("oldest go first", "yes" if report.drops_oldest else "no"),
            ("same file stored once", "yes" if report.deduplicates else "no"),
            ("of its quota", size_text(report.held_bytes)),
            ("revision, epoch", f"{report.revision}, {report.epoch}"),
        ],
    )
    print()
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
            f"{count_text(grown.sessions_count, 'session')}, "
            f"{count_text(grown.contents_count, 'content')}, {size_text(grown.stored_bytes)}"
        )
        rows.append((name, text))
    for name, row in (("oldest", report.oldest), ("largest", report.largest)):
        if row is not None:
            rows.append((name, f"{row.session_id[:ID_SHOWN]}, {size_text(row.stored_bytes)}"))
    print_rows(("what", "value"), rows)
