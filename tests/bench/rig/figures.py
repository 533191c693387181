"""Figures: medians of interleaved rounds, and the lines that are held against targets."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from tests.bench.rig.options import ROUNDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.bench.rig.process import Cost

    Figures = dict[str, Any]

repeated: list[int] = []
"""How many rounds the rivals of this process have run, each time that some did."""


def interleaved(
    rivals: Mapping[str, Callable[[], Figures]], rounds: int = ROUNDS
) -> dict[str, Figures]:
    """Let all rivals run in turn, `rounds` times; gives the median of each figure of each."""
    repeated.append(rounds)
    seen: dict[str, list[Figures]] = {name: [] for name in rivals}
    for _ in range(rounds):
        for name, run in rivals.items():
            seen[name].append(run())
    return {name: medians(runs) for name, runs in seen.items()}


def medians(runs: list[Figures]) -> Figures:
    """Give the median of each figure over runs."""
    return {key: round(statistics.median(run[key] for run in runs), 3) for key in runs[0]}


def of_cost(cost: Cost) -> Figures:
    """Give the figures of a cost."""
    return {"mb_per_second": cost.mb_per_second, "cpu_per_gb": cost.cpu_per_gb}


def line(what: str, target: str, seen: float, bound: str) -> Figures:
    """Hold a figure against its target; `bound` is like `>= 0.85`."""
    sign, number = bound.split()
    met = seen >= float(number) if sign == ">=" else seen <= float(number)
    return {"what": what, "target": target, "bound": bound, "seen": round(seen, 3), "met": met}
