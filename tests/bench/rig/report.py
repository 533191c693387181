"""docs/benchmarks.json and the page that is made of it."""

from __future__ import annotations

import json
from typing import Any

from tests.bench.rig import machine
from tests.bench.rig.options import ROOT

RESULT = ROOT / "docs" / "benchmarks.json"
PAGE = ROOT / "docs" / "benchmarks.md"
REASONS = {
    "browser": "0030-memory-of-a-tab.md",
    "commits": "0001-one-database-one-writer.md",
    "download": "0034-the-time-of-a-download.md",
    "messages": "0028-the-time-of-a-message.md",
    "relay": "0023-live-relay.md",
    "stored": "0032-joins-and-idle-connections.md",
    "upload": "0031-the-processor-time-of-an-upload.md",
    "wormhole": "0029-client-cpu.md",
}
"""Which decision says what the profile of a benchmark shows."""
SAID_ABOVE = {"took_seconds", "load", "rounds"}
HEAD = """# Benchmarks

`make bench` measures, `make bench ONLY=upload` one of them. It installs the peers into `.bench/`,
and makes this page and [benchmarks.json](benchmarks.json) anew. A figure is a ratio to something
that ran beside it in the same minutes: servers on one core, clients on the other, rivals in turn,
the median of the rounds. CPU is user and system time of the server's processes for each 10^9
payload bytes. Machines differ: compare ratios, not seconds. What each measures and how stands in
its module in `tests/bench/`.
"""


def keep(name: str, found: dict[str, Any]) -> None:
    """Put what was found into the file, and make the page anew."""
    known = json.loads(RESULT.read_text()) if RESULT.is_file() else {"benchmarks": {}}
    known["machine"] = machine.describe()
    known["benchmarks"][name] = found
    known["benchmarks"] = dict(sorted(known["benchmarks"].items()))
    RESULT.write_text(json.dumps(known, indent=1) + "\n")
    PAGE.write_text(page(known))


def page(known: dict[str, Any]) -> str:
    """Make the page."""
    place = known["machine"]
    parts = [
        HEAD,
        "## Targets\n",
        "| what | target | seen | |",
        "| --- | --- | --- | --- |",
    ]
    for name, found in known["benchmarks"].items():
        for line in found.get("lines", []):
            mark = "met" if line["met"] else "**missed**"
            parts.append(
                f"| {line['what']} (`{name}`) | {line['target']} | {line['seen']} | {mark} |"
            )
    parts += ["", *_reasons(known["benchmarks"]), "## Figures\n"]
    for name, found in known["benchmarks"].items():
        when = f"{found['measured_at']} UTC, {found['took_seconds']} s"
        parts += [f"### {name}\n", f"{when}, load {found['load']}, rounds: {found['rounds']}.\n"]
        parts += [*_table(found), ""]
    parts += ["## The machine\n", "| | |", "| --- | --- |"]
    parts += [
        f"| {key.replace('_', ' ')} | {value} |"
        for key, value in place.items()
        if key != "versions"
    ]
    parts += [f"| {key} | {value} |" for key, value in place["versions"].items()]
    return "\n".join(parts) + "\n"


def _reasons(benchmarks: dict[str, Any]) -> list[str]:
    """Say where the profiles behind missed targets are."""
    missed = [
        f"[{name}](decisions/{REASONS[name]})"
        for name, found in benchmarks.items()
        if name in REASONS and not all(line["met"] for line in found.get("lines", []))
    ]
    if not missed:
        return []
    says = "What the profiles of those that were missed show, and what would help"
    return [f"{says}: {', '.join(missed)}.", ""]


def _table(found: dict[str, Any]) -> list[str]:
    """Make a table of figures: a row for each rival, or for each figure that stands alone."""
    rivals = {key: value for key, value in found.items() if isinstance(value, dict)}
    alone = {
        key: value
        for key, value in found.items()
        if isinstance(value, int | float) and key not in SAID_ABOVE
    }
    rows = []
    if alone:
        rows += [
            "| | |",
            "| --- | --- |",
            *(f"| {key} | {value} |" for key, value in alone.items()),
        ]
    if rivals:
        columns = list(dict.fromkeys(key for value in rivals.values() for key in value))
        rows += [""] if rows else []
        rows += ["| | " + " | ".join(columns) + " |", "| --- " * (len(columns) + 1) + "|"]
        for name, value in rivals.items():
            cells = " | ".join(str(value.get(column, "")) for column in columns)
            rows.append(f"| {name} | {cells} |")
    return rows
