"""What a host told of chat contacts, written down: in one transaction of the caller's."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, select, update

from ..connections.refs import ConnectionRef
from ..db import new_id
from ..history import audit
from ..host.external_contacts import HostExternalContact
from ..people.models import MemberIdentity
from ..work import Work
from .keys import host_key, keys_of_pair
from .models import LONGEST_ID, LONGEST_NAME, ChatContact, ChatContactKey, ChatLink
from .telling import tell_who_was_deleted

ENDED_BY_SOMEBODY = ("left", "removed")


async def take_in(
    work: Work, connection: ConnectionRef, pairs: Collection[HostExternalContact]
) -> int:
    """Write what the host tells now; returns how many were new or came back.

    Nothing of members whom we do not know, and nothing of who revoked his consent.
    """
    told = {
        host_key(connection.id, pair.external_id, pair.host_user_id): pair
        for pair in pairs
        if max(len(pair.external_id), len(pair.host_user_id)) <= LONGEST_ID
    }
    member_of = await _members(work, connection, {pair.host_user_id for pair in told.values()})
    rows = await _rows(work, connection, told)
    noted: dict[ChatContact, HostExternalContact] = {}
    fresh = 0
    for key, pair in told.items():
        row, member_id = rows.get(key), member_of.get(pair.host_user_id)
        if member_id is None:
            continue
        if row is None:
            row = _new(work, connection, key, pair)
            work.session.add(row)
            fresh += 1
        elif row.state == "erased" or _is_still_ended(row, pair):
            row.seen_at = work.now
            continue
        elif row.state != "known":
            row.state, row.gone_at = "known", None
            fresh += 1
        row.member_id, row.seen_at, row.added_at = member_id, work.now, pair.added_at
        row.name, row.remark = pair.name[:LONGEST_NAME], pair.remark[:LONGEST_NAME]
        noted[row] = pair
    await work.session.flush()
    await _write_keys(work, noted)
    return fresh


async def end(
    work: Work, connection: ConnectionRef, external_id: str, host_user_id: str, why: str
) -> None:
    """The pair is over, as `why` says; its links end, and who was deleted is told, once."""
    key = host_key(connection.id, external_id, host_user_id)
    for row in (await _rows(work, connection, [key])).values():
        if row.state != "known":
            continue
        if why == "left":
            await tell_who_was_deleted(work, row)
        await _close(work, [row], why)


async def end_unseen(
    work: Work, connection: ConnectionRef, host_user_ids: Collection[str], since: datetime
) -> int:
    """All of these members was read since then: what was not among it is over. Nobody knows who
    ended it, so nobody is told."""
    rows = await work.session.scalars(
        select(ChatContact)
        .where(
            ChatContact.tenant_id == work.tenant_id,
            ChatContact.connection_id == connection.id,
            ChatContact.host_user_id.in_(host_user_ids),
            ChatContact.state == "known",
            ChatContact.seen_at < since,
        )
        .with_for_update()
    )
    gone = list(rows)
    await _close(work, gone, "absent")
    return len(gone)


def blank(row: ChatContact) -> None:
    """Forget what the host told about the person."""
    row.name = row.remark = ""
    row.added_at = None


async def drop_keys(work: Work, ids: Collection[str]) -> None:
    await work.session.execute(
        delete(ChatContactKey).where(
            ChatContactKey.tenant_id == work.tenant_id, ChatContactKey.chat_contact_id.in_(ids)
        )
    )


async def _close(work: Work, rows: Collection[ChatContact], why: str) -> None:
    ids = [row.id for row in rows]
    if not ids:
        return
    for row in rows:
        row.state, row.gone_at = why, work.now
        blank(row)
    ended = await work.session.execute(
        update(ChatLink)
        .where(
            ChatLink.tenant_id == work.tenant_id,
            ChatLink.chat_contact_id.in_(ids),
            ChatLink.state == "linked",
        )
        .values(state="ended", decided_by=None, decided_at=work.now)
        .returning(ChatLink.contact_id)
        .execution_options(synchronize_session=False)
    )
    for contact_id in ended.scalars():
        audit.record(work, "contact.chat_ended", "contact", contact_id, {"why": (None, why)})
    await drop_keys(work, ids)
    await work.session.flush()


def _is_still_ended(row: ChatContact, pair: HostExternalContact) -> bool:
    """Some hosts go on listing a person who deleted the member: only a later beginning counts."""
    if row.state not in ENDED_BY_SOMEBODY or row.gone_at is None:
        return False
    return pair.added_at is None or pair.added_at <= row.gone_at


def _new(work: Work, connection: ConnectionRef, key: str, pair: HostExternalContact) -> ChatContact:
    return ChatContact(
        tenant_id=work.tenant_id,
        id=new_id(),
        connection_id=connection.id,
        host_key=key,
        external_id=pair.external_id,
        host_user_id=pair.host_user_id,
        state="known",
    )


async def _rows(
    work: Work, connection: ConnectionRef, keys: Iterable[str]
) -> dict[str, ChatContact]:
    found = await work.session.scalars(
        select(ChatContact)
        .where(
            ChatContact.tenant_id == work.tenant_id,
            ChatContact.connection_id == connection.id,
            ChatContact.host_key.in_(list(keys)),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.host_key: row for row in found}


async def _members(
    work: Work, connection: ConnectionRef, host_user_ids: Collection[str]
) -> dict[str, str]:
    rows = await work.session.execute(
        select(MemberIdentity.host_user_id, MemberIdentity.member_id).where(
            MemberIdentity.tenant_id == work.tenant_id,
            MemberIdentity.connection_id == connection.id,
            MemberIdentity.host_user_id.in_(host_user_ids),
            MemberIdentity.left_at.is_(None),
        )
    )
    return {row.host_user_id: row.member_id for row in rows}


async def _write_keys(work: Work, noted: Mapping[ChatContact, HostExternalContact]) -> None:
    """The keys of these chat contacts, exactly."""
    found = await work.session.scalars(
        select(ChatContactKey).where(
            ChatContactKey.tenant_id == work.tenant_id,
            ChatContactKey.chat_contact_id.in_([row.id for row in noted]),
        )
    )
    known = {(one.chat_contact_id, one.member_id, one.key): one for one in found}
    wanted = {
        (row.id, row.member_id, key) for row, pair in noted.items() for key in keys_of_pair(pair)
    }
    for place, one in known.items():
        if place not in wanted:
            await work.session.delete(one)
    for chat_contact_id, member_id, key in sorted(wanted - known.keys()):
        work.session.add(
            ChatContactKey(
                tenant_id=work.tenant_id,
                member_id=member_id,
                key=key,
                chat_contact_id=chat_contact_id,
            )
        )
    await work.session.flush()
