"""What an engineer elsewhere writes with the typed client that is generated from our document.

It is checked by mypy and run as a process of its own by `test_a_typed_client.py`; nothing of ours
can be imported there. What it found out is printed as JSON.
"""

import json
import sys

from waiqin_client import AuthenticatedClient
from waiqin_client.api.customers import (
    add_contact,
    create_customer,
    edit_customer,
    find_by_external_id,
    list_customers,
)
from waiqin_client.models import (
    ContactIn,
    CustomerChange,
    CustomerIn,
    CustomerOut,
    ListedCustomer,
    ListedCustomers,
    Problem,
)


def created(client: AuthenticatedClient, name: str, phone: str, external_id: str) -> CustomerOut:
    body = CustomerIn(name=name, phone=phone, external_id=external_id, is_another=True)
    answer = create_customer.sync(client=client, body=body, idempotency_key=external_id)
    assert isinstance(answer, CustomerOut), answer
    return answer


def everything(client: AuthenticatedClient) -> dict[str, ListedCustomer]:
    """A copy, page by page."""
    rows: dict[str, ListedCustomer] = {}
    cursor, more = "", True
    while more:
        page = list_customers.sync(client=client, cursor=cursor, limit=2)
        assert isinstance(page, ListedCustomers), page
        rows |= {row.id: row for row in page.rows}
        cursor, more = page.cursor, page.more
    return rows


def main(address: str, token: str) -> None:
    client = AuthenticatedClient(base_url=address, token=token)
    shop = created(client, "新华书店", "13900139000", "K-1")
    again = created(client, "新华书店", "13900139000", "K-1")
    created(client, "红星", "13900139001", "K-2")
    person = ContactIn(name="张经理", phone="13900139002")
    with_contact = add_contact.sync(customer_id=shop.id, client=client, body=person)
    assert isinstance(with_contact, CustomerOut), with_contact
    stale = CustomerChange(revision=shop.revision, note="too late")
    refused = edit_customer.sync(customer_id=shop.id, client=client, body=stale)
    assert isinstance(refused, Problem), refused
    known = find_by_external_id.sync(client=client, external_id="K-2")
    assert isinstance(known, ListedCustomer), known
    found = {
        "same": shop.id == again.id,
        "contacts": [one.name for one in with_contact.contacts],
        "refused": refused.code,
        "known": known.name,
        "names": sorted(str(row.name) for row in everything(client).values()),
    }
    print(json.dumps(found))


main(*sys.argv[1:])
