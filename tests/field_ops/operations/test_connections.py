"""What an administrator sees of a connection, and what each verb does."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from field_ops.connections.leases import beat, take_lease
from field_ops.db import first_id_at
from field_ops.history.models import AuditEntry
from field_ops.host.events import AppOpened, TextReceived
from field_ops.inbox.long_connections import LEASE, UP
from field_ops.inbox.models import InboxEvent
from field_ops.inbox.rows import keep_failed
from field_ops.inbox.tally import Tally
from field_ops.outbox.models import OutboxMessage
from field_ops.people.models import SyncHint, SyncRun
from field_ops.people.sync import full_sync
from field_ops.settings import WecomSettings
from tests.factories import a_company
from tests.field_ops.operations.conftest import Desk


async def all_is_well_but_silent(desk: Desk) -> None:
    """A worker lives, and the organisation was read."""
    await beat(desk.runtime.database, "worker-1", desk.clock())
    found = await desk.runtime.platforms.find(desk.company.connection.id)
    assert found is not None
    report = await full_sync(desk.runtime.database, *found, desk.clock, force=True)
    assert report.state == "done"


async def all_is_well(desk: Desk) -> None:
    """An event came, too."""
    await all_is_well_but_silent(desk)
    tally = Tally(desk.runtime.database, desk.clock)
    tally.count(desk.ref, "AppOpened", "done")
    await tally.write()


async def test_when_all_is_well_there_is_no_advice(desk: Desk) -> None:
    await all_is_well(desk)
    seen = await desk.looks()
    assert (seen["state"], seen["advice"]) == ("active", [])
    assert (seen["title"], seen["name"], seen["host"]) == ("企业微信", "default", "wecom")
    assert seen["events"]["last_kind"] == "AppOpened"
    assert (seen["sync"]["state"], seen["sync"]["read_members"]) == ("done", 7)
    assert seen["sync"]["read_departments"] == 5
    assert [one["url"] for one in seen["addresses"]] == [
        "http://waiqin.test/hosts/wecom/default/callback",
        "http://waiqin.test/hosts/wecom/default/robot",
    ]


async def test_no_secret_leaves_the_server(desk: Desk) -> None:
    answer = await (await desk.page()).get("/connections")
    there = desk.app_there
    for secret in (there.secret, there.callback_token, there.callback_aes_key):
        assert secret not in answer.text
    told = {one["name"]: one for one in answer.json()["connections"][0]["credentials"]}
    assert told["secret"] == {
        "name": "secret", "is_set": True, "is_secret": True, "is_required": True,
    }  # fmt: skip
    assert told["bot_secret"]["is_set"] is False


async def test_a_new_connection_is_told_what_comes_next(desk: Desk) -> None:
    assert await desk.advice() == [("no_worker", ""), ("never_synced", "sync")]
    await all_is_well_but_silent(desk)
    desk.clock.forward(minutes=11)
    await beat(desk.runtime.database, "worker-1", desk.clock())
    assert await desk.advice() == [("silent", "check")]


async def test_events_are_counted_by_hour_kind_and_outcome(desk: Desk) -> None:
    intake, now = desk.web.state.intake, desk.clock()
    opened = AppOpened(event_id="e1", happened_at=now, host_user_id="lilei")
    await intake.take(desk.ref, [opened])
    await intake.take(desk.ref, [opened])
    desk.clock.forward(hours=2)
    text = TextReceived(event_id="e2", happened_at=now, host_user_id="lilei", text="帮助")
    await intake.take(desk.ref, [text])
    await intake.tally.write()
    events = (await desk.looks())["events"]
    counted = {(one["kind"], one["outcome"]): one["count"] for one in events["by_kind"]}
    assert counted == {
        ("AppOpened", "done"): 1,
        ("AppOpened", "repeated"): 1,
        ("TextReceived", "done"): 1,
    }
    assert events["by_hour"][-3:] == [2, 0, 1]
    assert len(events["by_hour"]) == 24
    assert events["last_kind"] == "TextReceived"


async def test_what_two_processes_counted_adds_up(desk: Desk) -> None:
    for _process in range(2):
        tally = Tally(desk.runtime.database, desk.clock)
        for _event in range(3):
            tally.count(desk.ref, "AppOpened", "done")
        await tally.write()
        await tally.write()
    events = (await desk.looks())["events"]
    assert [one["count"] for one in events["by_kind"]] == [6]


async def test_a_wrong_signature_at_our_door_is_advised_about(desk: Desk) -> None:
    await all_is_well(desk)
    page = await desk.page()
    address = "/hosts/wecom/default/callback"
    asked = {"msg_signature": "0" * 40, "timestamp": "1", "nonce": "n", "echostr": "e"}
    answer = await page.client.get(address, params=asked)
    assert answer.status_code == 403
    await desk.web.state.intake.tally.write()
    assert await desk.advice() == [("forged", "check")]
    assert sum((await desk.looks())["events"]["by_hour"]) == 1, "it is no event"


async def test_a_paused_connection_goes_on_once_its_host_accepts_it(desk: Desk) -> None:
    await all_is_well(desk)
    await desk.pauses()
    seen = await desk.looks()
    assert (seen["state"], seen["paused_reason"]) == ("paused", "40001 invalid secret")
    assert [(one["code"], one["verb"]) for one in seen["advice"]] == [("paused", "resume")]

    assert (await desk.does("resume")).status_code == 200
    assert (await desk.looks())["state"] == "active"
    assert await desk.audited() == [("connection.resumed", desk.company.admin.id)]


async def test_it_stays_paused_while_its_host_rejects_it(desk: Desk) -> None:
    await desk.pauses()
    desk.app_there.secret = "reset-in-the-console"
    answer = await desk.does("resume")
    assert (answer.status_code, answer.json()["code"]) == (409, "host_does_not_accept")
    assert "密钥" in answer.json()["detail"] or "Secret" in answer.json()["detail"]
    assert (await desk.row()).paused_at is not None
    assert await desk.audited() == []


async def test_a_secret_is_replaced_after_the_host_accepted_it(desk: Desk) -> None:
    await desk.pauses()
    desk.app_there.secret = "reset-in-the-console"
    wrong = await desk.replaces(secret="mistyped")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "host_does_not_accept")
    assert "mistyped" not in wrong.text
    assert (await desk.row()).paused_at is not None

    right = await desk.replaces(secret="reset-in-the-console")
    assert (right.status_code, right.json()) == (200, {"count": 1})
    assert (await desk.looks())["state"] == "active"
    found = await desk.runtime.platforms.find(desk.company.connection.id)
    assert found is not None and (await found[0].directory.departments()).departments


async def test_the_audit_names_what_was_replaced_and_not_what_it_is(desk: Desk) -> None:
    desk.app_there.secret = "reset-in-the-console"
    await desk.replaces(secret="reset-in-the-console")
    async with desk.runtime.database.reading() as session:
        entry = await session.scalar(select(AuditEntry).where(AuditEntry.via == "h5"))
    assert entry is not None and entry.member_id == desk.company.admin.id
    assert (entry.action, entry.change) == (
        "connection.changed",
        {"credentials": [None, ["secret"]]},
    )


async def test_during_the_change_of_a_callback_key_both_are_accepted(desk: Desk) -> None:
    assert (await desk.replaces(callback_token="DrawnAnew2026")).status_code == 200
    told = {one["name"]: one["is_set"] for one in (await desk.looks())["credentials"]}
    assert (told["callback_token_old"], told["callback_aes_key_old"]) == (True, False)
    assert (await desk.replaces(callback_token_old="")).status_code == 200
    told = {one["name"]: one["is_set"] for one in (await desk.looks())["credentials"]}
    assert told["callback_token_old"] is False


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"colour": "red"}, "credentials_unknown"),
        ({"secret": ""}, "credentials_missing"),
        ({"corp_id": "ww-other"}, "another_company"),
        ({}, "fields_invalid"),
    ],
)
async def test_what_cannot_be_replaced_is_said(
    desk: Desk, given: dict[str, str], code: str
) -> None:
    answer = await desk.replaces(**given)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_what_the_environment_gives_is_changed_there(desk: Desk) -> None:
    settings = desk.runtime.settings
    given = WecomSettings(corp_id="ww1", secret="of-the-environment")
    desk.web.state.settings = settings.model_copy(update={"wecom": given})
    assert (await desk.looks())["is_set_in_environment"] is True
    answer = await desk.replaces(secret="another")
    assert (answer.status_code, answer.json()["code"]) == (409, "set_in_environment")


async def test_stored_secrets_that_cannot_be_read_are_entered_anew(desk: Desk) -> None:
    async with desk.runtime.database.writing() as session:
        row = await session.merge(await desk.row())
        row.credentials = b"sealed with another key"
    desk.runtime.platforms.forget()
    desk.clock.forward(minutes=1)
    seen = await desk.looks()
    assert (seen["state"], seen["advice"][0]["verb"]) == ("unusable", "credentials")
    assert (await desk.replaces(secret="alone")).status_code == 409
    checked = (await desk.does("check")).json()["findings"]
    assert [(one["part"], one["ok"]) for one in checked] == [("credentials", False)]


async def test_a_check_finds_what_the_command_line_finds(desk: Desk) -> None:
    answer = await desk.does("check")
    found = {one["part"]: one["ok"] for one in answer.json()["findings"]}
    assert found["credentials"] and found["departments"] and found["members"]
    assert found["address"] is False, "http is not https"
    assert await desk.audited() == [("connection.checked", desk.company.admin.id)]


async def test_a_check_speaks_the_language_of_the_reader(desk: Desk) -> None:
    page = await desk.page()
    address = f"/connections/{desk.company.connection.id}/check"
    answer = await page.send("POST", address, **{"Accept-Language": "en"})
    assert "The credentials are accepted." in {one["says"] for one in answer.json()["findings"]}


async def hints(desk: Desk) -> list[tuple[str, str]]:
    async with desk.runtime.database.reading() as session:
        found = await session.execute(select(SyncHint.kind, SyncHint.host_id))
        return [(kind, host_id) for kind, host_id in found]


async def test_a_sync_is_left_to_the_worker(desk: Desk) -> None:
    assert (await desk.looks())["sync_is_waited_for"] is False
    assert (await desk.does("sync")).status_code == 200
    assert await hints(desk) == [("department", "*")]
    assert (await desk.looks())["sync_is_waited_for"] is True
    await desk.pauses()
    assert (await desk.does("sync")).json()["code"] == "connection_paused"


async def a_halted_run(desk: Desk, run_id: str = "run-1", **would_go: int) -> None:
    one, now = desk.company.connection, desk.clock()
    figures = {"members": 3, "departments": 1, "of_members": 20, "of_departments": 4, **would_go}
    report: dict[str, Any] = {"kind": "full", "reason": "3 of 20", "would_go": figures}
    async with desk.runtime.database.writing() as session:
        session.add(
            SyncRun(
                tenant_id=one.tenant_id, id=run_id, connection_id=one.id, started_at=now,
                finished_at=now, state="halted", report=report,
            )
        )  # fmt: skip


async def test_a_stopped_sync_asks_and_is_confirmed_for_what_was_seen(desk: Desk) -> None:
    await all_is_well(desk)
    desk.clock.forward(seconds=30)
    assert (await desk.does("confirm-sync", {"run_id": "x"})).json()["code"] == "no_sync_to_confirm"
    await a_halted_run(desk)
    (advice,) = (await desk.looks())["advice"]
    assert (advice["verb"], advice["is_urgent"]) == ("confirm_sync", True)
    assert "3 名成员（共 20 名）" in advice["says"]

    other = await desk.does("confirm-sync", {"run_id": "an older one"})
    assert (other.status_code, other.json()["code"]) == (409, "another_sync_to_confirm")
    assert (await desk.does("confirm-sync", {"run_id": "run-1"})).status_code == 200
    assert await hints(desk) == [("confirmed", "3/1")]
    assert await desk.advice() == []
    assert await desk.audited() == [("connection.sync_confirmed", desk.company.admin.id)]


async def test_who_changed_is_told_by_name(desk: Desk) -> None:
    await all_is_well(desk)
    run_id = (await desk.looks())["sync"]["run_id"]
    page = await desk.page()
    answer = await page.get(f"/connections/{desk.company.connection.id}/syncs/{run_id}")
    people = answer.json()["people"]
    assert "陈总" in {one["name"] for one in people["added"]}


async def test_events_that_were_given_up_are_tried_again_by_the_worker(desk: Desk) -> None:
    await all_is_well(desk)
    opened = AppOpened(event_id="e9", happened_at=desk.clock(), host_user_id="lilei")
    async with desk.runtime.database.writing() as session:
        await keep_failed(session, desk.ref, opened, desk.clock(), "KeyError: 'x'")
        await session.execute(update(InboxEvent).values(state="given_up", next_attempt_at=None))
    assert await desk.advice() == [("events_given_up", "retry_events")]
    assert (await desk.does("retry-events")).json() == {"count": 1}
    async with desk.runtime.database.reading() as session:
        row = (await session.scalars(select(InboxEvent))).one()
    assert (row.state, row.next_attempt_at) == ("failed", desk.clock())
    assert (await desk.looks())["events"]["failed"] == 1
    assert await desk.audited() == [("connection.events_retried", desk.company.admin.id)]


def a_message(desk: Desk, state: str, number: int, **more: Any) -> OutboxMessage:
    one, at = desk.company.connection, more.pop("at", desk.clock())
    return OutboxMessage(
        tenant_id=one.tenant_id, id=first_id_at(at)[:-3] + f"{number:03}", connection_id=one.id,
        member_id=None, host_user_id="lilei", line="lilei", conversation=None, kind="answer",
        message={},
        once=f"o{number}", state=state, created_at=at, due_at=at, **more,
    )  # fmt: skip


async def test_messages_are_counted_and_sent_again(desk: Desk) -> None:
    await all_is_well(desk)
    now = desk.clock()
    async with desk.runtime.database.writing() as session:
        session.add(a_message(desk, "sent", 1, at=now - timedelta(hours=30), sent_at=now))
        session.add(a_message(desk, "sent", 2, at=now - timedelta(hours=1), sent_at=now))
        session.add(a_message(desk, "sent", 3, sent_at=now))
        session.add(a_message(desk, "queued", 4, at=now - timedelta(minutes=40)))
        session.add(a_message(desk, "refused", 5, error="81013"))
        session.add(a_message(desk, "given_up", 6))
    outbox = (await desk.looks())["outbox"]
    assert (outbox["sent"], outbox["by_hour"][-2:]) == (2, [1, 1])
    assert (outbox["waiting"], outbox["refused"], outbox["given_up"]) == (1, 1, 1)
    assert await desk.advice() == [("messages_stuck", "retry_messages"), ("messages_wait", "check")]

    assert (await desk.does("retry-messages")).json() == {"count": 2}
    outbox = (await desk.looks())["outbox"]
    assert (outbox["waiting"], outbox["refused"], outbox["given_up"]) == (3, 0, 0)
    assert await desk.audited() == [("connection.messages_retried", desk.company.admin.id)]


async def test_only_messages_of_this_connection_are_sent_again(desk: Desk) -> None:
    async with desk.runtime.database.writing() as session:
        other = await a_company(session, "另一家", connection="other")
        theirs = a_message(desk, "refused", 1)
        theirs.tenant_id, theirs.connection_id = other.tenant.id, other.connection.id
        elsewhere = a_message(desk, "refused", 2)
        elsewhere.connection_id = "another connection"
        session.add_all([theirs, elsewhere])
    assert (await desk.does("retry-messages")).json() == {"count": 0}


async def test_who_holds_the_long_connection_is_told_and_since_when(desk: Desk) -> None:
    database, name = desk.runtime.database, LEASE + desk.company.connection.id
    lasts = timedelta(seconds=30)
    await take_lease(database, name, "worker-1", desk.clock(), lasts)
    desk.clock.forward(seconds=5)
    up_at = desk.clock()
    await take_lease(database, name, "worker-1", up_at, lasts, UP)
    desk.clock.forward(seconds=5)
    await take_lease(database, name, "worker-1", desk.clock(), lasts, UP)
    line = (await desk.looks())["line"]
    assert (line["is_up"], line["process"]) == (True, "worker-1")
    assert line["since"] == up_at.isoformat().replace("+00:00", "Z")
    desk.clock.forward(minutes=1)
    assert (await desk.looks())["line"] is None


async def test_a_service_of_the_host_is_switched(desk: Desk) -> None:
    async def switch(service: str, on: bool) -> httpx.Response:
        return await desk.does(f"services/{service}", {"on": on}, method="PUT")

    assert (await switch("telepathy", True)).json()["code"] == "service_unknown"
    assert (await switch("attendance", True)).status_code == 200
    services = {one["name"]: one["state"] for one in (await desk.looks())["services"]}
    assert services["attendance"] == "on"
    assert (await switch("attendance", False)).status_code == 200
    services = {one["name"]: one["state"] for one in (await desk.looks())["services"]}
    assert services["attendance"] == "off"
    switched = ("connection.service_switched", desk.company.admin.id)
    assert await desk.audited() == [switched, switched]
