"""What a run of benchmarks is told by its environment, and where things are."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / ".bench"
"""Peers, and what runs leave on the disk while they run; ignored by git."""
MIB = 1024 * 1024
CHUNK_SIZE = 4 * MIB
SERVER_CORE, CLIENT_CORE = 0, 1
IS_QUICK = os.environ.get("QUICK", "") not in {"", "0"}
"""A look while developing: an eighth of the bytes; its figures are not kept."""
PAYLOAD_BYTES = (128 if IS_QUICK else 1024) * MIB
ROUNDS = int(os.environ.get("ROUNDS", "3"))
