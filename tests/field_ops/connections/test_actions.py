"""Adding, changing and removing a connection."""

import pytest
from sqlalchemy import select

from field_ops.connections.actions import add, change, remove, resume
from field_ops.connections.errors import (
    ConnectionExists,
    ConnectionNameInvalid,
    ConnectionUnknown,
    CredentialsMissing,
    CredentialsUnknown,
)
from field_ops.connections.models import HostConnection
from field_ops.connections.queries import listed

from .conftest import KEYS


async def test_credentials_are_stored_sealed_and_listed_never(desk):
    async with desk.work() as work:
        row = await add(work, KEYS, desk.wanted())
        lines = await listed(work.session)
    assert b"s3cret" not in row.credentials
    assert "s3cret" not in str(lines)
    assert [(line.host, line.name, line.corp_id, line.state) for line in lines] == [
        ("wecom", "default", "corp-1", "active")
    ]


@pytest.mark.parametrize(
    ("name", "credentials", "refusal", "says"),
    [
        ("default", {"secret": "  "}, CredentialsMissing, "secret"),
        ("default", {"apple": "1"}, CredentialsUnknown, "apple"),
        ("Ünï/..", {}, ConnectionNameInvalid, "64"),
        ("a" * 65, {}, ConnectionNameInvalid, "64"),
    ],
)
async def test_what_cannot_be_right_is_refused(desk, name, credentials, refusal, says):
    async with desk.work() as work:
        with pytest.raises(refusal, match=says):
            await add(work, KEYS, desk.wanted(name, **credentials))


async def test_a_name_is_used_once_over_all_companies(desk):
    async with desk.work("甲") as work:
        await add(work, KEYS, desk.wanted())
    async with desk.work("乙") as work:
        with pytest.raises(ConnectionExists):
            await add(work, KEYS, desk.wanted())


async def test_a_removed_connection_forgets_its_credentials_and_may_return(desk):
    async with desk.work() as work:
        first = await add(work, KEYS, desk.wanted())
        await remove(work, "wecom", "default")
        assert first.credentials == b""
        again = await add(work, KEYS, desk.wanted())
        assert (again.id, again.removed_at) == (first.id, None)


async def test_a_removed_name_is_not_given_to_another_company(desk):
    async with desk.work() as work:
        await add(work, KEYS, desk.wanted())
        await remove(work, "wecom", "default")
        with pytest.raises(ConnectionExists):
            await add(work, KEYS, desk.wanted(corp_id="corp-2"))


async def test_new_credentials_end_a_pause_and_the_same_ones_do_not(desk):
    async with desk.work() as work:
        row = await add(work, KEYS, desk.wanted())
        row.paused_at, row.paused_reason = work.now, "40001"
        await change(work, KEYS, desk.wanted())
        assert row.paused_reason == "40001"
        await change(work, KEYS, desk.wanted(secret="better"))
        assert (row.paused_at, row.paused_reason) == (None, "")


async def test_a_paused_connection_can_be_let_go_on(desk):
    async with desk.work() as work:
        row = await add(work, KEYS, desk.wanted())
        row.paused_at, row.paused_reason = work.now, "60020"
        await resume(work, "wecom", "default")
        assert (row.paused_at, row.paused_reason) == (None, "")
        await resume(work, "wecom", "default")


async def test_a_connection_of_another_company_cannot_be_removed(desk):
    async with desk.work("甲") as work:
        await add(work, KEYS, desk.wanted())
    async with desk.work("乙") as work:
        with pytest.raises(ConnectionUnknown):
            await remove(work, "wecom", "default")
        assert await work.session.scalar(select(HostConnection.removed_at)) is None
