"""The test's side of tests/fault/driver.py."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fault.shim import Shim
from tests.programs import ROOT, clean_environment

if TYPE_CHECKING:
    from pathlib import Path

STOP_SECONDS = 60.0


@dataclass
class Told:
    """What one forked process told."""

    ended: int
    lines: list[dict[str, Any]]
    states: list[dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        """Find the states among the lines."""
        self.states = self.all("state")

    def all(self, name: str) -> list[Any]:
        """Give everything told under a name."""
        return [line[name] for line in self.lines if name in line]


class Driver:
    """The process that forks."""

    def __init__(self, folder: Path, library: Path) -> None:
        """Start it; it works on data directories below `folder`."""
        self.folder = folder
        self.roots = folder / "roots"
        self.filled = self.roots / "filled"
        self.roots.mkdir(mode=0o700)
        self.shim = Shim(folder / "page")
        self.shim.plan()
        self._log = (folder / "driver.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fault.driver"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=ROOT,
            env=clean_environment(
                ("SHARETHINGS_",),
                **self.shim.environment(library, self.roots),
            ),
        )
        self._line()  # it is filled

    def order(self, do: str, root: Path, **more: Any) -> Told:
        """Fork for an order, and wait until that process has ended."""
        process = self._process
        assert process.stdin is not None
        process.stdin.write(json.dumps({"do": do, "root": str(root), **more}).encode() + b"\n")
        process.stdin.flush()
        lines: list[dict[str, Any]] = []
        while not lines or "ended" not in lines[-1]:
            lines.append(self._line())
        ended = lines.pop()["ended"]
        return Told(ended, lines)

    def _line(self) -> Any:
        output = self._process.stdout
        assert output is not None
        line = output.readline()
        assert line, self.log
        return json.loads(line)

    @property
    def log(self) -> str:
        """The end of what it has written to standard error."""
        return (self.folder / "driver.log").read_text()[-4000:]

    def copy(self, base: Path | None) -> Path:
        """Give a data directory like `base`; the last one goes, and the backups beside it."""
        root = self.roots / "data"
        for folder in (root, root.with_name("backups")):
            shutil.rmtree(folder, ignore_errors=True)
        root.with_name("backups").mkdir()
        if base is not None:
            shutil.copytree(base, root)
        return root

    def stop(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(STOP_SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.close()
