"""Changing cards that were sent: a card whose matter is done says so, to everybody who has it.

A change is an outbox row of its own, so it is in the same commit as what it tells and reaches the
host at least once, in order for each card. It is `settled` once: the first says how it ended.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import literal_column, select

from ..host.events import CardPressed
from ..host.messages import Card, to_payload
from ..work import Work
from .claims import SENT
from .models import OutboxMessage
from .post import conversation_payload, write

ACTIONS_LIVE = timedelta(hours=72)  # of a card (domain.md §13.4), as WeCom's code for a change
WAITED_FOR = "answer"  # the kind of a change that becomes a message when the host refuses it
SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class SentCard:
    """A card that a member has and that can be changed, by the host's handle `revise_with`."""

    id: str
    connection_id: str
    host_user_id: str
    member_id: str | None
    revise_with: str
    language: str


async def asking(work: Work, about: str) -> list[SentCard]:
    """The cards that ask for this and can still be changed."""
    found = await work.session.execute(
        select(
            OutboxMessage.id,
            OutboxMessage.connection_id,
            OutboxMessage.host_user_id,
            OutboxMessage.member_id,
            OutboxMessage.revise_with,
            OutboxMessage.message,
        ).where(
            OutboxMessage.tenant_id == work.tenant_id,
            OutboxMessage.about == about,
            # Said again in plain words: only so do both databases see that the index serves.
            OutboxMessage.about != literal_column("''"),
            OutboxMessage.state == SENT,
            OutboxMessage.revise_with != "",
            OutboxMessage.sent_at > work.now - ACTIONS_LIVE,
        )
    )
    return [
        SentCard(card_id, connection_id, user_id, member_id, handle, said.get("language", "zh"))
        for card_id, connection_id, user_id, member_id, handle, said in found
    ]


async def settle(work: Work, cards: Sequence[SentCard], wording: Callable[[str], Card]) -> None:
    """What these cards asked for was done, here or elsewhere: they become `wording`.

    A card that the host does not change any more stays as it is: its buttons are harmless.
    """
    for card in cards:
        await _change(
            work,
            card.id,
            wording(card.language),
            kind=SETTLED,
            connection_id=card.connection_id,
            member_id=card.member_id,
            host_user_id=card.host_user_id,
            conversation=None,
            revise_with=card.revise_with,
        )


async def settle_pressed(work: Work, pressed: CardPressed, card: Card) -> None:
    """The card that was just pressed becomes `card`, in the language of the actor.

    Who pressed it waits for that: where the host refuses the change, `card` is his answer.
    """
    await _change(
        work,
        pressed.card_id,
        card,
        kind=WAITED_FOR,
        connection_id=work.actor.connection_id,
        member_id=work.actor.member_id,
        host_user_id=pressed.host_user_id,
        conversation=conversation_payload(pressed.conversation),
        revise_with=pressed.revise_with,
        by_connection=pressed.conversation.by_connection,
    )


async def is_over(work: Work, card_id: str) -> bool:
    """Whether the card is one of ours whose buttons have lived long enough."""
    if not card_id:
        return False
    sent_at: datetime | None = await work.session.scalar(
        select(OutboxMessage.sent_at).where(
            OutboxMessage.tenant_id == work.tenant_id, OutboxMessage.id == card_id
        )
    )
    return sent_at is not None and work.now - sent_at > ACTIONS_LIVE


def without_questions(card: Card) -> Card:
    """The card with no button that would say something: what leads to a page stays."""
    return replace(
        card,
        buttons=tuple(button for button in card.buttons if button.url),
        choices=tuple(choice for choice in card.choices if choice.url),
    )


async def _change(work: Work, card_id: str, card: Card, *, kind: str, **where: Any) -> None:
    await write(
        work,
        kind=kind,
        message=to_payload(without_questions(card)),
        once=f"settled-{card_id}",
        revises=card_id,
        line=card_id,
        urgent=False,
        due_at=work.now,
        **where,
    )
