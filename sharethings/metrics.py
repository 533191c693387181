"""Metrics: what is counted while a server runs, in the text format of Prometheus.

Label values come from our own lists (planes, error codes, reasons): there are never more of them
than the code has, and never an id. What can be read when somebody asks is not counted here
(admin/measure.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prometheus_client import Metric

CONTENT_TYPE = CONTENT_TYPE_LATEST
OK = "ok"
SIZE_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SECONDS_BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3)


class _Families:
    """Metrics that were made for one answer."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """Give them."""
        return self._families


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        """Start at zero."""
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "sharethings_requests",
            "Requests by plane and outcome: ok, or the code of the error.",
            ("plane", "outcome"),
            registry=self._registry,
        )
        self._bytes = Counter(
            "sharethings_chunk_bytes",
            "Sealed bytes of chunks that came in and went out.",
            ("direction",),
            registry=self._registry,
        )
        self._commit_jobs = Histogram(
            "sharethings_commit_jobs",
            "Jobs in one commit of the database.",
            buckets=SIZE_BUCKETS,
            registry=self._registry,
        )
        self._commit_seconds = Histogram(
            "sharethings_commit_seconds",
            "Time of one commit of the database with its jobs.",
            buckets=SECONDS_BUCKETS,
            registry=self._registry,
        )

    def watch(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Add a figure that is read when somebody asks."""
        Gauge(f"sharethings_{name}", text, registry=self._registry).set_function(read)

    def count_request(self, plane: str, outcome: str) -> None:
        """Count an answer."""
        self._requests.labels(plane, outcome).inc()

    def count_bytes(self, direction: str, size: int) -> None:
        """Count bytes `in` or `out`."""
        self._bytes.labels(direction).inc(size)

    def count_commit(self, jobs: int, seconds: float) -> None:
        """Count a commit."""
        self._commit_jobs.observe(jobs)
        self._commit_seconds.observe(seconds)

    def render(self, families: Iterable[Metric]) -> bytes:
        """Write everything, with `families` that were made for this answer."""
        return generate_latest(self._registry) + generate_latest(_Families(families))
