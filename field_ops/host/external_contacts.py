"""Whom our members know outside of the company, in the host's own chat: a service of a host.

A host tells it as pairs: somebody outside, and the member who has him in his chat. One person who
is known to three members is three pairs with one `external_id`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from .services import HostService


@dataclass(frozen=True, slots=True, kw_only=True)
class HostExternalContact:
    """Somebody outside, as one member has him.

    `name` and `corp_name` are what he calls himself (a company often only where he uses the host at
    work); `remark`, `remark_corp_name` and `remark_mobiles` are what the member noted about him. No
    host gives his own number. `state` is where he came from, as the company named it in a QR code;
    `add_way` the host's code for how.
    """

    external_id: str
    host_user_id: str
    name: str
    corp_name: str = ""
    remark: str = ""
    remark_corp_name: str = ""
    remark_mobiles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    added_at: datetime | None = None
    add_way: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class ExternalContactsPage:
    """Some of what was asked for; `next_page` is "" on the last page. A page may be empty."""

    contacts: tuple[HostExternalContact, ...]
    next_page: str = ""


class ExternalContacts(HostService, Protocol):
    """The company's people and whom they know outside.

    Every call raises a `SendError` when the answer is not complete, and `PermissionMissing` where
    the app may not ask at all.
    """

    members_at_once: int
    """How many members may be asked about in one call."""

    async def members(self) -> tuple[str, ...]:
        """Host user ids of those who may have external contacts. One who was allowed to and is not
        any more is not among them."""
        ...

    async def of_members(
        self, host_user_ids: Sequence[str], page: str = ""
    ) -> ExternalContactsPage:
        """A page of all pairs of these members, at most `members_at_once` of them.

        Raises `HostRefused` when one of them may not be asked about, whoever the others are.
        """
        ...

    async def known_to(self, external_id: str) -> tuple[HostExternalContact, ...]:
        """All pairs of one person outside, as far as the app may see the members; nothing when
        nobody knows him (any more)."""
        ...
