"""What a host's own attendance app recorded of its members, as a service: read, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from .services import HostService

OFFICE, OUTSIDE = "office", "outside"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceRecord:
    """One punch or sign-in. `key` names it within its connection, whenever it is read again.

    `kind` is `office` or `outside`. `abnormal` is what the host holds against it: `location`,
    `time`, `wifi`, `device`, `security` (the host suspects that the position is made up), `other`.
    `lat` and `lng` come in `datum`, which is "" where the host does not say which one it is.
    """

    key: str
    host_user_id: str
    happened_at: datetime
    kind: str
    place: str = ""
    lat: float | None = None
    lng: float | None = None
    datum: str = ""
    abnormal: frozenset[str] = frozenset()


class AttendanceRecords(HostService, Protocol):
    """The service `attendance`."""

    async def records(
        self, host_user_ids: Sequence[str], since: datetime, until: datetime
    ) -> list[AttendanceRecord]:
        """What these members recorded between the two moments, in any order.

        Splits what is more than the host answers at once. Somebody whom the host does not know has
        no records. Raises a `SendError` when the answer is not complete.
        """
        ...
