"""Build the browser client into the package: what `make` calls, and hatchling's hook for wheels.

It builds only when a digest of all that the client is made from has changed. Editable installs
do not build it, so that everything in Python can be worked on where there is no Node
(docs/decisions/0010-building-the-client.md).
"""

from __future__ import annotations

import gzip
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
WORDS = ROOT / "sharethings" / "crypto" / "words.txt"
VECTORS = ROOT / "tests" / "vectors" / "st1.json"
PAGE = ROOT / "sharethings" / "static" / "index.html"
VECTORS_PAGE = CLIENT / ".vectors-dist" / "vectors.html"
DIGESTS = ROOT / ".build"
NODE_MAJOR = 20
NOT_INPUT = {"node_modules", ".vectors-dist"}
PACKED = {".js", ".css", ".svg"}
"""What is served packed where that is accepted: packed here once, not at each start."""


class BuildError(Exception):
    """The client cannot be built; the message says what to do."""


def _inputs(*others: Path) -> list[Path]:
    files = [Path(__file__), WORDS, *others]
    for path in sorted(CLIENT.rglob("*")):
        inside = path.relative_to(CLIENT).parts
        if path.is_file() and not NOT_INPUT & set(inside):
            files.append(path)
    return files


def _digest(files: list[Path]) -> str:
    total = hashlib.sha256()
    for path in files:
        name = path.relative_to(ROOT).as_posix()
        total.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def _is_made(what: str, digest: str) -> bool:
    kept = DIGESTS / what
    return kept.is_file() and kept.read_text() == digest


def _keep(what: str, digest: str) -> None:
    DIGESTS.mkdir(exist_ok=True)
    (DIGESTS / what).write_text(digest)


def _find_npm() -> str:
    node, npm = shutil.which("node"), shutil.which("npm")
    advice = f"Install Node {NODE_MAJOR} or newer, with npm, and run the command again."
    if node is None or npm is None:
        raise BuildError(f"The browser client needs Node to be built. {advice}")
    shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    if int(shown.lstrip("v").partition(".")[0]) < NODE_MAJOR:
        raise BuildError(f"Node {shown.strip()} is too old for the browser client. {advice}")
    return npm


def _run(*command: str) -> None:
    sys.stderr.write(f"Browser client: {' '.join(command[1:])}\n")
    done = subprocess.run(command, cwd=CLIENT, stdout=sys.stderr, check=False)  # noqa: S603
    if done.returncode:
        raise BuildError(
            f"The browser client was not built: npm {' '.join(command[1:])} failed, see above."
        )


def install_modules() -> str:
    """Install the client's packages when their lock has changed; gives the path of npm."""
    npm = _find_npm()
    digest = _digest([CLIENT / name for name in (".npmrc", "package.json", "package-lock.json")])
    npm_is_done = (CLIENT / "node_modules" / ".package-lock.json").is_file()  # it writes that last
    if not npm_is_done or not _is_made("modules", digest):
        _run(npm, "ci", "--no-progress")
        _keep("modules", digest)
    return npm


def _pack(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.suffix in PACKED:
            packed = gzip.compress(path.read_bytes(), 9, mtime=0)
            path.with_name(f"{path.name}.gz").write_bytes(packed)


def _build(what: str, result: Path, script: str, *others: Path) -> bool:
    digest = _digest(_inputs(*others))
    if result.is_file() and _is_made(what, digest):
        return False
    npm = install_modules()
    _run(npm, "run", "--silent", script, "--", "--logLevel", "warn")
    _pack(result.parent)
    _keep(what, digest)
    return True


def build_client() -> bool:
    """Build the client into sharethings/static; say whether there was something to do.

    Raises BuildError when Node is missing or too old, or when the build fails.
    """
    return _build("client", PAGE, "build")


def build_vectors() -> bool:
    """Build the page on which a browser runs the vectors; say whether there was something to do.

    Raises BuildError as `build_client` does.
    """
    return _build("vectors", VECTORS_PAGE, "build:vectors", VECTORS)


class ClientBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the built client into wheels."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before the wheel is packed; `version` is "editable" for editable installs."""
        del build_data
        if version != "editable":
            build_client()


ACTS = {"client": build_client, "vectors": build_vectors, "modules": install_modules}

if __name__ == "__main__":
    try:
        ACTS[(sys.argv[1:] or ["client"])[0]]()
    except BuildError as error:
        sys.exit(str(error))
