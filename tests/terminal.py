"""The command line as tests run it: a real process with its own environment."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.programs import clean_environment

PROGRAM = Path(sys.executable).with_name("sharethings")
SECONDS = 120


@dataclass(slots=True)
class Terminal:
    """Somebody at a terminal who knows where the session is and its passphrase."""

    server: str
    passphrase: str = "correct-horse-battery-staple"
    session: str = "Balcony garden"
    name: str = "Tia"
    ca_file: Path | None = None
    more: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: object, **options: Any) -> subprocess.Popen[bytes]:
        """Start a command."""
        environment = clean_environment(
            ("SHARETHINGS_",),
            SHARETHINGS_SERVER=self.server,
            SHARETHINGS_SESSION=self.session,
            SHARETHINGS_PASSPHRASE=self.passphrase,
            SHARETHINGS_AS=self.name,
            **({} if self.ca_file is None else {"SHARETHINGS_CA_FILE": str(self.ca_file)}),
            **self.more,
        )
        return subprocess.Popen(
            [PROGRAM, *map(str, arguments)],
            stdin=options.get("stdin", subprocess.DEVNULL),
            stdout=options.get("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE,
            env=environment,
        )

    def run(self, *arguments: object, given: bytes | None = None) -> tuple[int, bytes, str]:
        """Run a command to its end; gives exit code, standard output, standard error."""
        stdin = subprocess.DEVNULL if given is None else subprocess.PIPE
        process = self.start(*arguments, stdin=stdin)
        output, talk = process.communicate(given, SECONDS)
        return process.returncode, output, talk.decode()

    def do(self, *arguments: object, given: bytes | None = None) -> bytes:
        """Run a command that must succeed; gives its standard output."""
        code, output, talk = self.run(*arguments, given=given)
        assert code == 0, f"{arguments} ended with {code}: {talk}"
        return output

    def list(self) -> list[dict[str, Any]]:
        """Give what `list --json` prints."""
        found: list[dict[str, Any]] = json.loads(self.do("list", "--json"))
        return found
