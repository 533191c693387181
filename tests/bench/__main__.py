"""Measure: `python -m tests.bench [name …]` prints a line of JSON for each module here."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path


def main() -> None:
    """Run those that are named, else all."""
    here = Path(__file__).parent
    names = sys.argv[1:] or sorted(path.stem for path in here.glob("[a-z]*.py"))
    for name in names:
        figures = importlib.import_module(f"tests.bench.{name}").measure()
        print(json.dumps({"benchmark": name, **figures}), flush=True)  # noqa: T201 - its output


if __name__ == "__main__":
    main()
