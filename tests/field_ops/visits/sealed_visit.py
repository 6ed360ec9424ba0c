"""李雷's visit with two photos, a flag and a log on Tuesday, sealed on Wednesday."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from field_ops.db import Database
from field_ops.files.store import LocalStore
from field_ops.history import heads
from field_ops.people.models import Member
from field_ops.visits import photos
from field_ops.visits.actions import NextAction, check_in, check_out, record_log
from field_ops.visits.verdict import Fix, Presence
from tests.factories import WUHAN, a_company, a_customer, work_as
from tests.field_ops.http.test_visits_api import a_photo

AT_THE_DOOR = Presence(Fix(*WUHAN, "GCJ02", accuracy_m=20))
NUMBER = "V-20260310-0001"
KINDS = ["check_in", "photo", "photo", "check_out", "flag", "log"]


async def a_sealed_visit(database: Database, folder: Path) -> Member:
    """Everything through the verbs; returns 李雷. The pictures are in `folder`/files."""
    store = LocalStore(folder / "files")
    async with database.writing() as session:
        company = await a_company(session)
        work = work_as(session, company.lilei)
        shop = await a_customer(work, "华联超市", address="中山路 1 号")
        visit = await check_in(work, shop.id, AT_THE_DOOR)
        for colour in ("teal", "orange"):
            kept = await photos.keep(store, work.tenant_id, a_photo(colour, (400, 300)))
            await photos.attach(work, visit.id, kept, photos.Told())
        leaving = replace(work, now=work.now + timedelta(minutes=2))
        await check_out(leaving, visit.id, AT_THE_DOOR)
        await record_log(leaving, visit.id, "progress", "谈了续约", NextAction("", None))
    async with database.writing() as session:
        wednesday = work.now + timedelta(days=1)
        await heads.write_heads(work_as(session, company.admin, wednesday))
    return company.lilei
