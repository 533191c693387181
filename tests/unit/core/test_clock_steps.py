"""The wall clock is set, or the machine was suspended: nobody was away for so long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from tests.unit.core.house import House, a_share, an_inline
from tests.unit.core.test_contents import listed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("step", [1860, 2 * 86_400, -900])
async def test_who_was_there_loses_and_gains_no_time_when_the_clock_is_set(house: House, step: int):
    tia = await house.member()
    request = a_share()
    await house.core.sharing.share(tia, request)
    left, _ = await house.join(await house.create(idle_seconds=600))
    await house.core.sessions.leave(left)
    house.hands.seconds += 5
    house.hands.ahead += step
    with capture_logs() as logs:
        await house.core.sweeper.sweep()
        await house.core.sweeper.sweep()
    (stepped,) = [one for one in logs if one["event"] == "clock_stepped"]
    assert stepped["seconds"] == step
    assert house.core.sweeper.counts == {}
    house.hands.seconds += 599
    await house.core.sweeper.sweep()
    assert house.core.sweeper.counts == {}
    house.hands.seconds += 1
    await house.core.sweeper.sweep()
    assert house.core.sweeper.counts == {"sessions_expired": 1}
    house.hands.seconds += 1199
    await house.core.sweeper.sweep()
    assert await listed(house, tia) == [request.content_id]
    house.hands.seconds += 1
    await house.core.sweeper.sweep()
    assert await listed(house, tia) == []


async def test_the_clock_may_be_put_right_a_little(house: House):
    house.hands.ahead += 60
    with capture_logs() as logs:
        await house.core.sweeper.sweep()
    assert logs == []


async def test_a_content_goes_at_its_time_also_when_the_clock_is_set(house: House):
    tia = await house.member()
    await house.core.sharing.share(tia, an_inline(lifetime_seconds=3600))
    house.hands.ahead += 3600
    await house.core.sweeper.sweep()
    assert await listed(house, tia) == []


async def test_after_a_restart_an_upload_has_its_full_time_again(tmp_path: Path):
    async with House(tmp_path / "data") as house:
        tia = await house.member()
        request = a_share()
        await house.core.sharing.share(tia, request)
    async with House(tmp_path / "data") as later:
        later.hands.seconds = house.hands.seconds + 1860
        await later.core.endings.refresh()
        later.hands.seconds += 1799
        await later.core.sweeper.sweep()
        assert await listed(later, tia) == [request.content_id]
        later.hands.seconds += 1
        await later.core.sweeper.sweep()
        assert await listed(later, tia) == []
