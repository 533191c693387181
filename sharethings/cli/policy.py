"""What holds for a session, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharethings.cli.durations import duration_text
from sharethings.sizes import count_text

if TYPE_CHECKING:
    from sharethings.client.join import Wishes
    from sharethings.protocol.replies import Policy


def tell_new(name: str, policy: Policy, wishes: Wishes) -> str:
    """Give the sentences about a session that was just made."""
    cut = ", the most that this server allows" if "idle_seconds" in wishes.unmet(policy) else ""
    told = f"New session {name}. {_kept(policy)}{cut}."
    return (
        f"{told} {_full(policy)}" if {"contents_max", "drops_oldest"} & {*wishes.given()} else told
    )


def tell_old(name: str, policy: Policy) -> str:
    """Give the sentences about a session that was there before and is not as was wished."""
    return f"{name} was made before and stays as it is. {_kept(policy)}. {_full(policy)}"


def _kept(policy: Policy) -> str:
    if not policy.idle_seconds:
        return "It stays until it is removed"
    return f"It is kept for {duration_text(policy.idle_seconds)} after its last activity"


def _full(policy: Policy) -> str:
    full = (
        f"Beyond {count_text(policy.contents_max, 'content')}"
        if policy.contents_max
        else "When it is full"
    )
    return f"{full}, {'the oldest goes' if policy.drops_oldest else 'nothing more is taken'}."
