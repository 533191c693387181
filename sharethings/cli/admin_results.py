"""Reports of admin commands that check or change something, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharethings.cli.durations import duration_text
from sharethings.cli.listing import moment, print_rows
from sharethings.cli.terminal import ID_SHOWN, say
from sharethings.sizes import count_text, size_text
from sharethings.storage.blob_check import FAULT_WORDS

if TYPE_CHECKING:
    from sharethings.admin import reports
    from sharethings.storage.backup import Manifest
    from sharethings.storage.blob_check import Fault, FaultKind

CLEANUP = "sharethings admin cleanup --unreferenced"
FAULT_ADVICE: dict[FaultKind, str] = {
    "database": "restore a backup",
    "counter": "the next start of the server corrects them",
    "unreferenced_rows": CLEANUP,
    "unreferenced_file": CLEANUP,
    "unknown_file": "they are left alone",
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
        advice = f": {FAULT_ADVICE[kind]}" if kind in FAULT_ADVICE else ""
        say(f"{kind} ({count}): {FAULT_WORDS[kind]}{advice}.")
    looked = "every byte" if report.deep else "sizes"
    say(
        f"Looked at {looked} of {count_text(report.chunks_count, 'chunk')} "
        f"({size_text(report.bytes_count)}) in {count_text(report.sessions_count, 'session')}: "
        + (
            f"{count_text(sum(report.kinds.values()), 'fault')}."
            if report.kinds
            else "all is well."
        )
    )
    if report.marked_count:
        say(f"Marked {count_text(report.marked_count, 'chunk')} as damaged.")


def _holds(manifest: Manifest) -> str:
    damaged = f", {manifest.damaged_count} of them damaged before" if manifest.damaged_count else ""
    return (
        f"{count_text(manifest.sessions_count, 'session')}, "
        f"{count_text(manifest.contents_count, 'content')}, "
        f"{count_text(manifest.chunks_count, 'chunk')} "
        f"({size_text(manifest.bytes_count)}){damaged}"
    )


def print_backed_up(report: reports.BackedUp) -> None:
    """Print where the backup is; say what it holds."""
    print(report.directory)
    linked = report.manifest.linked_count
    how = f"; {count_text(linked, 'file')} linked to the server's own" if linked else ""
    say(f"Backed up {_holds(report.manifest)}{how}.")
    if linked:
        say("Copy it to another disk: this one can fail as a whole.")


def print_restored(report: reports.Restored) -> None:
    """Say what was restored, and print where what was there is now."""
    say(f"Restored {_holds(report.manifest)}.")
    if report.damaged_count:
        damaged = count_text(report.damaged_count, "content")
        say(f"Damaged: {damaged}. Whoever shares the same file again heals it.")
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
    if report.spared_count:
        uploads = count_text(report.spared_count, "unfinished upload")
        quiet = duration_text(report.quiet_seconds)
        say(f"Left alone: {uploads} with a chunk in the last {quiet} (--older-than).")
    if not rows:
        say("There is nothing to take away.")
        return
    print_rows(("what", "session", "content", "active", "bytes"), rows)
    told = f"{count_text(len(rows), 'thing')}, {size_text(report.freed_bytes)}"
    if report.done:
        say(f"Taken away: {told}.")
    else:
        say(f"Would take away {told}. Nothing was changed: add --yes.")


def print_examined(report: reports.Examined) -> None:
    """Print a line for each thing that was looked at."""
    rows = [(one.level, one.name, one.sentence, one.advice) for one in report.findings]
    print_rows(("", "what", "found", "what to do"), rows)


def print_migrated(report: reports.Migrated) -> None:
    """Say which schema there is and what was done."""
    print(report.after)
    if report.before != report.after:
        say(f"Migrated from {report.before} to {report.after}.")
    elif report.after == report.newest:
        say("The schema is the newest.")
    else:
        say(f"The newest schema is {report.newest}. Nothing was changed: add --yes.")
