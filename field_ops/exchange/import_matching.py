"""Which customers the rows of a file are about, by the key that was chosen."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from ..customers.credit_codes import read_credit_code
from ..customers.models import Customer, CustomerKey, ExternalId
from ..customers.names import city_key, full_name_key
from ..customers.phones import phone_key
from ..work import Work
from .customer_rows import GivenRow
from .import_terms import Key

AT_ONCE = 500


def value_of(given: GivenRow, key: Key) -> str:
    """What the row says of the key, in the form that is compared; "" when it says nothing."""
    return VALUES[key](given.texts)


def _name(texts: Any) -> str:
    return full_name_key(texts.get("name", ""))[:200]


def _phone(texts: Any) -> str:
    return phone_key(texts.get("phone", "")) or phone_key(texts.get("contact_phone", ""))


VALUES: dict[Key, Callable[[Any], str]] = {
    "name_city": _name,
    "phone": _phone,
    "credit_code": lambda texts: read_credit_code(texts.get("credit_code", "")) or "",
    "number": lambda texts: texts.get("number", "").upper()[:16],
    "external_id": lambda texts: texts.get("external_id", "")[:64],
}


async def holders(
    work: Work, key: Key, values: Iterable[str], system: str = ""
) -> dict[str, set[str]]:
    """The customers that each value stands for, also those out of the actor's sight; `system` is
    whose external ids they are."""
    found: dict[str, set[str]] = {}
    wanted = sorted(set(filter(None, values)))
    for at in range(0, len(wanted), AT_ONCE):
        for value, customer_id in await _asked(work, key, wanted[at : at + AT_ONCE], system):
            found.setdefault(value, set()).add(customer_id)
    return found


async def _asked(work: Work, key: Key, values: Sequence[str], system: str) -> list[tuple[str, str]]:
    match key:
        case "name_city":
            return await _present(work, Customer.full_name_key, values)
        case "number":
            return await _led(work, Customer.number, values)
        case "credit_code":
            return await _keyed(work, "code", values)
        case "phone":
            # Mobiles are keys of their customer, its contacts' too; land lines are not.
            by_key = await _keyed(work, "phone", values)
            return [*by_key, *await _present(work, Customer.phone_key, values)]
        case "external_id":
            given = await work.session.execute(
                select(ExternalId.external_id, ExternalId.customer_id).where(
                    ExternalId.tenant_id == work.tenant_id,
                    ExternalId.system == system,
                    ExternalId.external_id.in_(values),
                )
            )
            value_by_id = {customer_id: value for value, customer_id in given}
            led = await _led(work, Customer.id, list(value_by_id))
            return [(value_by_id[one], customer_id) for one, customer_id in led]


async def _present(
    work: Work, column: ColumnElement[str] | Any, values: Sequence[str]
) -> list[tuple[str, str]]:
    rows = await work.session.execute(
        select(column, Customer.id).where(
            Customer.tenant_id == work.tenant_id,
            column.in_(values),
            Customer.removed_at.is_(None),
        )
    )
    return [(value, customer_id) for value, customer_id in rows]


async def _led(work: Work, column: Any, values: Sequence[str]) -> list[tuple[str, str]]:
    """By a name that stays with a record for good: one that was merged leads to the other."""
    rows = await work.session.execute(
        select(column, Customer.id, Customer.merged_into, Customer.removed_at).where(
            Customer.tenant_id == work.tenant_id, column.in_(values)
        )
    )
    return [
        (value, into or customer_id)
        for value, customer_id, into, removed_at in rows
        if into or removed_at is None
    ]


async def _keyed(work: Work, kind: str, values: Sequence[str]) -> list[tuple[str, str]]:
    rows = await work.session.execute(
        select(CustomerKey.key, CustomerKey.customer_id).where(
            CustomerKey.tenant_id == work.tenant_id,
            CustomerKey.key.in_([f"{kind}:{value}" for value in values]),
        )
    )
    return [(key.partition(":")[2], customer_id) for key, customer_id in rows]


def in_its_city(given: GivenRow, found: Iterable[Customer]) -> list[Customer]:
    """Of customers that are called alike, those that may be meant by a row's city."""
    candidates = list(found)
    city = city_key(given.texts.get("city", ""), given.texts.get("name", ""))
    if not city:
        return candidates
    here = [one for one in candidates if city_key(one.city, one.name) == city]
    return here or [one for one in candidates if not city_key(one.city, one.name)]
