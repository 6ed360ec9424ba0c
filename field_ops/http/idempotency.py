"""The same key gives the same answer: `Idempotency-Key` on every write (domain.md §20).

The key is claimed first, in the transaction of the effect. A second request with the key waits for
that transaction (SQLite: for the one writer; PostgreSQL: for the unique key) and then reads the
first answer. A refusal is an answer too and is kept; an outage is not, so that a retry may succeed.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ..db import is_sqlite
from ..errors import Conflict, Invalid
from ..texts import Text
from ..work import Work
from .models import AnsweredRequest

MAX_KEY = 64


class KeyUsedForAnother(Conflict):
    sentence = Text(
        "这个操作编号已经用于另一次提交，请刷新页面后重新操作。",
        "This key was already used for another request. Reload the page and try again.",
    )


class KeyTooLong(Invalid):
    sentence = Text(
        "操作编号最多 64 个字符。",
        "An Idempotency-Key has at most 64 characters.",
    )


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


def fingerprint(method: str, path: str, body: bytes) -> str:
    """What the request is, so that a key cannot be taken for another one."""
    return hashlib.sha256(b"\n".join([method.encode(), path.encode(), body])).hexdigest()


async def once(
    work: Work, key: str, print_: str, effect: Callable[[Work], Awaitable[Answer]]
) -> Answer:
    """The first answer under this key: of an earlier request, else of `effect`, run now."""
    first = await _claim(work, key, print_)
    if first is not None:
        return first
    answer = await effect(work)
    await _keep(work, key, answer)
    return answer


async def _claim(work: Work, key: str, print_: str) -> Answer | None:
    """Claim the key, or give the first answer. None means: go on, and then keep the answer."""
    if len(key) > MAX_KEY:
        raise KeyTooLong()
    insert = sqlite_insert if is_sqlite(work.session) else postgres_insert
    statement = (
        insert(AnsweredRequest)
        .values(
            tenant_id=work.tenant_id,
            member_id=work.actor.me,
            key=key,
            fingerprint=print_,
            status=0,
            body=b"",
            answered_at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(AnsweredRequest.key)
    )
    if (await work.session.execute(statement)).first() is not None:
        return None
    first = (
        await work.session.execute(
            select(AnsweredRequest.fingerprint, AnsweredRequest.status, AnsweredRequest.body).where(
                *_is(work, key)
            )
        )
    ).one()
    if first.fingerprint != print_:
        raise KeyUsedForAnother()
    return Answer(first.status, first.body)


async def _keep(work: Work, key: str, answer: Answer) -> None:
    """Store the first answer, in the same transaction as its effect."""
    await work.session.execute(
        update(AnsweredRequest)
        .where(*_is(work, key))
        .values(status=answer.status, body=answer.body)
        .execution_options(synchronize_session=False)
    )


def _is(work: Work, key: str) -> tuple[ColumnElement[bool], ...]:
    return (
        AnsweredRequest.tenant_id == work.tenant_id,
        AnsweredRequest.member_id == work.actor.me,
        AnsweredRequest.key == key,
    )
