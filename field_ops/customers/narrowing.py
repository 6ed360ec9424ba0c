"""What a lookup is narrowed by beside what was typed: the filters that lists have (`filters.py`).

What a customer says of itself is a term of the index. Tags and values of the company's own fields
stand in tables of their own, so that whoever changes one has no index to tell. Where few customers
have what is asked for, these are read at once; where many do, each row is asked in its turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pyroaring import BitMap
from sqlalchemy import ColumnElement, Select, and_, select

from ..work import Work
from .documents import FACETS
from .filters import CustomerFilter, conditions_of, having
from .models import Customer, CustomerSearch
from .terms import facet_term, owner_term

FEW = 50_000  # are read in some hundredths of a second
BY_TERMS = (*FACETS, "owner_id", "is_owned")


@dataclass(frozen=True, slots=True)
class Narrowing:
    """All of it must hold. `with_terms` and `without_terms` are those of the index; `few` are the
    only documents that may fit, where that is known; `conditions` are for rows of `Customer`."""

    with_terms: frozenset[int] = frozenset()
    without_terms: frozenset[int] = frozenset()
    few: BitMap | None = None
    conditions: Sequence[ColumnElement[bool]] = ()

    async def fitting(self, work: Work, documents: Sequence[int]) -> Sequence[int]:
        """Those of these documents for which the conditions hold."""
        if not self.conditions or not documents:
            return documents
        found = await work.session.scalars(
            select(CustomerSearch.document)
            .join(
                Customer,
                and_(
                    Customer.tenant_id == CustomerSearch.tenant_id,
                    Customer.id == CustomerSearch.customer_id,
                ),
            )
            .where(CustomerSearch.tenant_id == work.tenant_id)
            .where(CustomerSearch.document.in_(documents), *self.conditions)
        )
        fit = set(found)
        return [one for one in documents if one in fit]


NOT_NARROWED = Narrowing()


async def narrowing_of(work: Work, wanted: CustomerFilter | None, most_few: int = FEW) -> Narrowing:
    """Raises FilterWrong."""
    if wanted is None:
        return NOT_NARROWED
    terms = {
        facet_term(name, value) for name in FACETS if (value := getattr(wanted, name)) is not None
    }
    if wanted.owner_id is not None:
        terms.add(owner_term(wanted.owner_id))
    if wanted.is_owned is False or wanted.pool_id is not None:
        terms.add(owner_term(None))
    rest = wanted.model_copy(update=dict.fromkeys(BY_TERMS))
    conditions = await conditions_of(work, rest)
    few = [
        one
        for query in await having(work, rest)
        if (one := await _few(work, query, most_few)) is not None
    ]
    return Narrowing(
        frozenset(terms),
        frozenset({owner_term(None)} if wanted.is_owned else ()),
        BitMap.intersection(*few) if few else None,
        conditions,
    )


async def _few(work: Work, ids: Select[str], most: int) -> BitMap | None:
    """The documents of these customers; None when they are many."""
    limited = ids.limit(most + 1).subquery()
    found = await work.session.scalars(
        select(CustomerSearch.document)
        .select_from(limited)
        .outerjoin(
            CustomerSearch,
            and_(
                CustomerSearch.tenant_id == work.tenant_id,
                CustomerSearch.customer_id == limited.c[0],
            ),
        )
    )
    documents = found.all()
    if len(documents) > most:
        return None
    return BitMap([one for one in documents if one is not None])
