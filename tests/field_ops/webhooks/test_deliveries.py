"""What happens is told to other systems: signed, at least once, in order for each customer."""

from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest
from sqlalchemy import select

from field_ops.customers import actions as customers
from field_ops.history.models import Change
from field_ops.merges import actions as merges
from field_ops.outbox.models import OutboxMessage
from field_ops.webhooks import actions
from field_ops.webhooks.claims import LEASE, claim
from field_ops.webhooks.courier import PAUSED_AFTER
from field_ops.webhooks.events import event_of
from field_ops.webhooks.fan_out import fan_out
from field_ops.webhooks.models import WebhookDelivery
from tests.field_ops.webhooks.conftest import Bench

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=6))


async def test_a_change_arrives_with_what_was_changed(bench: Bench) -> None:
    await bench.webhook()
    shop = await bench.shop("华联", "13800138000")
    await bench.edit(shop, "要发票")
    async with bench.work() as work:
        await customers.assign(work, shop.id, bench.company.hanmeimei.id)
    courier = bench.courier()
    for _ in range(3):  # one after the other: they are of one customer
        await courier.pass_once()
    created, changed, given = bench.receiver.taken
    assert (created["type"], created["customer_id"]) == ("customer.created", shop.id)
    assert changed["type"] == "customer.changed" and changed["changed"] == ["note"]
    assert changed["customer"]["note"] == "要发票"
    assert changed["by"] == {"member_id": bench.company.admin.id, "via": "h5"}
    assert given["owner"] == {
        "from_id": bench.company.lilei.id,
        "to_id": bench.company.hanmeimei.id,
        "how": "assigned",
    }
    assert bench.receiver.forged == 0
    assert [one["number"] for one in bench.receiver.taken] == [1, 2, 3]


async def test_it_is_told_only_what_happens_from_then_on_and_what_it_asked_for(
    bench: Bench,
) -> None:
    shop = await bench.shop("华联", "13800138000")
    await bench.webhook(events=["customer.created"])
    await bench.edit(shop, "要发票")
    await bench.shop("红星", "13800138001")
    await bench.courier().pass_once()
    assert [event["customer"]["name"] for event in bench.receiver.taken] == ["红星"]


async def test_a_merge_names_the_customer_that_it_became(bench: Bench) -> None:
    keep = await bench.shop("华联", "13800138000")
    goes = await bench.shop("华联超市", "13800138001")
    await bench.webhook()
    async with bench.work() as work:
        await merges.merge(work, keep.id, goes.id, {})
    await bench.courier().pass_once()
    by_type = {event["type"]: event for event in bench.receiver.taken}
    assert by_type["customer.merged"]["customer_id"] == goes.id
    assert by_type["customer.merged"]["merged_into"] == keep.id
    assert by_type["customer.merged"]["customer"] is None
    assert by_type["customer.changed"]["customer_id"] == keep.id


async def test_what_fails_is_tried_after_1_5_30_minutes_and_6_hours_and_then_listed(
    bench: Bench,
) -> None:
    webhook = await bench.webhook()
    await bench.shop("华联", "13800138000")
    bench.receiver.mood, courier = "fails", bench.courier()
    for tries, wait in enumerate((*WAITS, timedelta(days=1)), start=1):
        await courier.pass_once()
        assert len(bench.receiver.asked) == tries
        bench.clock.now += wait - timedelta(seconds=1)
        await courier.pass_once()
        assert len(bench.receiver.asked) == tries, "too early"
        bench.clock.now += wait / 10 + timedelta(seconds=2)
    assert len({one.headers["webhook-id"] for one in bench.receiver.asked}) == 1
    async with bench.database.reading() as session:
        (row,) = (await session.scalars(select(WebhookDelivery))).all()
    assert (row.state, row.attempts, row.status, row.answer) == ("given_up", 5, 500, "未处理")
    bench.receiver.mood = "ok"
    async with bench.work() as work:
        assert await actions.replay_many(work, webhook.id) == 1
    bench.clock.forward(minutes=2)
    await courier.pass_once()
    assert bench.told == ["customer.created"]


async def test_a_later_event_of_a_customer_waits_and_others_go_on(bench: Bench) -> None:
    await bench.webhook()
    shop = await bench.shop("华联", "13800138000")
    courier, bench.receiver.mood = bench.courier(), "fails"
    await courier.pass_once()
    bench.receiver.mood = "ok"
    await bench.edit(shop, "later")
    await bench.shop("红星", "13800138001")
    await courier.pass_once()
    assert [event["customer"]["name"] for event in bench.receiver.taken] == ["红星"]
    bench.clock.forward(minutes=2)
    for _ in range(2):
        await courier.pass_once()
    of_shop = [event for event in bench.receiver.taken if event["customer_id"] == shop.id]
    assert [event["type"] for event in of_shop] == ["customer.created", "customer.changed"]


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        ("redirects", "answered 302"),
        ("hangs", "no_answer"),
        ("floods", "too_long"),
        ("vanishes", "not_connected ReadTimeout"),
        ("lies", "answered 500"),
    ],
)
async def test_whatever_goes_wrong_is_written_down_and_tried_again(
    bench: Bench, mood: str, error: str
) -> None:
    await bench.webhook()
    await bench.shop("华联", "13800138000")
    bench.receiver.mood = mood
    await bench.courier().pass_once()
    async with bench.database.reading() as session:
        (row,) = (await session.scalars(select(WebhookDelivery))).all()
    assert row.state == "queued" and row.error.startswith(error), row.error
    assert len(bench.receiver.asked) == 1  # no redirect is followed


async def test_what_somebody_died_with_is_free_when_his_lease_ends(bench: Bench) -> None:
    webhook = await bench.webhook()
    await bench.shop("华联", "13800138000")
    async with bench.database.writing() as session:
        await fan_out(session, webhook.tenant_id, webhook.id, bench.clock())
    async with bench.database.writing() as session:
        assert len(await claim(session, webhook, "dies now", bench.clock())) == 1
    courier = bench.courier()
    await courier.pass_once()
    assert bench.told == []
    bench.clock.now += LEASE
    await courier.pass_once()
    assert bench.told == ["customer.created"]


async def test_a_webhook_that_never_answers_is_paused_and_its_administrators_are_told(
    bench: Bench,
) -> None:
    webhook = await bench.webhook()
    bench.receiver.mood, courier = "fails", bench.courier()
    most, since = PAUSED_AFTER
    for number in range(most):
        await bench.shop(f"华联{number}号店", f"138001380{number:02d}")
    for _ in range(most + 5):
        await courier.pass_once()
        bench.clock.now += since / most
    paused = await bench.fetch(webhook)
    assert paused.paused_at is not None and paused.failures >= most
    asked = len(bench.receiver.asked)
    await courier.pass_once()
    assert len(bench.receiver.asked) == asked
    async with bench.database.reading() as session:
        (notice,) = (await session.scalars(select(OutboxMessage))).all()
    assert (notice.member_id, notice.kind) == (bench.company.admin.id, "webhook_paused")
    await bench.shop("红星", "13900139000")  # what happens meanwhile waits
    bench.receiver.mood = "ok"
    async with bench.work() as work:
        await actions.resume(work, webhook.id)
        await actions.replay_many(work, webhook.id)
    for _ in range(5):
        await courier.pass_once()
    assert len({event["customer_id"] for event in bench.receiver.taken}) == most + 1


async def test_who_is_gone_is_paused_at_once(bench: Bench) -> None:
    webhook = await bench.webhook()
    await bench.shop("华联", "13800138000")
    bench.receiver.mood = "gone"
    await bench.courier().pass_once()
    assert (await bench.fetch(webhook)).paused_at is not None


async def test_the_secret_before_signs_for_another_day(bench: Bench) -> None:
    webhook = await bench.webhook()
    before = bench.receiver.secret
    async with bench.work() as work:
        _, fresh = await actions.rotate(work, bench.keys, webhook.id)
    for secret, hours, taken in ((before, 0, 1), (fresh, 0, 2), (before, 25, 2), (fresh, 0, 3)):
        bench.receiver.secret = secret
        bench.clock.forward(hours=hours)
        await bench.shop(f"{secret[-9:-1]}{taken}{hours}号店", f"1380013{taken}{hours:03d}")
        await bench.courier().pass_once()
        assert len(bench.receiver.taken) == taken
    assert bench.receiver.forged == 1
    row = await bench.fetch(webhook)
    assert before.encode() not in row.secret and fresh.encode() not in row.secret


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_change_is_told_at_least_once_and_in_order(bench: Bench, seed: int) -> None:
    """The oracle: what was committed, read from the table of changes."""
    dice = Random(seed)
    await bench.webhook()
    bench.receiver.dice = dice
    bench.receiver.moods = ("ok", "ok", "ok", "fails", "lies", "vanishes", "redirects")
    couriers = [bench.courier("one"), bench.courier("other")]
    shops = [await bench.shop(f"华联{n}号店", f"1380013800{n}") for n in range(4)]
    for step in range(25):
        await bench.edit(dice.choice(shops), f"{step}")
        await dice.choice(couriers).pass_once()
        bench.clock.now += timedelta(seconds=dice.choice([0, 20, 90]))
    bench.receiver.moods, bench.receiver.mood = (), "ok"
    while True:
        bench.clock.forward(hours=7)
        if not (await couriers[0].pass_once()).counts.total():
            break
    async with bench.database.reading() as session:
        rows = (await session.scalars(select(Change).order_by(Change.number))).all()
    wanted = [row.number for row in rows if event_of(row.action, row.subject)]
    assert {event["number"] for event in bench.receiver.taken} == set(wanted)
    for shop in shops:
        first_time = dict.fromkeys(
            event["number"] for event in bench.receiver.taken if event["customer_id"] == shop.id
        )
        assert all(one < other for one, other in pairwise(first_time))
    assert bench.receiver.forged == 0
