"""`waiqin host check` in plain words."""

import pytest

from field_ops.connections.check import check
from field_ops.host.errors import CredentialsRejected, HostBusy, HostRefused, HostUnavailable
from tests.conftest import TUESDAY_MORNING
from tests.field_ops.people.fake_company import FakeCompany, a_platform


async def findings(company, public_url="https://crm.example"):
    found = await check(a_platform(company), public_url, TUESDAY_MORNING)
    return {finding.part: finding for finding in found}


async def test_a_good_connection_has_nothing_to_mend():
    found = await findings(FakeCompany())
    assert {part for part, finding in found.items() if finding.ok} == {
        "credentials",
        "departments",
        "members",
        "phones",
        "pages",
    }


@pytest.mark.parametrize(
    ("failure", "zh", "en"),
    [
        (CredentialsRejected("not allow", code="60020"), "可信 IP", "trusted IP"),
        (HostBusy("freq", code="45009", retry_after_s=60), "60 秒", "60 seconds"),
        (HostUnavailable("no connection"), "外网", "reaches"),
        (HostRefused("no privilege", code="60011"), "可见范围", "visible range"),
    ],
)
async def test_what_is_wrong_is_said_with_what_to_do(failure, zh, en):
    company = FakeCompany()
    company.down = failure
    finding = (await findings(company))["departments"]
    assert (finding.ok, zh in finding.says.zh, en in finding.says.en) == (False, True, True)


async def test_an_app_that_sees_nobody_is_told_so():
    company = FakeCompany()
    company.departments_by_id.clear()
    assert "可见范围" in (await findings(company))["departments"].says.zh


async def test_phones_need_https():
    assert not (await findings(FakeCompany(), "http://10.0.0.1:8000"))["address"].ok
