"""Rows of many visits, gathered in memory and written in one go.

The verbs take some forty statements for a visit, which is right for one and too slow for a
thousand. What is written is the same; a test holds the two together.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update

from ..customers import index
from ..customers.models import Customer, CustomerLocation
from ..db import Base
from ..history.chain import Proof, add_links, prove
from ..work import Work


@dataclass(slots=True)
class Ledger:
    """`rows` and `proofs` in the order in which they came to be."""

    rows: list[Base] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)
    last_visits: dict[str, datetime] = field(default_factory=dict)  # by customer id

    def prove(self, work: Work, kind: str, visit_id: str, payload: dict[str, Any]) -> None:
        """Chain this payload as it is now."""
        self.proofs.append(prove(work, kind, visit_id, payload))

    async def write(self, work: Work) -> None:
        """Everything, in the transaction of `work`."""
        work.session.add_all(self.rows)
        await work.session.flush()
        if self.last_visits:
            connection = await work.session.connection()
            await connection.execute(
                update(Customer)
                .where(Customer.tenant_id == work.tenant_id, Customer.id == bindparam("who"))
                .values(last_visit_at=bindparam("seen_at")),
                [{"who": one, "seen_at": at} for one, at in self.last_visits.items()],
            )
        for row in self.rows:
            if isinstance(row, CustomerLocation):
                await index.refresh(work, [row.customer_id])
        await add_links(work, self.proofs)
