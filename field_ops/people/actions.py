"""The verbs of a member about himself, and of an administrator about people."""

from dataclasses import dataclass

from sqlalchemy import select

from ..connections.refs import ConnectionRef
from ..history import audit
from ..work import Work
from .errors import BothWorkThere, LinkedAlready, UserIdUnknown
from .links import join
from .models import Member, MemberIdentity
from .revision import lock


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody as one host knows him."""

    connection: ConnectionRef
    host_user_id: str


async def speak(work: Work, language: str) -> None:
    """From now on I am told everything in this language (`zh` or `en`): pages, answers, pushes."""
    member = await work.session.get_one(Member, (work.tenant_id, work.actor.me))
    member.language = language


async def link(work: Work, one: Account, other: Account) -> Member:
    """Make one member of two accounts: a person on two hosts, or one who came back under a new id.

    The older record goes on. What the younger one looks after is handed over to it afterwards.
    """
    await lock(work.session, work.tenant_id)
    members = [await member_of(work, account) for account in (one, other)]
    keep, goes = sorted(members, key=lambda member: member.id)
    if keep is goes:
        raise LinkedAlready(member=keep.name)
    await _check_that_no_host_has_both(work, one.connection, keep, goes)
    await _check_that_no_host_has_both(work, other.connection, keep, goes)
    audit.record(work, "member.linked", "member", keep.id, {"with": (None, goes.id)})
    await work.session.flush()
    await join(work.session, work.tenant_id, keep.id, goes.id, work.now)
    await work.session.refresh(keep)
    return keep


async def member_of(work: Work, account: Account) -> Member:
    """The member behind an account, departed ones too. Raises `UserIdUnknown`."""
    found = await work.session.scalar(
        select(Member)
        .join(
            MemberIdentity,
            (MemberIdentity.tenant_id == Member.tenant_id)
            & (MemberIdentity.member_id == Member.id),
        )
        .where(
            Member.tenant_id == work.tenant_id,
            MemberIdentity.connection_id == account.connection.id,
            MemberIdentity.host_user_id == account.host_user_id,
        )
    )
    if found is None:
        at = account.connection
        raise UserIdUnknown(host=at.host, name=at.name, user_id=account.host_user_id)
    return found


async def _check_that_no_host_has_both(
    work: Work, at: ConnectionRef, one: Member, other: Member
) -> None:
    there = await work.session.scalars(
        select(MemberIdentity.member_id).where(
            MemberIdentity.tenant_id == work.tenant_id,
            MemberIdentity.connection_id == at.id,
            MemberIdentity.member_id.in_((one.id, other.id)),
            MemberIdentity.left_at.is_(None),
        )
    )
    if len(set(there)) == 2:
        raise BothWorkThere(one=one.name, other=other.name, host=at.host, name=at.name)
