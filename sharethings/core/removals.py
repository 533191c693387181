"""Removals: contents leave a session that stays, for whatever reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sharethings.protocol.announcements import ContentRemoved
from sharethings.storage import removal_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sharethings.core.announce import Announce
    from sharethings.core.clock import Clock
    from sharethings.core.collector import Collector
    from sharethings.protocol.announcements import RemovalReason
    from sharethings.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Removal:
    """Contents that are gone since `revision`; the members are still to be told."""

    session_id: str
    revision: int
    content_ids: Sequence[str]
    reason: RemovalReason


class Removals:
    """What removing, displacing and expiring have in common.

    `counts` says how many contents went by themselves since the start, by reason.
    """

    def __init__(self, announce: Announce, collector: Collector, clock: Clock) -> None:
        """Take the parts that it works with."""
        self._announce = announce
        self._collector = collector
        self._clock = clock
        self.counts: Counter[str] = Counter()

    def remove(
        self,
        connection: Connection,
        session_id: str,
        content_ids: Sequence[str],
        reason: RemovalReason,
    ) -> Removal:
        """Take the rows away, within the transaction of a job; `tell` when it is committed.

        What goes by itself does not keep its session. Raises NotJoinedError when that is gone.
        """
        revision = removal_rows.remove_contents(
            connection,
            session_id,
            content_ids,
            self._clock.now_ms(),
            is_activity=reason in {"removed", "displaced"},
        )
        return Removal(session_id, revision, content_ids, reason)

    async def tell(self, removal: Removal) -> None:
        """Tell the members, and have the bytes taken off the disk."""
        if removal.reason != "removed":
            self.counts[f"contents_{removal.reason}"] += len(removal.content_ids)
        await self._announce(
            removal.session_id,
            ContentRemoved(
                revision=removal.revision,
                content_ids=list(removal.content_ids),
                reason=removal.reason,
            ),
        )
        self._collector.wake()
