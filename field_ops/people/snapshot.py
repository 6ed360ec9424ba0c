"""The host's organisation as it was read: whole, checked, each person once. No database here.

Whatever cannot be read to its end raises a `SendError`, so that nobody departs because a page of
an answer was missing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ..host.errors import HostBusy, HostRefused, HostUnavailable, SendError
from ..host.platform import HostDepartment, HostMember, HostPlatform

AT_ONCE = 4
BUSY_TRIES = 3
LONGEST_WAIT_S = 60.0
DEEPEST = 36  # levels that fit into `Department.path`

Result = TypeVar("Result")
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Departments by host id, parents first; members by host user id.

    `complete` is false when only some members were read; `gone` are those who were asked for one
    by one and whom the host does not have.
    """

    departments: dict[str, HostDepartment] = field(default_factory=dict)
    members: dict[str, HostMember] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    complete: bool = True


class Reader:
    """Reads one host at half of the speed that it allows, and waits when it says so."""

    def __init__(self, platform: HostPlatform, sleep: Sleep = asyncio.sleep) -> None:
        self._directory = platform.directory
        self._pause_s = 2 / platform.limits.per_app_second
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._seats = asyncio.Semaphore(AT_ONCE)

    async def everything(self) -> Snapshot:
        """All departments and all their members. Raises `SendError` unless all could be read."""
        departments = checked(await self._patiently(self._directory.departments))
        lists = await self._each(departments, self._directory.members_of)
        members = merged(zip(departments, lists, strict=True))
        if not members:
            raise HostUnavailable("the host shows no member at all")
        snapshot = Snapshot(departments, members)
        # Somebody who moves while we read may be in one list and not in the other.
        doubtful = listed_unlike_told(departments, lists)
        return with_single_readings(snapshot, await self.members(doubtful))

    async def members(self, host_user_ids: Collection[str]) -> Snapshot:
        """These members, read one by one; who cannot be seen (any more) is `gone`."""
        asked = sorted(host_user_ids)
        found = await self._each(asked, self._one)
        return Snapshot(
            members={who: member for who, member in zip(asked, found, strict=True) if member},
            gone=frozenset(who for who, member in zip(asked, found, strict=True) if not member),
            complete=False,
        )

    async def _one(self, host_user_id: str) -> HostMember | None:
        try:
            return await self._directory.member(host_user_id)
        except HostRefused:
            return None  # outside what the app may see: for us the same as gone

    async def _each(
        self, ids: Iterable[str], read: Callable[[str], Awaitable[Result]]
    ) -> list[Result]:
        """One reading for each id, a few at once; the first failure ends all of them."""

        async def seated(one: str) -> Result:
            async with self._seats:
                return await self._patiently(lambda: read(one))

        failed: SendError | None = None
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(seated(one)) for one in ids]
        except* SendError as failures:
            failed = _first(failures)
        if failed is not None:
            raise failed  # out here: inside `except*`, Python before 3.11.4 wraps it in a group
        return [task.result() for task in tasks]

    async def _patiently(self, call: Callable[[], Awaitable[Result]]) -> Result:
        for _ in range(BUSY_TRIES - 1):
            async with self._turn:
                await self._sleep(self._pause_s)
            try:
                return await call()
            except HostBusy as busy:
                await self._sleep(min(busy.retry_after_s, LONGEST_WAIT_S))
        return await call()


def checked(departments: Iterable[HostDepartment]) -> dict[str, HostDepartment]:
    """By id, parents first. A tree with a hole is an incomplete answer."""
    found: dict[str, HostDepartment] = {}
    depth = {"": 0}
    for department in departments:
        if department.host_department_id in found:
            raise HostUnavailable("a department came twice")
        if department.parent_id not in depth:
            raise HostUnavailable("a department came without its parent")
        level = depth[department.parent_id] + 1
        if level > DEEPEST:
            raise HostUnavailable(f"departments are nested deeper than {DEEPEST} levels")
        found[department.host_department_id] = department
        depth[department.host_department_id] = level
    return found


def merged(lists: Iterable[tuple[str, list[HostMember]]]) -> dict[str, HostMember]:
    """Each person once, with every department in which he was listed or says to be."""
    people: dict[str, HostMember] = {}
    for department_id, members in lists:
        for member in members:
            here = replace(member, department_ids=_union(member.department_ids, (department_id,)))
            before = people.get(member.host_user_id)
            people[member.host_user_id] = _merge(before, here) if before else here
    return people


def listed_unlike_told(
    departments: Iterable[str], lists: Iterable[list[HostMember]]
) -> frozenset[str]:
    """Who says to be in a department that did not list him, or is listed where he is not."""
    listed: set[tuple[str, str]] = set()
    told: set[tuple[str, str]] = set()
    visible = set(departments)
    for department_id, members in zip(departments, lists, strict=True):
        for member in members:
            listed.add((member.host_user_id, department_id))
            if not member.department_ids:  # a host that does not tell
                told.add((member.host_user_id, department_id))
            told.update((member.host_user_id, one) for one in member.department_ids)
    return frozenset(who for who, where in listed ^ told if where in visible)


def with_single_readings(snapshot: Snapshot, single: Snapshot) -> Snapshot:
    """What one person's own reading says of him is newer than the lists."""
    members = {who: m for who, m in snapshot.members.items() if who not in single.gone}
    return replace(snapshot, members={**members, **single.members})


def _merge(one: HostMember, other: HostMember) -> HostMember:
    return replace(
        one,
        department_ids=_union(one.department_ids, other.department_ids),
        leads=_union(one.leads, other.leads),
        main_department_id=one.main_department_id or other.main_department_id,
        direct_leader_id=one.direct_leader_id or other.direct_leader_id,
        union_id=one.union_id or other.union_id,
        phone=one.phone or other.phone,
        email=one.email or other.email,
        title=one.title or other.title,
    )


def _union(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one + other))


def _first(failures: BaseExceptionGroup[SendError]) -> SendError:
    for failure in failures.exceptions:
        return _first(failure) if isinstance(failure, BaseExceptionGroup) else failure
    raise AssertionError("an exception group is never empty")
