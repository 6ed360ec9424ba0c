"""Making and revoking the tokens of programs. Needs `connections.configure`."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from ..access import require
from ..db import new_id
from ..errors import Invalid, NotFound
from ..history import audit
from ..http import tokens
from ..http.models import ApiToken
from ..people.models import Department
from ..texts import Text
from ..work import Work
from .schemas import ApiTokenIn


class TokenDepartmentUnknown(Invalid):
    sentence = Text(
        "没有编号为 {department} 的部门，请核对后重试。",
        "There is no department with the id {department}.",
    )


async def make(work: Work, wanted: ApiTokenIn) -> tuple[ApiToken, str]:
    """A new token; the second is what the program sends, and is kept nowhere."""
    require(work, "connections.configure")
    await _refuse_unknown(work, wanted.departments)
    secret = tokens.new_secret()
    token = ApiToken(
        tenant_id=work.tenant_id,
        id=new_id(),
        name=wanted.name,
        secret_hash=tokens.hashed(secret),
        scopes=sorted(set(wanted.scopes)),
        departments=sorted(set(wanted.departments)),
        fields=dict(wanted.fields),
        created_by=work.actor.member_id,
        created_at=work.now,
        expires_at=work.now + timedelta(days=wanted.days),
        last_used_at=None,
        revoked_at=None,
    )
    work.session.add(token)
    change = {name: (None, getattr(token, name)) for name in ("name", "scopes", "departments")} | {
        "expires_at": (None, token.expires_at.isoformat())
    }
    audit.record(work, "api_token.made", "api_token", token.id, change)
    await work.session.flush()
    return token, tokens.written(work.tenant_id, token.id, secret)


async def revoke(work: Work, token_id: str) -> ApiToken:
    """It opens nothing from now on. A second time changes nothing."""
    require(work, "connections.configure")
    token = await work.session.get(ApiToken, (work.tenant_id, token_id))
    if token is None:
        raise NotFound()
    if token.revoked_at is None:
        token.revoked_at = work.now
        audit.record(work, "api_token.revoked", "api_token", token.id, {"name": (token.name, None)})
    return token


async def listed(work: Work) -> Sequence[ApiToken]:
    """Every token, the newest first, revoked ones too."""
    require(work, "connections.configure")
    found = await work.session.scalars(
        select(ApiToken).where(ApiToken.tenant_id == work.tenant_id).order_by(ApiToken.id.desc())
    )
    return found.all()


async def _refuse_unknown(work: Work, departments: Sequence[str]) -> None:
    known = await work.session.scalars(
        select(Department.id).where(
            Department.tenant_id == work.tenant_id, Department.id.in_(departments)
        )
    )
    missing = sorted(set(departments) - set(known))
    if missing:
        raise TokenDepartmentUnknown(department=missing[0])
