"""Asks a host for its people: at a pace that it allows, patiently, and nothing twice."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Protocol, TypeVar

from ..host.errors import HostBusy, HostRefused, SendError
from ..host.platform import DepartmentsAnswer, HostLimits, HostMember, HostPlatform
from .snapshot import Gathering, Snapshot, with_single_readings

AT_ONCE = 3  # questions of one kind: enough for the hosts' rates, and fewer cost httpx less
OF_THE_HOSTS_RATE = 0.75  # the rest is for sign-ins, and for whoever else uses the app
BUSY_TRIES = 5
LONGEST_WAIT_S = 60.0
SHORTEST_PAUSE_S = 0.001  # below that a host limits nobody, and no clock is that exact

Result = TypeVar("Result")
Sleep = Callable[[float], Awaitable[None]]
Progress = Callable[[int, int], None]  # departments read to their last member, departments found


class Answers(Protocol):
    """What the host has answered already: `field_ops.people.answers.Answers`."""

    def departments(self, at: str) -> DepartmentsAnswer | None: ...

    def members_of(self, department_id: str) -> list[HostMember] | None: ...

    def member(self, host_user_id: str) -> tuple[HostMember | None] | None: ...

    async def keep_departments(self, at: str, answer: DepartmentsAnswer) -> None: ...

    async def keep_members(self, department_id: str, members: list[HostMember]) -> None: ...

    async def keep_member(self, host_user_id: str, member: HostMember | None) -> None: ...


def seconds_for(departments: int, limits: HostLimits) -> float:
    """About how long it takes to read so many departments at the pace that a host allows."""
    return departments / (limits.per_app_second * OF_THE_HOSTS_RATE)


class Pace:
    """At most so many calls of one API a second."""

    def __init__(self, per_second: float, sleep: Sleep) -> None:
        self._pause_s = 1 / per_second
        self._sleep = sleep
        self._turn = asyncio.Lock()

    async def wait(self) -> None:
        if self._pause_s < SHORTEST_PAUSE_S:
            return
        async with self._turn:
            await self._sleep(self._pause_s)


class Reader:
    """Reads one host. Without `answers` nothing is known beforehand, and nothing is kept."""

    def __init__(
        self,
        platform: HostPlatform,
        sleep: Sleep = asyncio.sleep,
        answers: Answers | None = None,
        progress: Progress = lambda _read, _found: None,
        *,
        patient: bool = True,
    ) -> None:
        self._patient = patient  # else a host that is busy is a failure at once: somebody waits
        self._directory = platform.directory
        self._unseen: set[str] = set()
        self._sleep = sleep
        self._answers = answers
        self._progress = progress
        per_second = platform.limits.per_app_second * OF_THE_HOSTS_RATE
        # The hosts count each API by itself.
        self._tree, self._lists, self._people = (Pace(per_second, sleep) for _ in range(3))

    async def everything(self) -> Snapshot:
        """All departments and all their members. Raises `SendError` unless all could be read."""
        gathering, single = await self._lists_of_all()
        snapshot = gathering.snapshot()
        # Somebody who moves while we read may be in one list and not in the other.
        one_by_one = await self.members(gathering.doubtful() | single)
        return with_single_readings(snapshot, one_by_one)

    async def members(self, host_user_ids: Collection[str]) -> Snapshot:
        """These members, read one by one; who cannot be seen (any more) is `gone`."""
        found: dict[str, HostMember | None] = {}
        waiting = sorted(host_user_ids)[::-1]

        async def seat() -> None:
            while waiting:
                who = waiting.pop()
                found[who] = await self._member(who)

        with _first_failure():
            async with asyncio.TaskGroup() as group:
                for _ in range(min(AT_ONCE, len(waiting))):
                    group.create_task(seat())
        return Snapshot(
            members={who: member for who, member in found.items() if member},
            gone=frozenset(who for who, member in found.items() if not member),
            unseen=frozenset(self._unseen & found.keys()),
            complete=False,
        )

    async def _lists_of_all(self) -> tuple[Gathering, frozenset[str]]:
        """The lists, and who is to be seen although none of his departments is."""
        gathering = Gathering()
        single: set[str] = set()
        asked = {""}
        places: asyncio.Queue[str] = asyncio.Queue()
        lists: asyncio.Queue[str] = asyncio.Queue()
        places.put_nowait("")
        read = 0

        async def read_tree() -> None:
            while True:
                answer = await self.departments(await places.get())
                single.update(answer.members)
                for department_id in gathering.add_departments(answer.departments):
                    lists.put_nowait(department_id)
                for department_id in answer.ask_next:
                    if department_id not in asked:
                        asked.add(department_id)
                        places.put_nowait(department_id)
                places.task_done()

        async def read_lists() -> None:
            nonlocal read
            while True:
                department_id = await lists.get()
                gathering.add_members(department_id, await self.members_of(department_id))
                read += 1
                self._progress(read, len(gathering.departments))
                lists.task_done()

        async def until_nothing_is_open() -> None:
            await places.join()
            await lists.join()
            for one in seats:
                one.cancel()

        with _first_failure():
            async with asyncio.TaskGroup() as group:
                works = (read_tree, read_lists)
                seats = [group.create_task(work()) for work in works for _ in range(AT_ONCE)]
                group.create_task(until_nothing_is_open())
        return gathering, frozenset(single - gathering.members.keys())

    async def departments(self, at: str) -> DepartmentsAnswer:
        """What the host tells when it is asked at this place. Raises a `SendError`."""
        told = self._answers.departments(at) if self._answers else None
        if told is None:
            told = await self._patiently(self._tree, partial(self._directory.departments, at))
            if self._answers:
                await self._answers.keep_departments(at, told)
        return told

    async def members_of(self, department_id: str) -> list[HostMember]:
        """All direct members of a department. Raises a `SendError`."""
        told = self._answers.members_of(department_id) if self._answers else None
        if told is not None:
            return told
        members: list[HostMember] = []
        page_id, first = "", True
        while first or page_id:
            ask = partial(self._directory.members_of, department_id, page_id)
            page = await self._patiently(self._lists, ask)
            members += page.members
            page_id, first = page.next_page, False
        if self._answers:
            await self._answers.keep_members(department_id, members)
        return members

    async def _member(self, host_user_id: str) -> HostMember | None:
        told = self._answers.member(host_user_id) if self._answers else None
        if told is not None:
            return told[0]
        try:
            ask = partial(self._directory.member, host_user_id)
            member = await self._patiently(self._people, ask)
        except HostRefused:
            member = None  # outside what the app may see: for us the same as gone
            self._unseen.add(host_user_id)
        if self._answers:
            await self._answers.keep_member(host_user_id, member)
        return member

    async def _patiently(self, pace: Pace, call: Callable[[], Awaitable[Result]]) -> Result:
        for _ in range(BUSY_TRIES - 1):
            await pace.wait()
            try:
                return await call()
            except HostBusy as busy:
                if busy.retry_after_s > LONGEST_WAIT_S or not self._patient:
                    raise
                await self._sleep(busy.retry_after_s)
        return await call()


@contextmanager
def _first_failure() -> Iterator[None]:
    """What ended the group of tasks, by itself."""
    failed: SendError | None = None
    task = asyncio.current_task()
    cancelled = task.cancelling() if task else 0
    try:
        yield
    except* SendError as failures:
        failed = _first(failures)
    if failed is None:
        return
    if task and task.cancelling() > cancelled:
        # A group that fails while it is waited for cancels its task and does not take that back.
        # Before Python 3.11.4 the next `asyncio.timeout` that runs out would then end the task.
        task.uncancel()
    raise failed  # out here: inside `except*`, Python before 3.11.4 wraps it in a group


def _first(failures: BaseExceptionGroup[SendError]) -> SendError:
    for failure in failures.exceptions:
        return _first(failure) if isinstance(failure, BaseExceptionGroup) else failure
    raise AssertionError("an exception group is never empty")
