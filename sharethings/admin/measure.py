"""What is read when somebody asks for metrics: rows, disk, members, sweeper, scrub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from sharethings.storage import usage_rows

if TYPE_CHECKING:
    from prometheus_client import Metric

    from sharethings.admin.place import Place


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"sharethings_{name}", text, value)


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(f"sharethings_{name}", text, value)


async def measure(place: Place) -> list[Metric]:
    """Give the figures of this moment."""
    totals = await place.store.database.read(usage_rows.totals)
    free, total = await place.store.directory.space()
    swept = CounterMetricFamily(
        "sharethings_swept", "What went by itself, by kind and reason.", labels=("what",)
    )
    for what, count in sorted(place.core.sweeper.counts.items()):
        swept.add_metric((what,), count)
    scrubbed = place.core.scrub.counts
    disk = place.store.disk
    return [
        _gauge("sessions", "Sessions.", totals.sessions_count),
        _gauge("contents", "Contents.", totals.contents_count),
        _gauge("contents_unfinished", "Contents that are not complete.", totals.unfinished_count),
        _gauge("contents_damaged", "Contents that have lost bytes.", totals.damaged_count),
        _gauge("stored_bytes", "Sealed bytes that have arrived.", totals.stored_bytes),
        _gauge("disk_free_bytes", "Free bytes of the disk.", free),
        _gauge("disk_total_bytes", "Bytes of the disk.", total),
        _gauge("read_only", "1 while nothing new is taken.", int(disk.is_read_only)),
        _counter("disk_faults", "Writes and reads that the disk failed.", disk.faults_count),
        _counter("scrubbed_chunks", "Chunks that were read to be checked.", scrubbed.chunks),
        _counter("scrubbed_bytes", "Bytes of these chunks.", scrubbed.bytes),
        _counter("scrubbed_damaged", "Chunks that were found damaged.", scrubbed.damaged),
        swept,
    ]
