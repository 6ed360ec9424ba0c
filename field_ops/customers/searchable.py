"""Texts by which a customer is found beside its own fields: other folders say them here.

    await say_searchable(work, "tag", {customer.id: ["重点客户", "KA"]})

in the transaction that changes them. They are kept, so that an index which is made anew needs
nobody's help. Say only what everybody may read who sees the customer: a lookup tells on what it
matched. What is said of contacts is kept from who does not see them.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from sqlalchemy import delete

from ..db import insert_into
from ..work import Work
from .index import CHUNK, refresh
from .models import CustomerText
from .names import matching_form

Source = Literal["tag", "field", "contact"]
MOST_CHARACTERS = 400  # of one customer and source: a lookup is no search through documents


async def say_searchable(work: Work, source: Source, texts: Mapping[str, Iterable[str]]) -> None:
    """By these texts, and no longer by what this source said of these customers before."""
    await keep_texts(work, source, texts)
    await refresh(work, texts)


async def keep_texts(work: Work, source: Source, texts: Mapping[str, Iterable[str]]) -> None:
    """The same, by somebody who refreshes these customers in the index himself."""
    said = sorted((customer_id, _lines(some)) for customer_id, some in texts.items())
    for at in range(0, len(said), CHUNK):
        await _keep(work, source, said[at : at + CHUNK])


async def _keep(work: Work, source: Source, said: list[tuple[str, str]]) -> None:
    ids = [customer_id for customer_id, _ in said]
    await work.session.execute(
        delete(CustomerText).where(
            CustomerText.tenant_id == work.tenant_id,
            CustomerText.source == source,
            CustomerText.customer_id.in_(ids),
        )
    )
    rows = [
        {"tenant_id": work.tenant_id, "customer_id": one, "source": source, "texts": lines}
        for one, lines in said
        if lines
    ]
    if rows:
        await work.session.execute(insert_into(work.session, CustomerText), rows)


def _lines(texts: Iterable[str]) -> str:
    forms = filter(None, (matching_form(one) for one in texts))
    return "\n".join(dict.fromkeys(forms))[:MOST_CHARACTERS]
