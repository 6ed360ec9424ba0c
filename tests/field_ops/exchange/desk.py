"""Somebody of the usual company who brings files, at once or through the worker."""

from pathlib import Path
from typing import Any

from field_ops.db import Database
from field_ops.exchange.at_once import Desk, Report, Wishes
from field_ops.exchange.import_runs import PART, work_off
from field_ops.files.store import LocalStore
from field_ops.jobs.tools import Company
from field_ops.people.models import Member
from field_ops.work import Actor
from tests.conftest import SHANGHAI
from tests.factories import work_as
from tests.fakes import Clock


def a_desk(
    database: Database,
    folder: Path,
    member: Member | None,
    tenant_id: int,
    *,
    clock: Clock | None = None,
    part: int = PART,
) -> Desk:
    """With the roles that the member has in tests; None is the command line."""
    actor = Actor(tenant_id, None, via="cli")
    if member is not None:
        actor = work_as(None, member).actor  # type: ignore[arg-type]
    files, company = LocalStore(folder / "store"), Company(tenant_id, SHANGHAI)
    return Desk(database, files, clock or Clock(), company, actor, part)


async def run(
    database: Database, member: Member, path: Path, *, dry_run: bool = False, skip: bool = False,
    **wishes: Any,
) -> Report:  # fmt: skip
    desk = a_desk(database, path.parent, member, member.tenant_id)
    return await desk.take_in(path, Wishes(dry_run=dry_run, skip_errors=skip, **wishes))


async def worker(desk: Desk) -> None:
    """What the worker does every two seconds."""
    await work_off(desk.database, desk.files, desk.clock, desk.company)


def a_sheet(folder: Path, text: str, name: str = "客户.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
