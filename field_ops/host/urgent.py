"""A host's own alarm, as a service: what makes a phone ring beside a message that was sent."""

from collections.abc import Sequence
from typing import Protocol

from .services import HostService


class Urgent(HostService, Protocol):
    """The service `urgent`."""

    async def remind(self, host_user_ids: Sequence[str], text: str, *, once: str) -> str:
        """Put `text` before these members so that they cannot miss it; the host's id of it.

        `once` is stable over retries, for a host that has a duplicate check. Raises `HostRefused`
        when this host will not do it (nothing is left of what was bought, say), and the other
        `SendError`s as a messenger does.
        """
        ...
