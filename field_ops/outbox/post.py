"""Posting: a message becomes a row in the caller's transaction, and the relay does the rest."""

from dataclasses import asdict, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import and_, case, select

from ..connections.models import HostConnection
from ..db import InsertUnlessThere, new_id
from ..host.events import Conversation
from ..host.messages import Message, Wording, to_payload
from ..logs import log
from ..people.models import Member, MemberIdentity
from ..work import Work
from .metrics import NOT_POSTED
from .models import Alarm, OutboxMessage
from .urgency import marked

DEPARTED = "departed"
LONGEST_ONCE = 200
_insert = InsertUnlessThere(OutboxMessage, ["tenant_id", "once"])


async def post(
    work: Work,
    *,
    to: str,
    message: Wording,
    kind: str,
    once: str,
    due_at: datetime | None = None,
    urgent: bool = False,
    escalation: bool = False,
    about: str = "",
) -> bool:
    """Leave `message` for the member `to`, in his language; a second post of the same `once` is
    nothing.

    It goes through the actor's own connection when the member is known there, else through the
    first one where he is. `about` names what a card asks for (see `revise.asking`).

    `urgent` is for emergencies, which wait for no morning. An `escalation` goes a step up the
    ladder and waits for the morning like any push. Both say so in their words, and ring by the
    host's alarm where that service is on.

    Returns False when nothing was written: posted before, or the member has left or is on no
    host.
    """
    address = await address_of(work, to)
    if address is None:
        NOT_POSTED.labels(kind).inc()
        log.info("outbox.nobody_to_tell", tenant=work.tenant_id, member=to, kind=kind, once=once)
        return False
    connection_id, host_user_id, language, has_alarm = address
    worded = replace(message(language), language=language)
    message_id, rings = new_id(), urgent or escalation
    is_new = await write(
        work,
        id=message_id,
        connection_id=connection_id,
        member_id=to,
        host_user_id=host_user_id,
        conversation=None,
        kind=kind,
        message=to_payload(marked(worded) if rings else worded),
        once=once,
        urgent=urgent,
        due_at=due_at or work.now,
        about=about,
    )
    if is_new and rings and has_alarm:
        work.session.add(
            Alarm(tenant_id=work.tenant_id, message_id=message_id, connection_id=connection_id)
        )
    return is_new


async def answer(
    work: Work,
    conversation: Conversation,
    host_user_id: str,
    message: Message,
    *,
    once: str,
    about: str = "",
) -> bool:
    """Answer in the conversation where somebody wrote, through the actor's own connection.

    `message` is in the language of the actor. Needs no member: who is not in our books is told so
    as well. `once` needs to be unique for the connection only, as a host's event ids are. False
    when answered before.
    """
    if work.actor.connection_id is None:
        raise RuntimeError("an answer needs the connection that the question came through")
    return await write(
        work,
        connection_id=work.actor.connection_id,
        member_id=work.actor.member_id,
        host_user_id=host_user_id,
        conversation=conversation_payload(conversation),
        # By an address of its own it need not wait for what the host's figures hold back.
        line=f"answer/{host_user_id}"[:128] if conversation.reply_to else host_user_id,
        kind="answer",
        message=to_payload(replace(message, language=work.actor.language)),
        once=f"{work.actor.connection_id}-{once}",
        urgent=False,
        due_at=work.now,
        about=about,
        by_connection=conversation.by_connection,
    )


def conversation_payload(conversation: Conversation) -> dict[str, Any]:
    """The conversation as JSON-ready data."""
    until = conversation.reply_until
    return {**asdict(conversation), "reply_until": until.isoformat() if until else None}


def conversation_of(payload: dict[str, Any]) -> Conversation:
    """The conversation back from `conversation_payload`."""
    until = payload["reply_until"]
    return Conversation(**{**payload, "reply_until": until and datetime.fromisoformat(until)})


async def address_of(
    work: Work, member_id: str, *, but_not: str = ""
) -> tuple[str, str, str, bool] | None:
    """Connection and host user id under which a member that is still here is reached, the language
    that he reads, and whether that host's alarm is switched on. `but_not` is a connection that will
    not do."""
    mine = work.actor.connection_id or ""
    found = await work.session.execute(
        select(
            MemberIdentity.connection_id,
            MemberIdentity.host_user_id,
            Member.language,
            HostConnection.services,
        )
        .join(
            HostConnection,
            and_(
                HostConnection.tenant_id == MemberIdentity.tenant_id,
                HostConnection.id == MemberIdentity.connection_id,
            ),
        )
        .join(
            Member,
            and_(
                Member.tenant_id == MemberIdentity.tenant_id, Member.id == MemberIdentity.member_id
            ),
        )
        .where(
            MemberIdentity.tenant_id == work.tenant_id,
            MemberIdentity.member_id == member_id,
            MemberIdentity.left_at.is_(None),
            MemberIdentity.connection_id != but_not,
            Member.state != DEPARTED,
            HostConnection.removed_at.is_(None),
        )
        .order_by(
            case((MemberIdentity.connection_id == mine, 0), else_=1),
            HostConnection.created_at,
            HostConnection.id,
            MemberIdentity.host_user_id,
        )
        .limit(1)
    )
    row = found.first()
    if row is None:
        return None
    return row.connection_id, row.host_user_id, row.language, "urgent" in row.services


async def write(work: Work, *, once: str, host_user_id: str, **values: Any) -> bool:
    """One row; False when one with this `once` was there. Its line is the person unless said."""
    # It may be made of a host's event id, which can be of any length.
    kept_once = once if len(once) <= LONGEST_ONCE else sha256(once.encode()).hexdigest()
    return await _insert.row(
        work.session,
        {
            "tenant_id": work.tenant_id,
            "id": new_id(),
            "once": kept_once,
            "state": "queued",
            "created_at": work.now,
            "host_user_id": host_user_id,
            "line": host_user_id,
            "revises": "",
            "by_connection": False,
            **values,
        },
    )
