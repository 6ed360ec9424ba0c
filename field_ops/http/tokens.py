"""Programs of other systems: a bearer token names a row; the row says what it may and how far.

Only the token's SHA-256 is kept. It acts as itself, a service actor with a role of its own, so that
who may see a row is decided for it as for everybody.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from ..access.fields import STATES
from ..db import Database
from ..errors import NotAllowed, SignInNeeded
from ..tenants.models import Tenant
from ..texts import Text
from ..work import Actor
from .models import ApiToken

PREFIX = "wq"
ROLE = "api_token"
VIA = "api"
LAST_USED_EVERY = timedelta(minutes=10)
SCOPES = {
    "customers.read": ("customers.view",),
    "customers.write": ("customers.view", "customers.create", "customers.edit"),
    "visits.read": ("visits.view",),
    "customers.assign": ("customers.view", "customers.assign"),
    "places.write": ("customers.view", "visits.create", "customers.confirm_location"),
}


class Program(Protocol):
    """What says how far a program may go: a token, or a webhook."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def scopes(self) -> list[str]: ...
    @property
    def departments(self) -> list[str]: ...
    @property
    def fields(self) -> dict[str, str]: ...


class TokenInvalid(SignInNeeded):
    sentence = Text(
        "接口令牌无效、已过期或已被撤销，请联系管理员重新生成。",
        "The API token is wrong, has ended or was revoked. Ask your administrator for a new one.",
    )


class TokenNotForThis(NotAllowed):
    sentence = Text(
        "接口令牌没有 {scope} 权限，不能做这一步。",
        "The API token lacks the scope {scope}, which this needs.",
    )


class NotForPrograms(NotAllowed):
    sentence = Text(
        "这个接口只供登录的成员使用，不能用接口令牌访问。",
        "Only members who are signed in may use this; an API token may not.",
    )


def new_secret() -> str:
    return secrets.token_hex(32)


def written(tenant_id: int, token_id: str, secret: str) -> str:
    """The token as the program sends it."""
    return f"{PREFIX}_{tenant_id}_{token_id}_{secret}"


def hashed(secret: str) -> str:
    """A random secret needs no slow hash: there is nothing to guess from."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sent_by(request: Request) -> str | None:
    """The bearer token of a request; None without one."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


async def actor_of(
    session: AsyncSession, token: str, scope: str, now: datetime, language: str
) -> tuple[Actor, ZoneInfo, ApiToken]:
    """Who acts by this token. `scope` is what the route asks for; "" is a route for members only.

    Raises TokenInvalid, NotForPrograms or TokenNotForThis.
    """
    prefix, _, rest = token.partition("_")
    tenant, _, rest = rest.partition("_")
    token_id, _, secret = rest.partition("_")
    if prefix != PREFIX or not (tenant.isascii() and tenant.isdigit() and len(tenant) < 10):
        raise TokenInvalid()
    found = await session.execute(
        select(ApiToken, Tenant.zone, Tenant.pool_fields)
        .join(Tenant, Tenant.id == ApiToken.tenant_id)
        .where(ApiToken.tenant_id == int(tenant), ApiToken.id == token_id)
    )
    row = found.one_or_none()
    if row is None:
        raise TokenInvalid()
    known, zone, pool_fields = row
    session.expunge(known)  # it outlives a transaction that is rolled back
    is_right = hmac.compare_digest(known.secret_hash, hashed(secret))
    if not is_right or known.revoked_at is not None or known.expires_at <= now:
        raise TokenInvalid()
    if not scope:
        raise NotForPrograms()
    if scope not in known.scopes:
        raise TokenNotForThis(scope=scope)
    return program(known.tenant_id, known, pool_fields, language), ZoneInfo(zone), known


def program(tenant_id: int, one: Program, pool_fields: str, language: str = "zh") -> Actor:
    """Who acts for a program: itself, as far as it was given. Of what nobody owns it sees what the
    pools of the company show (`pool_fields`), unless it was given more."""
    return Actor(
        tenant_id=tenant_id,
        member_id=one.id,
        roles=frozenset({ROLE}),
        via=VIA,
        language=language,
        made_roles=((ROLE, _definition(one)),),
        oversees=False,
        pool_fields=pool_fields,
    )


def _definition(one: Program) -> str:
    """Its role, in the words in which companies' own roles are stored."""
    permissions = sorted({what for scope in one.scopes for what in SCOPES.get(scope, ())})
    reach: dict[str, object] = {"scope": "ALL"}
    if one.departments:
        departments = sorted(one.departments)
        reach = {"scope": "CUSTOM_DEPTS", "departments": departments, "with_descendants": True}
    role = {
        "title": one.name,
        "permissions": permissions,
        "scopes": {"customers": reach, "visits": reach},
        "fields": {
            name: dict.fromkeys(STATES, level.upper()) for name, level in one.fields.items()
        },
    }
    return orjson.dumps(role).decode()


async def note_use(database: Database, token: ApiToken, now: datetime) -> None:
    """Remember when it was last used, to ten minutes: a reader shall not write each time."""
    if token.last_used_at is not None and now - token.last_used_at < LAST_USED_EVERY:
        return
    async with database.writing() as session:
        await session.execute(
            update(ApiToken)
            .where(ApiToken.tenant_id == token.tenant_id, ApiToken.id == token.id)
            .values(last_used_at=now)
        )
