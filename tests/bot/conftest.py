"""A conversation: what was said, and what came back."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.dispatch import handle
from field_ops.connections.refs import ConnectionRef
from field_ops.db import Database
from field_ops.host.events import CardPressed, Conversation, HostEvent, TextReceived
from field_ops.host.messages import Card, Message, from_payload
from field_ops.inbox.receive import work_for
from field_ops.outbox.models import OutboxMessage
from field_ops.people.models import Member, MemberIdentity
from tests.conftest import SHANGHAI, TUESDAY_MORNING
from tests.factories import Company, a_company

GROUP = Conversation("group", "cid-east", "华东销售群")


@dataclass
class Chat:
    """Members of the usual company talking to the bot; each event arrives exactly once."""

    session: AsyncSession
    company: Company
    now: datetime = TUESDAY_MORNING
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def says(self, name: str, text: str, where: Conversation | None = None) -> None:
        event = TextReceived(
            event_id=f"m{next(self._numbers)}",
            happened_at=self.now,
            host_user_id=await self.host_user_id(name),
            text=text,
            conversation=where or Conversation(),
        )
        await self.hears(event)

    async def presses(self, name: str, caption: str, card_id: str = "", code: str = "") -> None:
        """Press the button of that caption on the newest card that has one. `card_id` and `code`
        are told by a host whose cards can change."""
        cards = [m for m in await self.answers() if isinstance(m, Card)]
        buttons = [b for card in cards for b in (*card.buttons, *card.choices)]
        pressed = next(b for b in reversed(buttons) if b.text == caption)
        event = CardPressed(
            event_id=f"p{next(self._numbers)}",
            happened_at=self.now,
            host_user_id=await self.host_user_id(name),
            says=pressed.says,
            card_id=card_id,
            revise_with=code,
        )
        await self.hears(event)

    async def hears(self, event: HostEvent) -> None:
        row = self.company.connection
        connection = ConnectionRef(row.tenant_id, row.id, row.host, row.name, SHANGHAI)
        await handle(work_for(self.session, connection, self.now), event)

    async def answers(self) -> list[Message]:
        rows = await self.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
        return [from_payload(row.message) for row in rows]

    async def rows(self) -> list[OutboxMessage]:
        """The answers as they wait for the relay."""
        return list(await self.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))

    async def last(self) -> Message:
        return (await self.answers())[-1]

    async def last_card(self) -> Card:
        card = await self.last()
        assert isinstance(card, Card), card
        return card

    async def host_user_id(self, name: str) -> str:
        found = await self.session.scalar(
            select(MemberIdentity.host_user_id)
            .join(Member, Member.id == MemberIdentity.member_id)
            .where(Member.name == name)
        )
        return found or name


@pytest.fixture
async def chat(database: Database) -> AsyncIterator[Chat]:
    async with database.writing() as session:
        yield Chat(session, await a_company(session))
