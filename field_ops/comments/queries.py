"""Comments as they are shown: each with its replies, and who is mentioned."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from ..access import may
from ..customers.queries import names_of
from ..errors import Refusal
from ..work import Work
from .actions import refuse_settled
from .models import CommentMention, CustomerComment
from .schemas import CommentOut, PersonOut, ReplyOut


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page of comments needs, read for all of them at once."""

    replies: Mapping[str, Sequence[CustomerComment]]
    mentions: Mapping[str, Sequence[str]]
    name_of: Mapping[str, str]


async def shown_with(work: Work, comments: Sequence[CustomerComment]) -> Shown:
    replies = await _replies(work, [one.id for one in comments])
    everything = [*comments, *(reply for some in replies.values() for reply in some)]
    mentions = await _mentions(work, [one.id for one in everything])
    people = {one.member_id for one in everything}
    people |= {member_id for some in mentions.values() for member_id in some}
    return Shown(replies, mentions, await names_of(work, people))


def comment_out(work: Work, said: CustomerComment, shown: Shown) -> CommentOut:
    replies = [reply_out(work, reply, shown) for reply in shown.replies.get(said.id, ())]
    return CommentOut(**reply_out(work, said, shown).model_dump(), replies=replies)


def reply_out(work: Work, said: CustomerComment, shown: Shown) -> ReplyOut:
    return ReplyOut(
        id=said.id,
        by_id=said.member_id,
        by_name=shown.name_of.get(said.member_id, ""),
        text=said.text,
        mentions=[
            PersonOut(id=one, name=shown.name_of.get(one, ""))
            for one in shown.mentions.get(said.id, ())
        ],
        created_at=said.created_at,
        was_edited=said.edited_at is not None,
        is_removed=said.removed_at is not None,
        may_edit=may_edit(work, said),
    )


def may_edit(work: Work, said: CustomerComment) -> bool:
    if said.removed_at is not None or not may(work, "customers.comment"):
        return False
    try:
        refuse_settled(work, said)
    except Refusal:
        return False
    return True


async def _replies(work: Work, ids: Collection[str]) -> dict[str, list[CustomerComment]]:
    found = await work.session.scalars(
        select(CustomerComment)
        .where(CustomerComment.tenant_id == work.tenant_id, CustomerComment.parent_id.in_(ids))
        .order_by(CustomerComment.created_at, CustomerComment.id)
    )
    by_parent: dict[str, list[CustomerComment]] = {}
    for reply in found:
        by_parent.setdefault(reply.parent_id or "", []).append(reply)
    return by_parent


async def _mentions(work: Work, comment_ids: Collection[str]) -> dict[str, list[str]]:
    """Member ids by comment."""
    found = await work.session.execute(
        select(CommentMention.comment_id, CommentMention.member_id)
        .where(
            CommentMention.tenant_id == work.tenant_id,
            CommentMention.comment_id.in_(comment_ids),
        )
        .order_by(CommentMention.member_id)
    )
    by_comment: dict[str, list[str]] = {}
    for comment_id, member_id in found:
        by_comment.setdefault(comment_id, []).append(member_id)
    return by_comment
