"""What a host can do beside the port's parts, each only when somebody switched it on.

A service is an optional part of a platform. Its name in `SERVICES` is its name everywhere: as a
part of the platform, in `waiqin host service`, and in the row of a connection.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..texts import Text

if TYPE_CHECKING:  # each of them is a `HostService`, of which it must know
    from .agenda import Calendar, TodoList
    from .attendance import AttendanceRecords
    from .external_contacts import ExternalContacts
    from .urgent import Urgent

SERVICES = ("calendar", "todo", "urgent", "attendance", "external_contacts")


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member as a service names him: some hosts want the one id, some the other.

    `union_id` is "" where the host gave none.
    """

    host_user_id: str
    union_id: str = ""


class HostService(Protocol):
    """What all services have. A refusal that a permission is missing is a `PermissionMissing`."""

    @property
    def wants(self) -> Text:
        """What must be granted in the host's console, in that console's words, as one sentence."""
        ...

    async def look(self, somebody: Colleague) -> None:
        """Ask something harmless about this member, to see whether the host lets us.

        Raises a `SendError` when it does not. Changes nothing.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HostServices:
    """The optional parts of a platform; None for what this host does not have."""

    calendar: "Calendar | None" = None
    todo: "TodoList | None" = None
    urgent: "Urgent | None" = None
    attendance: "AttendanceRecords | None" = None
    external_contacts: "ExternalContacts | None" = None

    @property
    def services(self) -> dict[str, HostService]:
        """The services that this host has, by name."""
        parts = {name: getattr(self, name) for name in SERVICES}
        return {name: part for name, part in parts.items() if part is not None}
