"""The questions of the lookup benchmark through HTTP, from a process of their own."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from urllib.parse import quote

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from field_ops.connections.models import HostConnection
from field_ops.db import Database
from field_ops.http import sessions
from field_ops.keys import Keys
from field_ops.people.models import Member
from field_ops.runtime import now

from .flood import Flood, flood, raw
from .measuring import say
from .processes import web_processes, worked_ms

SECRET = "only for this benchmark"  # noqa: S105
BACKENDS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
SETUPS = ((1, 1), (8, 2))  # clients, server processes


async def cookies(session: AsyncSession, members: Sequence[Member]) -> dict[str, str]:
    """By member id: the header of somebody who is signed in."""
    connection = (await session.scalars(select(HostConnection.id))).first()
    keys, found = Keys(SECRET), {}
    for member in members:
        session_id = sessions.begin(
            session,
            tenant_id=member.tenant_id,
            member_id=member.id,
            connection_id=str(connection),
            device_id="",
            now=now(),
        )
        cookie = sessions.cookie_value(keys, member.tenant_id, session_id)
        found[member.id] = f"{sessions.COOKIE}={cookie}"
    return found


def lookup_request(cookie: str, typed: str, place: tuple[float, float] | None) -> bytes:
    path = f"/api/v1/customers?q={quote(typed)}"
    if place:
        path += f"&lat={place[0]}&lng={place[1]}"
    return raw("GET", path, {"cookie": cookie}, b"")


async def over_http(
    database: Database, url: str, folder: Path, name: str, requests: Sequence[bytes]
) -> None:
    """Wall and processor time of each set-up; servers and PostgreSQL counted together."""
    for clients, processes in SETUPS:
        async with web_processes(processes, url, folder, SECRET) as (addresses, pids):
            await _all(addresses, requests, clients)  # warms up
            if not database.is_sqlite:
                async with database.reading() as session:
                    pids += (await session.scalars(text(BACKENDS))).all()
            before = worked_ms(pids)
            floods = await _all(addresses, requests, clients)
            cpu = (worked_ms(pids) - before) / len(requests)
        took = [one for done in floods for one in done.took]
        setup = f"{name}.http.{clients}_clients_{processes}_processes"
        cuts = quantiles(took, n=100)
        for share in (50, 95, 99):
            say(f"{setup}.p{share}", cuts[share - 1] * 1000, "ms")
        say(f"{setup}.rate", len(took) / max(done.seconds for done in floods), "1/s")
        say(f"{setup}.cpu", cpu, "ms")


async def _all(addresses: Sequence[str], requests: Sequence[bytes], clients: int) -> list[Flood]:
    count = len(addresses)
    return await asyncio.gather(
        *(
            flood(address, requests[at::count], clients // count)
            for at, address in enumerate(addresses)
        )
    )
