"""Build the browser client into the package; a hatchling hook and a command.

`python hatch_build.py` is what `make` calls; wheels call it through the hook. It builds only
when a digest of its inputs has changed. Editable installs do not need it, so that everything
in Python can be worked on where there is no Node (docs/decisions/0004-building-the-client.md).
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # as a command it needs the standard library alone
    BuildHookInterface = object  # type: ignore[assignment,misc]

ROOT = Path(__file__).parent
CLIENT = ROOT / "client"
STATIC = ROOT / "sharethings" / "static"
STAMPS = ROOT / ".build"
NODE_MAJOR = 20
SKIPPED = {"node_modules", ".vectors-dist"}


class BuildError(Exception):
    """The client cannot be built; the message says what to do."""


def _inputs() -> list[Path]:
    files = [ROOT / "sharethings" / "crypto" / "words.txt"]
    for path in sorted(CLIENT.rglob("*")):
        inside = path.relative_to(CLIENT).parts
        if path.is_file() and not SKIPPED & set(inside) and not path.name.endswith(".log"):
            files.append(path)
    return files


def _digest(files: list[Path]) -> str:
    total = hashlib.sha256()
    for path in files:
        name = path.relative_to(ROOT).as_posix()
        total.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def _stamped(name: str, digest: str) -> bool:
    stamp = STAMPS / name
    return stamp.is_file() and stamp.read_text() == digest


def _stamp(name: str, digest: str) -> None:
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(digest)


def _run(*command: str) -> None:
    sys.stderr.write(f"client: {' '.join(command)}\n")
    done = subprocess.run(command, cwd=CLIENT, stdout=sys.stderr, check=False)  # noqa: S603
    if done.returncode:
        raise BuildError(f"The browser client could not be built: {' '.join(command)} failed.")


def _check_node() -> str:
    node, npm = shutil.which("node"), shutil.which("npm")
    advice = f"Install Node {NODE_MAJOR} or newer (with npm) and run the command again."
    if node is None or npm is None:
        raise BuildError(f"The browser client needs Node to be built. {advice}")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    if int(version.stdout.lstrip("v").split(".")[0]) < NODE_MAJOR:
        raise BuildError(f"Node {version.stdout.strip()} is too old. {advice}")
    return npm


def install_modules() -> str:
    """Install the client's packages when the lock has changed; gives the path of npm."""
    npm = _check_node()
    lock = _digest([CLIENT / "package-lock.json", CLIENT / "package.json"])
    if not (CLIENT / "node_modules").is_dir() or not _stamped("modules", lock):
        _run(npm, "ci", "--no-progress")
        _stamp("modules", lock)
    return npm


def build_client() -> bool:
    """Build the client into sharethings/static; say whether there was something to do."""
    if not CLIENT.is_dir():
        return False  # an unpacked sdist that holds the built client
    digest = _digest(_inputs())
    if (STATIC / "index.html").is_file() and _stamped("client", digest):
        return False
    npm = install_modules()
    _run(npm, "run", "build")
    _stamp("client", digest)
    return True


class ClientBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the built client into wheels."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before the wheel is packed; `version` is "editable" for editable installs."""
        del build_data
        if version != "editable":
            build_client()


if __name__ == "__main__":
    try:
        if sys.argv[1:] == ["modules"]:
            install_modules()
        else:
            build_client()
    except BuildError as error:
        sys.exit(str(error))
