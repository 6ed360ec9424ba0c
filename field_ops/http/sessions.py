"""Who is asking: a signed cookie names a session row; the row names the member.

The cookie holds ids only. A session is bound to the connection it was made through, ends after
seven days (domain.md §20), and ends at once when its row is ended or the member is not active.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, String, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from ..db import new_id
from ..errors import SignInNeeded
from ..fast_reads import as_moment, read_as_made
from ..keys import Keys
from ..people.models import MadeRole, Member, MemberRole, Session
from ..people.queries import is_made, leads_one, with_roles
from ..tenants.models import Tenant
from ..work import Actor

COOKIE = "waiqin_session"
LIFETIME = timedelta(days=7)

# (role, its definition, the rest of `actor_of`): a row for each role that he was given. Made once:
# it is asked with each request.
SIGNED_IN = (
    select(
        MemberRole.role,
        MadeRole.definition,
        Session.member_id,
        Session.connection_id,
        leads_one,
        Tenant.zone,
        Tenant.leaders_oversee,
        Tenant.pool_fields,
        Session.expires_at,
    )
    .join_from(Session, Tenant, Tenant.id == Session.tenant_id)
    .join(Member, (Member.tenant_id == Session.tenant_id) & (Member.id == Session.member_id))
    .outerjoin(
        MemberRole,
        (MemberRole.tenant_id == Session.tenant_id) & (MemberRole.member_id == Session.member_id),
    )
    .outerjoin(MadeRole, is_made)
    .where(
        Session.tenant_id == bindparam("of_tenant", type_=Integer),
        Session.id == bindparam("of_session", type_=String),
        Session.ended_at.is_(None),
        Member.state == "active",
    )
)


def cookie_value(keys: Keys, tenant_id: int, session_id: str) -> str:
    name = f"{tenant_id}.{session_id}"
    return f"{name}.{keys.sign('session', name)}"


def csrf_token(keys: Keys, session_id: str) -> str:
    """What a page must send back as `X-CSRF-Token` with every write of this session."""
    return keys.sign("csrf", session_id)


def named_by(request: Request, keys: Keys) -> tuple[int, str]:
    """(tenant id, session id) from a cookie whose signature holds. Raises `SignInNeeded`."""
    tenant, _, rest = request.cookies.get(COOKIE, "").partition(".")
    session_id, _, signature = rest.partition(".")
    if not tenant.isdigit() or not keys.is_signed("session", f"{tenant}.{session_id}", signature):
        raise SignInNeeded()
    return int(tenant), session_id


def set_cookie(response: Response, value: str, *, secure: bool) -> None:
    response.set_cookie(
        COOKIE,
        value,
        max_age=int(LIFETIME.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


async def actor_of(
    session: AsyncSession, tenant_id: int, session_id: str, now: datetime, language: str
) -> tuple[Actor, ZoneInfo]:
    """The member behind a live session, with his roles, and the company's zone.

    Raises `SignInNeeded` when the session is over or the member is not active.
    """
    rows = await read_as_made(
        session, SIGNED_IN, {"of_tenant": tenant_id, "of_session": session_id}
    )
    if not rows or (expires_at := as_moment(rows[0][-1])) is None or expires_at <= now:
        raise SignInNeeded()
    _, _, member_id, connection_id, is_leader, zone, oversees, pool_fields, _ = rows[0]
    actor = Actor(
        tenant_id=tenant_id,
        member_id=member_id,
        via="h5",
        connection_id=connection_id,
        language=language,
        oversees=bool(oversees),
        pool_fields=pool_fields,
    )
    given = [(role, definition) for role, definition, *_ in rows]
    return with_roles(actor, given, is_leader=bool(is_leader)), ZoneInfo(zone)


def begin(
    session: AsyncSession,
    *,
    tenant_id: int,
    member_id: str,
    connection_id: str,
    device_id: str,
    now: datetime,
) -> str:
    """Open a session for a member who proved who he is; returns its id."""
    session_id = new_id()
    session.add(
        Session(
            tenant_id=tenant_id,
            id=session_id,
            member_id=member_id,
            connection_id=connection_id,
            created_at=now,
            expires_at=now + LIFETIME,
            device_id=device_id,
        )
    )
    return session_id
