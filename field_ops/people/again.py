"""What hints name is asked for again, and whatever else must be known for it to fit into our tree.

A department that is new is read with its members, one that is gone with those who were in it, and
a parent that we do not have leads upwards. What does not fit is a case for a full reading.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.refs import ConnectionRef
from ..host.errors import HostRefused
from ..host.platform import HostDepartment, HostMember
from .known import Known
from .models import Department, MemberIdentity, Membership
from .reader import Reader
from .snapshot import ContradictoryAnswers, Gathering, Snapshot, parents_first

MOST_DEPARTMENTS = 50  # asked for one by one; for more than that everybody is read
MOST_MEMBERS = 200  # or as many as there are departments: then a full reading asks no more


class Misfit(Exception):
    """Only a full reading can tell what has become of the organisation."""


@dataclass(frozen=True, slots=True)
class Ours:
    """The tree by host ids before we ask: parents of standing departments, and who leads what."""

    parent_of: dict[str, str]
    leaders: dict[str, set[str]]

    def below(self, department_id: str) -> set[str]:
        return {one for one, parent in self.parent_of.items() if parent == department_id}

    def led_by(self, host_user_id: str) -> set[str]:
        return {one for one, leaders in self.leaders.items() if host_user_id in leaders}


PeopleIn = Callable[[Collection[str]], Awaitable[set[str]]]


class Again:
    """One reading of what hints name. `people_in` tells who is in departments as we have them."""

    def __init__(self, reader: Reader, ours: Ours, people_in: PeopleIn) -> None:
        self._reader = reader
        self._ours = ours
        self._people_in = people_in
        self._departments: dict[str, HostDepartment] = {}
        self._closed: set[str] = set()
        self._asked: set[str] = set()
        self._lists = Gathering()
        self._single = Snapshot(complete=False)

    @property
    def read(self) -> Snapshot:
        """Everything that was read so far."""
        departments, closed = dict(self._departments), frozenset(self._closed)
        return replace(self._single, departments=departments, closed=closed)

    async def members(self, host_user_ids: Iterable[str]) -> None:
        """Read these, each by himself, once. Raises a `SendError`, or `Misfit`: they are many."""
        wanted = set(host_user_ids) - self._single.members.keys() - self._single.gone
        if len(wanted) > max(MOST_MEMBERS, len(self._ours.parent_of)):
            raise Misfit("very many members")
        if wanted:
            more = await self._reader.members(wanted)
            self._take(more)

    async def departments(self, department_ids: Iterable[str]) -> None:
        """Read these and what they lead to. Raises a `SendError` or `Misfit`."""
        wanted = self._highest_first(department_ids) + sorted(self._open_places())
        while wanted:
            while wanted:
                for one in wanted:
                    if one not in self._departments and one not in self._asked:
                        wanted += sorted(await self._ask(one))
                wanted = sorted(self._open_places())
            await self._read_lists()
            await self.members(await self._whom_it_touches())
            wanted = sorted(self._open_places())

    def _highest_first(self, department_ids: Iterable[str]) -> list[str]:
        """An answer may bring along what is below it."""

        def depth(one: str) -> int:
            passed = {one}
            while (one := self._ours.parent_of.get(one, "")) and one not in passed:
                passed.add(one)
            return len(passed)

        return sorted(department_ids, key=lambda one: (depth(one), one))

    async def _ask(self, at: str) -> set[str]:
        """Ask for a department; returns what else must be asked because of the answer."""
        self._asked.add(at)
        if len(self._asked) > MOST_DEPARTMENTS:
            raise Misfit("very many departments")
        try:
            answer = await self._reader.departments(at)
        except HostRefused as refusal:
            if at in self._ours.parent_of:
                raise Misfit(f"department {at} may not be seen any more") from refusal
            answer = None
        came = {one.host_department_id: one for one in answer.departments} if answer else {}
        self._departments.update(came)
        if answer is None or at not in came:
            self._closed.add(at)
            return self._ours.below(at) - self._departments.keys()
        told_below = set(answer.ask_next) | {
            one.host_department_id for one in came.values() if one.parent_id == at
        }
        return (self._ours.below(at) ^ told_below) - self._departments.keys()

    def _open_places(self) -> set[str]:
        """Departments that somebody named and that we do not know: above others, or of members;
        and led ones of which a member's own reading does not tell."""
        named = {one.parent_id for one in self._departments.values()}
        led: set[str] = set()
        for who, member in self._single.members.items():
            named.update(member.department_ids)
            led |= self._ours.led_by(who).difference(member.department_ids)
        known = self._ours.parent_of.keys() - self._closed
        return ((named - known) | led) - self._departments.keys() - self._asked - {""}

    async def _read_lists(self) -> None:
        """Who is in the departments that we did not have."""
        for one in sorted(self._departments.keys() - self._ours.parent_of.keys()):
            if one not in self._lists.departments:
                self._lists.add_departments([self._departments[one]])
                if len(self._lists.departments) > MOST_DEPARTMENTS:
                    raise Misfit("very many new departments")
                self._lists.add_members(one, await self._reader.members_of(one))

    async def _whom_it_touches(self) -> set[str]:
        """Who leads, or led, what was read; who was in what is gone; and of those who were listed
        whoever is elsewhere, too: a list tells of its own department only."""
        touched: set[str] = set()
        for one, department in self._departments.items():
            touched |= self._ours.leaders.get(one, set()) ^ set(department.leader_ids)
        if self._closed:
            touched |= await self._people_in(self._closed)
        seen, doubtful = self._lists.departments.keys(), self._lists.doubtful()
        whole: dict[str, HostMember] = {}
        for who, member in self._lists.members.items():
            here = {*member.department_ids, *self._ours.led_by(who)} <= seen
            if here and who not in doubtful:
                whole[who] = member
            else:
                touched.add(who)
        new = whole.keys() - self._single.members.keys() - self._single.gone
        self._take(Snapshot(members={who: whole[who] for who in new}, complete=False))
        return touched

    def _take(self, more: Snapshot) -> None:
        self._single = replace(
            self._single,
            members={**self._single.members, **more.members},
            gone=self._single.gone | more.gone,
            unseen=self._single.unseen | more.unseen,
        )


def fitted(read: Snapshot, known: Known) -> Snapshot:
    """The reading with the whole tree as it will be. Raises `Misfit`: it is no tree."""
    if not read.departments and not any(one.host_id in read.closed for one in known.standing):
        return read
    host_id_of = {one.id: one.host_id for one in known.departments.values()}
    tree = {
        one.host_id: HostDepartment(
            one.host_id, one.name, host_id_of.get(one.parent_id or "", ""), one.position
        )
        for one in known.standing
        if one.host_id not in read.closed
    }
    roots = {one for one, department in tree.items() if not department.parent_id}
    tree.update(read.departments)
    for one in [*tree.values()]:
        if one.parent_id not in tree:
            if one.host_department_id not in roots or one.parent_id in host_id_of.values():
                raise Misfit(f"nothing is known above department {one.host_department_id}")
            tree[one.host_department_id] = replace(one, parent_id="")
    try:
        return replace(read, departments=parents_first(tree))
    except ContradictoryAnswers as failure:
        raise Misfit(str(failure)) from failure


async def ours(session: AsyncSession, connection: ConnectionRef) -> Ours:
    """Our tree and its leaders, by the host's ids."""
    rows = (
        await session.execute(
            select(Department.id, Department.host_department_id, Department.parent_id).where(
                Department.tenant_id == connection.tenant_id,
                Department.connection_id == connection.id,
                Department.removed_at.is_(None),
            )
        )
    ).all()
    host_id_of = {row.id: row.host_department_id for row in rows}
    leading = await session.execute(_people_there(connection).where(Membership.is_leader.is_(True)))
    leaders: dict[str, set[str]] = {}
    for row in leading:
        if row.department_id in host_id_of:
            leaders.setdefault(host_id_of[row.department_id], set()).add(row.host_user_id)
    return Ours(
        {row.host_department_id: host_id_of.get(row.parent_id or "", "") for row in rows}, leaders
    )


async def people_in(
    session: AsyncSession, connection: ConnectionRef, department_ids: Collection[str]
) -> set[str]:
    """Userids of those who are in these departments (the host's ids), as we have them."""
    rows = await session.execute(
        _people_there(connection)
        .join(
            Department,
            (Department.tenant_id == Membership.tenant_id)
            & (Department.id == Membership.department_id),
        )
        .where(
            Department.connection_id == connection.id,
            Department.host_department_id.in_(department_ids),
        )
    )
    return {row.host_user_id for row in rows}


def _people_there(connection: ConnectionRef) -> Select[str, str]:
    return (
        select(Membership.department_id, MemberIdentity.host_user_id)
        .join(
            MemberIdentity,
            (MemberIdentity.tenant_id == Membership.tenant_id)
            & (MemberIdentity.member_id == Membership.member_id),
        )
        .where(
            Membership.tenant_id == connection.tenant_id,
            MemberIdentity.connection_id == connection.id,
            MemberIdentity.left_at.is_(None),
        )
    )
