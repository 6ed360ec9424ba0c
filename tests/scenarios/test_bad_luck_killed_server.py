"""The server is killed three times while reps check in and out. Their phones try again."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from field_ops.history import chain
from field_ops.history.models import EvidenceLink
from field_ops.http.models import AnsweredRequest
from field_ops.runtime import Runtime, now
from field_ops.visits import evidence
from field_ops.visits.models import Visit
from tests.conftest import SHANGHAI
from tests.factories import Company, a_company, a_customer, a_member, work_as
from tests.pages import a_page, an_app
from tests.scenarios.a_server import Server
from tests.scenarios.stage import AT_THE_DOOR

REPS, KILLS = 5, 3
SHOPS = 15  # of each rep, more than he gets to: coming back soon would continue the old visit


@dataclass
class Rep:
    """A rep whose phone sends each write with a key until it is answered, as the H5 does."""

    address: str
    headers: dict[str, str]
    cookies: dict[str, str]
    shops: list[str]
    acknowledged: "asyncio.Queue[str]"  # the paths of writes that were answered, everybody's
    checked_in: list[str] = field(default_factory=list)  # the visits that were acknowledged
    checked_out: list[str] = field(default_factory=list)
    retries: int = 0

    async def works(self, evening: asyncio.Event) -> None:
        """Check in and out at one shop after the other until the evening comes."""
        async with httpx.AsyncClient(
            base_url=self.address, cookies=self.cookies, trust_env=False
        ) as phone:
            for shop in self.shops:
                if evening.is_set():
                    return
                body = {"customer_id": shop, "fix": AT_THE_DOOR}
                visit = await self._sends(phone, "/visits", body)
                self.checked_in.append(visit["id"])
                path = f"/visits/{visit['id']}/check-out"
                await self._sends(phone, path, {"fix": AT_THE_DOOR})
                self.checked_out.append(visit["id"])
                await asyncio.sleep(0.05)

    async def _sends(self, phone: httpx.AsyncClient, path: str, body: Any) -> dict[str, Any]:
        headers = {**self.headers, "Idempotency-Key": str(uuid4())}
        while True:
            try:
                answer = await phone.post(f"/api/v1{path}", json=body, headers=headers)
            except httpx.TransportError:
                self.retries += 1
                await asyncio.sleep(0.2)
                continue
            assert answer.is_success, answer.text
            self.acknowledged.put_nowait(path)
            return dict(answer.json())


@dataclass(frozen=True)
class Town:
    """A data folder with a company in it, whose reps each have a session and a customer."""

    folder: Path
    company: Company
    server: Server
    reps: list[Rep]
    acknowledged: "asyncio.Queue[str]"

    async def lives_through(self, kills: int, dice: Random) -> None:
        """Everybody works while the server is killed so often, at moments that the dice choose."""
        await self.server.start()
        evening = asyncio.Event()
        async with asyncio.TaskGroup() as day:
            for rep in self.reps:
                day.create_task(rep.works(evening))
            for _ in range(kills):
                await self._gets_on(dice.randint(4, 10))
                await asyncio.sleep(dice.uniform(0, 0.1))
                self.server.kill()
                await self.server.start()
            await self._gets_on(4)
            evening.set()

    async def _gets_on(self, writes: int) -> None:
        """Wait until so many more writes were acknowledged."""
        while not self.acknowledged.empty():
            self.acknowledged.get_nowait()
        async with asyncio.timeout(60):
            for _ in range(writes):
                await self.acknowledged.get()


def opened(folder: Path) -> AbstractAsyncContextManager[Runtime]:
    """The data as this process sees it, by the clock on the wall."""
    return an_app(f"sqlite+aiosqlite:///{folder / 'waiqin.sqlite3'}", folder, now)


@pytest.fixture
async def town(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Town]:
    shutil.copy(sqlite_template, tmp_path / "waiqin.sqlite3")
    server, acknowledged = Server(tmp_path), asyncio.Queue[str]()
    async with opened(tmp_path) as runtime:
        async with runtime.database.writing() as session:
            company = await a_company(session)
            members = [
                a_member(session, company.connection, f"业务员 {n}", company.team)
                for n in range(REPS)
            ]
            await session.flush()
            works = [work_as(session, member, now()) for member in members]
            shops = [
                [(await a_customer(work, f"{n} 号店")).id for n in range(SHOPS)] for work in works
            ]
        reps = []
        for member, route in zip(members, shops, strict=True):
            async with a_page(runtime, company, member) as page:
                cookies = {name: text or "" for name, text in page.client.cookies.items()}
                reps.append(Rep(server.address, page.headers, cookies, route, acknowledged))
    yield Town(tmp_path, company, server, reps, acknowledged)
    server.stop()


async def test_every_acknowledged_write_is_there_once_and_the_evidence_is_whole(
    town: Town,
) -> None:
    await town.lives_through(KILLS, Random(20260310))
    town.server.stop()
    acknowledged = sorted(visit for rep in town.reps for visit in rep.checked_in)
    closed = {visit for rep in town.reps for visit in rep.checked_out}
    assert sum(rep.retries for rep in town.reps) >= KILLS, "no kill met a request"
    assert closed == set(acknowledged)

    async with opened(town.folder) as runtime, runtime.database.reading() as session:
        work = work_as(session, town.company.admin, now(), zone=SHANGHAI)
        rows = (await session.scalars(select(Visit).order_by(Visit.id))).all()
        assert [row.id for row in rows] == acknowledged, "lost or doubled"
        assert {row.is_open for row in rows} == {False}
        assert len({row.number for row in rows}) == len(rows)
        answers = (await session.scalars(select(AnsweredRequest.status))).all()
        assert sorted(answers) == [200] * len(rows) + [201] * len(rows)
        report = await chain.verify(work)
        assert report.is_whole, report
        kinds = Counter(await session.scalars(select(EvidenceLink.kind)))
        assert (kinds["check_in"], kinds["check_out"]) == (len(rows), len(rows))
        differing = [await evidence.discrepancies(work, row.id) for row in rows]
        assert not any(differing)
