"""Whose attempts are counted together."""

import pytest
from starlette.requests import Request

from field_ops.http.attempts import address_of


def a_request(host: str) -> Request:
    return Request({"type": "http", "client": (host, 40000)})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8:1:2::7", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::7", "2001:db8:1:3::7", False),
        ("::ffff:203.0.113.7", "::ffff:203.0.113.8", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("", "", True),
    ],
)
def test_who_has_a_whole_network_is_one_address(one: str, other: str, same: bool) -> None:
    assert (address_of(a_request(one)) == address_of(a_request(other))) is same
