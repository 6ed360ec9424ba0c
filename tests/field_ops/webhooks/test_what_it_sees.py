"""A webhook is told no more than it was given: departments, fields, no address of our network."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from field_ops.access.holders import who_may
from field_ops.customers import actions as customers
from field_ops.errors import NotAllowed
from field_ops.webhooks import actions
from field_ops.webhooks.errors import WebhookAddressWrong
from field_ops.webhooks.models import WebhookDelivery
from field_ops.webhooks.schemas import WebhookIn
from field_ops.webhooks.targets import AddressForbidden, read_networks, target_of
from tests.factories import a_department, a_member, work_as
from tests.field_ops.webhooks.conftest import PUBLIC, Bench


async def test_fields_that_are_not_open_are_masked_or_empty(bench: Bench) -> None:
    await bench.webhook(fields={"phone": "masked", "note": "hidden"})
    shop = await bench.shop("华联", "13800138000")
    await bench.edit(shop, "secret")
    courier = bench.courier()
    for _ in range(2):
        await courier.pass_once()
    told = bench.receiver.taken[-1]["customer"]
    assert (told["phone"], told["note"]) == ("138********", "")
    assert not any(b"13800138000" in one.content for one in bench.receiver.asked)


async def test_departments_limit_it_and_a_customer_that_leaves_them_is_told_without_its_data(
    bench: Bench,
) -> None:
    async with bench.database.writing() as session:
        north = a_department(session, bench.company.connection, "华北区")
        zhang = a_member(session, bench.company.connection, "张三", north)
    await bench.webhook(departments=[bench.company.east.id])
    await bench.shop("红星", "13800138001", zhang)
    shop = await bench.shop("华联", "13800138000")
    courier = bench.courier()
    await courier.pass_once()
    async with bench.work() as work:
        await customers.assign(work, shop.id, zhang.id)
    await bench.edit(shop, "of the north")
    for _ in range(3):
        await courier.pass_once()
    assert bench.told == ["customer.created", "customer.owner_changed"]
    left = bench.receiver.taken[-1]
    assert (left["customer_id"], left["customer"]) == (shop.id, None)


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["192.168.0.1"],
        ["172.16.5.5"],
        ["169.254.169.254"],  # what clouds tell machines about themselves
        ["100.64.0.1"],
        ["0.0.0.0"],  # noqa: S104
        ["224.0.0.1"],
        ["255.255.255.255"],
        ["::1"],
        ["::"],
        ["fe80::1%eth0"],
        ["fc00::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::"],
        [PUBLIC, "127.0.0.1"],  # one of several is enough
        [],
    ],
)
async def test_our_own_network_is_out_of_reach(addresses: list[str]) -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    with pytest.raises(AddressForbidden):
        await target_of("https://erp.example.com/", (), resolve)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://erp.example.com/",
        "https://user:word@erp.example.com/",
        "https://erp.example.com/#x",
        "https:///nowhere",
        "https://erp.example.com:99999/",
        "file:///etc/passwd",
        "erp.example.com",
    ],
)
async def test_an_address_of_another_shape_is_refused_when_it_is_typed(
    bench: Bench, url: str
) -> None:
    with pytest.raises(WebhookAddressWrong):
        await bench.webhook(url=url)


async def test_the_connection_goes_to_the_address_that_was_judged(bench: Bench) -> None:
    """A name that means another address the next time it is asked leads nowhere else."""
    answers = iter([[PUBLIC], ["127.0.0.1"]])

    async def rebinding(_host: str, _port: int) -> Sequence[str]:
        return next(answers)

    await bench.webhook()
    await bench.shop("华联", "13800138000")
    courier = bench.courier(resolve=rebinding)
    await courier.pass_once()
    (asked,) = bench.receiver.asked
    assert str(asked.url) == f"https://{PUBLIC}/waiqin?from=crm"
    assert asked.headers["host"] == "erp.example.com"
    assert asked.extensions["sni_hostname"] == "erp.example.com"
    await bench.shop("红星", "13800138001")
    await courier.pass_once()
    assert len(bench.receiver.asked) == 1
    async with bench.database.reading() as session:
        row = (
            await session.scalars(select(WebhookDelivery).where(WebhookDelivery.status.is_(None)))
        ).one()
    assert "127.0.0.1" in row.error


async def test_a_network_is_reached_when_the_setting_names_it() -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["10.1.2.3"]

    allowed = read_networks("10.1.0.0/16, 127.0.0.1")
    for url in ("http://erp.intern:8080/x", "https://erp.intern/x"):
        assert (await target_of(url, allowed, resolve)).url.host == "10.1.2.3"

    async def elsewhere(_host: str, _port: int) -> Sequence[str]:
        return [PUBLIC]

    with pytest.raises(AddressForbidden, match="needs_tls"):
        await target_of("http://erp.example.com/", allowed, elsewhere)


async def test_only_who_may_configure_connections_has_webhooks(bench: Bench) -> None:
    wanted = WebhookIn(name="x", url="https://x.example.com", events=["customer.created"])
    with pytest.raises(NotAllowed):
        async with bench.work(bench.company.wang) as work:
            await actions.make(work, bench.keys, wanted)
    async with bench.database.reading() as session:
        work = work_as(session, bench.company.admin)
        assert await who_may(work, "connections.configure") == [bench.company.admin.id]
