"""From a host's one-time code to a session of ours. The host is asked before any transaction."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..connections.errors import ConnectionUnknown
from ..connections.platforms import Platforms
from ..connections.refs import ConnectionRef
from ..db import insert_into
from ..host.errors import HostRefused, NotAColleague, SendError, SignInCodeRejected
from ..host.platform import HostPlatform, HostUser
from ..http import sessions
from ..http.edge import Edge
from ..logs import log
from ..people.models import Member, MemberIdentity, UsedSignInCode
from ..people.queries import member_by_host_user
from ..people.reread import sync_member
from .errors import SOME_HOST, HostNotAnswering, MemberNotActive, MemberUnknown, SignInCodeSpent
from .state import Door

CODES_KEPT_FOR = timedelta(days=1)  # hosts end a code after five minutes by themselves
LONGEST_DEVICE_ID = 128


@dataclass(frozen=True, slots=True)
class OpenedSession:
    tenant_id: int
    session_id: str


async def connection_at(platforms: Platforms, door: Door) -> tuple[HostPlatform, ConnectionRef]:
    """The connection that the address names. Raises `ConnectionUnknown` or `HostNotAnswering`."""
    try:
        found = await platforms.platform_named(door.host, door.connection)
    except SendError as failure:  # its stored settings cannot be right
        raise HostNotAnswering(title=SOME_HOST) from failure
    if found is None:
        raise ConnectionUnknown(host=door.host, name=door.connection)
    return found


async def open_session(
    edge: Edge,
    platforms: Platforms,
    door: Door,
    code: str,
    device_id: str = "",
    *,
    in_app: bool = True,
) -> OpenedSession:
    """Exchange the code and open a session for whom it names. A code is good once.

    `in_app` is false for a code that came from the host's web sign-in.

    Raises `SignInCodeSpent`, `MemberUnknown`, `MemberNotActive` or `HostNotAnswering`.
    """
    platform, connection = await connection_at(platforms, door)
    if await _is_spent(edge, connection, code):
        raise SignInCodeSpent()
    user = await _who(platform, code, in_app)
    await _know(edge, platform, connection, user.host_user_id)
    device_id = (user.device_id or device_id)[:LONGEST_DEVICE_ID]
    async with edge.database.writing(awaited=True) as session:
        now = edge.clock()
        await _spend(session, connection, code, now)
        member = await _active_member(session, connection, user.host_user_id)
        session_id = sessions.begin(
            session,
            tenant_id=connection.tenant_id,
            member_id=member.id,
            connection_id=connection.id,
            device_id=device_id,
            now=now,
        )
    log.info("signed_in", tenant=connection.tenant_id, member=member.id, host=door.host)
    return OpenedSession(connection.tenant_id, session_id)


async def forget_old_codes(session: AsyncSession, now: datetime) -> None:
    """For the timetable: spent codes that their host has ended long ago."""
    await session.execute(
        delete(UsedSignInCode).where(UsedSignInCode.used_at < now - CODES_KEPT_FOR)
    )


async def _who(platform: HostPlatform, code: str, in_app: bool) -> HostUser:
    try:
        return await platform.sign_in.who(code, in_app=in_app)
    except NotAColleague as failure:
        raise MemberUnknown() from failure
    except (SignInCodeRejected, HostRefused) as failure:
        raise SignInCodeSpent() from failure
    except SendError as failure:
        raise HostNotAnswering(title=platform.title) from failure


async def _know(
    edge: Edge, platform: HostPlatform, connection: ConnectionRef, host_user_id: str
) -> None:
    """Somebody we do not have may have joined since the last sync: ask the host once."""
    async with edge.database.reading() as session:
        if await member_by_host_user(session, connection, host_user_id) is not None:
            return
    try:
        await sync_member(edge.database, platform, connection, host_user_id, edge.clock)
    except SendError as failure:
        raise HostNotAnswering(title=platform.title) from failure


async def _active_member(
    session: AsyncSession, connection: ConnectionRef, host_user_id: str
) -> Member:
    member = await member_by_host_user(session, connection, host_user_id)
    if member is None and not await _was_here(session, connection, host_user_id):
        raise MemberUnknown()
    if member is None or member.state != "active":
        raise MemberNotActive()
    return member


async def _was_here(session: AsyncSession, connection: ConnectionRef, host_user_id: str) -> bool:
    return bool(
        await session.scalar(
            select(
                exists().where(
                    MemberIdentity.tenant_id == connection.tenant_id,
                    MemberIdentity.connection_id == connection.id,
                    MemberIdentity.host_user_id == host_user_id,
                )
            )
        )
    )


async def _is_spent(edge: Edge, connection: ConnectionRef, code: str) -> bool:
    async with edge.database.reading() as session:
        spent = await session.get(
            UsedSignInCode, (connection.tenant_id, connection.id, _hashed(code))
        )
    return spent is not None


async def _spend(
    session: AsyncSession, connection: ConnectionRef, code: str, now: datetime
) -> None:
    """Of two requests with the same code, whatever the host said to both, one comes in."""
    written = await session.execute(
        insert_into(session, UsedSignInCode)
        .values(
            tenant_id=connection.tenant_id,
            connection_id=connection.id,
            code_hash=_hashed(code),
            used_at=now,
        )
        .on_conflict_do_nothing()
        .returning(UsedSignInCode.code_hash)
    )
    if written.first() is None:
        raise SignInCodeSpent()


def _hashed(code: str) -> str:
    return hashlib.sha256(code.encode(errors="surrogatepass")).hexdigest()
