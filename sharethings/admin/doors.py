"""One door for each act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sharethings.admin import acts, backup, cleanup, doctor, survey, verify
from sharethings.admin.errors import SpaceError, UnusableError
from sharethings.protocol.errors import ProtocolError, StorageFullError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sharethings.admin.place import Place, Progress
    from sharethings.admin.reports import Report

DOORS: dict[type[acts.Act], Callable[[Place, Any, Progress], Awaitable[Report]]] = {
    acts.Sessions: survey.list_sessions,
    acts.Show: survey.show_session,
    acts.Stats: survey.sum_up,
    acts.Backup: backup.back_up,
    acts.Cleanup: cleanup.clean_up,
    acts.Doctor: doctor.examine,
    acts.Verify: verify.verify_store,
}


async def answer(place: Place, act: acts.Act, progress: Progress) -> Report:
    """Do an act. Raises AdminError."""
    try:
        return await DOORS[type(act)](place, act, progress)
    except StorageFullError as error:
        raise SpaceError(str(error)) from error
    except ProtocolError as error:
        raise UnusableError(str(error)) from error
