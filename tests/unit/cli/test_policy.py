"""What a member is told of the session that they made, or found."""

from __future__ import annotations

import pytest

from sharethings.cli.policy import tell_new, tell_old
from sharethings.client.join import NO_WISHES, Wishes
from sharethings.protocol.replies import Policy

DAY = 86_400


@pytest.mark.parametrize(
    ("wishes", "policy", "sentences"),
    [
        (NO_WISHES, Policy(idle_seconds=DAY), "It is kept for 1 day after its last activity."),
        (NO_WISHES, Policy(idle_seconds=0), "It stays until it is removed."),
        (
            Wishes(idle_seconds=7 * DAY),
            Policy(idle_seconds=3600),
            "It is kept for 1 hour after its last activity, the most that this server allows.",
        ),
        (
            Wishes(contents_max=1, drops_oldest=True),
            Policy(idle_seconds=0, contents_max=1, drops_oldest=True),
            "It stays until it is removed. Beyond 1 content, the oldest goes.",
        ),
        (
            Wishes(contents_max=5),
            Policy(idle_seconds=0, contents_max=5),
            "It stays until it is removed. Beyond 5 contents, nothing more is taken.",
        ),
        (
            Wishes(drops_oldest=True),
            Policy(idle_seconds=0, drops_oldest=True),
            "It stays until it is removed. When it is full, the oldest goes.",
        ),
    ],
)
def test_a_new_session_is_told_as_it_is(wishes: Wishes, policy: Policy, sentences: str):
    assert tell_new("Attic", policy, wishes) == f"New session Attic. {sentences}"


def test_wishes_are_unmet_only_when_they_were_made():
    policy = Policy(idle_seconds=600, contents_max=5, drops_oldest=True)
    assert NO_WISHES.unmet(policy) == Wishes(600, 5, drops_oldest=True).unmet(policy) == set()
    assert Wishes(0, 6, drops_oldest=False).unmet(policy) == {
        "idle_seconds",
        "contents_max",
        "drops_oldest",
    }


def test_a_session_that_was_there_is_told_whole():
    assert tell_old("Attic", Policy(idle_seconds=600)) == (
        "Attic was made before and stays as it is. It is kept for 10 minutes after its last "
        "activity. When it is full, nothing more is taken."
    )
