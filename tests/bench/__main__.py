"""Measure: `python -m tests.bench [name …]`, each a module here; all but the long ones if none is.

Prints a line of JSON for each, and puts it into docs/benchmarks.json, from which
docs/benchmarks.md is made. With QUICK=1 nothing is kept.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.rig import figures, machine, report
from tests.bench.rig.options import IS_QUICK
from tests.bench.rig.process import be_a_client

LONG = {"soak"}
OWN_CORES = {"commits", "recovery", "sweep"}
"""These measure what runs inside this process, and choose the core themselves."""


def main() -> int:
    """Run those that are named; gives 1 when one of them failed."""
    here = Path(__file__).parent
    known = {path.stem for path in here.glob("[a-z]*.py")}
    names = sys.argv[1:] or sorted(known - LONG)
    if strange := [name for name in names if name not in known]:
        sys.exit(
            f"There is no benchmark {', '.join(strange)}; there are {', '.join(sorted(known))}."
        )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    if len(names) == 1:
        return measure(names[0])
    return max(map(measure_apart, names))


def measure_apart(name: str) -> int:
    """Run one in a process of its own.

    What one starts inherits the most memory that its parent has ever held (getrusage(2)).
    """
    with subprocess.Popen([sys.executable, "-m", "tests.bench", name]) as process:
        try:
            return int(process.wait() != 0)
        except BaseException:
            process.terminate()
            raise


def measure(name: str) -> int:
    """Run one and keep what it found; gives 1 when it failed."""
    began = time.time()
    module = importlib.import_module(f"tests.bench.{name}")
    pinned = machine.cores()
    if name not in OWN_CORES:
        be_a_client()
    load = round(os.getloadavg()[0], 1)
    try:
        found = {
            "measured_at": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
            **module.measure(),
        }
    except Exception as error:  # noqa: BLE001 - the others can still be measured
        print(f"{name} failed: {type(error).__name__}: {error}", file=sys.stderr, flush=True)  # noqa: T201
        return 1
    finally:
        machine.release(pinned)
    rounds = max(figures.repeated, default=1)
    found |= {"took_seconds": round(time.time() - began), "load": load, "rounds": rounds}
    print(json.dumps({"benchmark": name, **found}), flush=True)  # noqa: T201 - its output
    if not IS_QUICK:
        report.keep(name, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
