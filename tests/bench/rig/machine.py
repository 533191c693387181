"""What a run was measured on: figures mean nothing without it."""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from tests.bench.rig import servers
from tests.bench.rig.options import FOLDER
from tests.bench.rig.process import folder

SYNCS = 50
WRITE_BYTES = 4096
PYTHON_PARTS = ("aiohttp", "python-socketio", "sqlalchemy", "cryptography")


def cores() -> set[int]:
    """Give the cores that this process may use."""
    return os.sched_getaffinity(0)


def release(allowed: set[int]) -> None:
    """Use these cores again."""
    os.sched_setaffinity(0, allowed)


def sync_ms() -> float:
    """Give the median time of an fdatasync(2) of 4 KiB on the disk of the tree."""
    taken = []
    with folder() as place, (place / "sync").open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(os.urandom(WRITE_BYTES))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    return round(statistics.median(taken) * 1000, 2)


def _line(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    return found[1].strip() if found else "unknown"


def _said(command: list[str], pattern: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return "not installed"
    return _line(pattern, done.stdout + done.stderr)


def _of_node(package: str) -> str:
    path = FOLDER / "node" / "node_modules" / package / "package.json"
    return str(json.loads(path.read_text())["version"]) if path.is_file() else "not installed"


def versions() -> dict[str, str]:
    """Give the versions of what is measured, and of what it runs on."""
    return {
        "Python": platform.python_version(),
        **{name: version(name) for name in PYTHON_PARTS},
        "nginx": _said([servers.nginx_program(), "-v"], r"nginx/([\d.]+)"),
        "Node": _said(["node", "--version"], r"v([\d.]+)"),
        **{name: _of_node(name) for name in ("socket.io", "bufferutil", "@tus/server")},
        "magic-wormhole": _said(
            [str(FOLDER / "wormhole" / "bin" / "wormhole"), "--version"], r"([\d.]+)"
        ),
        "HAProxy": _said(["/usr/sbin/haproxy", "-v"], r"version ([\d.]+)"),
        "OpenSSL": _said(
            [sys.executable, "-c", "import ssl;print(ssl.OPENSSL_VERSION)"], r"([\d.]+)"
        ),
    }


def describe() -> dict[str, object]:
    """Give all of it; no name of the machine."""
    cpu = Path("/proc/cpuinfo").read_text()
    memory = Path("/proc/meminfo").read_text()
    return {
        "cores": os.cpu_count(),
        "model": _line(r"^model name\s*: (.*)$", cpu),
        "sha_instructions": "sha_ni" in cpu,
        "memory_gb": round(int(_line(r"^MemTotal:\s+(\d+) kB", memory)) / 1e6),
        "kernel": platform.release(),
        "fdatasync_ms": sync_ms(),
        "versions": versions(),
    }
