"""Whom of those we know a newcomer is. Pure.

By the host's own id for the person across userids, or by a mobile number that the directories of
both hosts give, each for one person only. Everybody else is new, until an admin links him.
"""

from collections import Counter
from collections.abc import Iterator

from ..host.platform import HostMember
from .known import Known, KnownMember
from .phones import comparable
from .snapshot import Snapshot


class Twins:
    """`returned` maps a new userid to the old one; `linked` a userid to the member of another
    host."""

    def __init__(self, snapshot: Snapshot, known: Known) -> None:
        self._snapshot = snapshot
        self._known = known
        self.returned = dict(self._returned())
        self.linked = dict(self._linked())

    def _newcomers(self) -> Iterator[HostMember]:
        for who, member in self._snapshot.members.items():
            if who not in self._known.members:
                yield member

    def _is_gone(self, before: KnownMember) -> bool:
        if before.host_id in self._snapshot.members:
            return False
        return before.has_left or before.host_id in self._snapshot.gone

    def _returned(self) -> Iterator[tuple[str, str]]:
        newcomers = [member for member in self._newcomers() if member.union_id]
        if not newcomers:
            return
        wanted = Counter(member.union_id for member in newcomers)
        gone: dict[str, KnownMember | None] = {}
        for before in self._known.members.values():
            if before.union_id in wanted and self._is_gone(before):
                gone[before.union_id] = None if before.union_id in gone else before
        for member in newcomers:
            old = gone.get(member.union_id)
            if old is not None and wanted[member.union_id] == 1:
                yield member.host_user_id, old.host_id

    def _linked(self) -> Iterator[tuple[str, str]]:
        if not self._known.by_phone:
            return
        here = {m.id for m in self._known.members.values() if not self._is_gone(m)}
        phones = Counter(comparable(member.phone) for member in self._snapshot.members.values())
        for member in self._newcomers():
            phone = comparable(member.phone)
            twin = self._known.by_phone.get(phone)
            alone = phones[phone] == 1 and member.host_user_id not in self.returned
            if twin is not None and twin not in here and alone:
                yield member.host_user_id, twin
