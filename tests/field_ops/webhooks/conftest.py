"""A company with one webhook, the system that it tells, and the courier between."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import httpx
import pytest

from field_ops.customers import actions as customers
from field_ops.customers.models import Customer
from field_ops.customers.schemas import CustomerChange, CustomerIn
from field_ops.db import Database
from field_ops.keys import Keys
from field_ops.people.models import Member
from field_ops.webhooks import actions
from field_ops.webhooks.courier import Courier
from field_ops.webhooks.events import EVENT_NAMES
from field_ops.webhooks.models import Webhook
from field_ops.webhooks.schemas import WebhookIn
from field_ops.work import Work
from tests.factories import Company, a_company, work_as
from tests.fakes import Clock
from tests.field_ops.webhooks.receiver import Receiver
from tests.pages import SECRET

PUBLIC = "93.184.215.14"
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def resolve(host: str, _port: int) -> Sequence[str]:
    """Names of the tests: an address, or something public."""
    return [host] if host[0].isdigit() else [PUBLIC]


@dataclass
class Bench:
    """Everything that a test of webhooks works with."""

    database: Database
    company: Company
    clock: Clock
    receiver: Receiver
    http: httpx.AsyncClient
    keys: Keys

    @asynccontextmanager
    async def work(self, member: Member | None = None) -> AsyncIterator[Work]:
        async with self.database.writing() as session:
            yield work_as(session, member or self.company.admin, self.clock())

    def courier(self, name: str = "courier-1", resolve: Resolve = resolve) -> Courier:
        dice = Random(1)
        return Courier(
            self.database, self.http, self.keys, self.clock, name, dice,
            resolve=resolve, patience_s=0.05,
        )  # fmt: skip

    async def webhook(self, **given: Any) -> Webhook:
        wanted = {
            "name": "ERP",
            "url": "https://erp.example.com/waiqin?from=crm",
            "events": list(EVENT_NAMES),
            **given,
        }
        async with self.work() as work:
            made, self.receiver.secret = await actions.make(
                work, self.keys, WebhookIn.model_validate(wanted)
            )
            return made

    async def shop(self, name: str, phone: str, member: Member | None = None) -> Customer:
        async with self.work(member or self.company.lilei) as work:
            new = CustomerIn(name=name, phone=phone, is_another=True)
            return await customers.create(work, new)

    async def edit(self, shop: Customer, note: str) -> None:
        async with self.work() as work:
            held = await work.session.get_one(
                Customer, (work.tenant_id, shop.id), with_for_update=True
            )
            change = CustomerChange(revision=held.revision, note=note)
            await customers.edit(work, shop.id, change)

    async def fetch(self, webhook: Webhook) -> Webhook:
        async with self.database.reading() as session:
            return await session.get_one(Webhook, (webhook.tenant_id, webhook.id))

    @property
    def told(self) -> list[str]:
        return [event["type"] for event in self.receiver.taken]


@pytest.fixture
async def bench(database: Database) -> AsyncIterator[Bench]:
    clock = Clock()
    receiver = Receiver(clock)
    async with database.writing() as session:
        company = await a_company(session)
    async with httpx.AsyncClient(transport=receiver.transport) as http:
        yield Bench(database, company, clock, receiver, http, Keys(SECRET))
