"""An operator at a terminal, with a data directory whose server runs or is stopped."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.programs import clean_environment
from tests.terminal import PROGRAM, SECONDS, Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import StartServer
    from tests.programs import Server

EVERYTHING_FITS: dict[str, Any] = {
    "free_content_bytes": 0,
    "free_content_ratio": 0,
    "free_write_bytes": 0,
    "free_write_ratio": 0,
}


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who runs `sharethings admin` on a data directory."""

    data_directory: Path

    def run(self, *arguments: object) -> tuple[int, str, str]:
        """Run a command; gives exit code, standard output, standard error."""
        done = subprocess.run(
            [PROGRAM, "admin", *map(str, arguments), "--data-dir", self.data_directory],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            env=clean_environment(("SHARETHINGS_",)),
        )
        return done.returncode, done.stdout, done.stderr

    def ask(self, *arguments: object, code: int = 0) -> Any:
        """Run a command with --json that must end with `code`; gives what it prints."""
        ended, output, talk = self.run(*arguments, "--json")
        assert ended == code, f"{arguments} ended with {ended}: {talk}"
        return json.loads(output)


@pytest.fixture
def program(server: StartServer) -> Server:
    return server(creations_per_hour=10_000, **EVERYTHING_FITS)


@pytest.fixture
def tia(program: Server) -> Terminal:
    return Terminal(program.url)


@pytest.fixture
def operator(program: Server) -> Operator:
    return Operator(program.data_directory)
