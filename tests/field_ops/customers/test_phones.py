"""How phone numbers are read, kept and shown."""

import pytest

from field_ops.customers.phones import masked, phone_from_cell, phone_key, read_phones


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("138 0013 8000", "+8613800138000"),
        ("+86-138-0013-8000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("(010) 6552 9988 转 801", "+861065529988"),
        ("027-85551234", "+862785551234"),
        ("13800138000/13900139000", "+8613800138000"),
        ("+1 650-253-0000", "+16502530000"),
        ("400-800-1234", ""),
        ("10086", ""),
        ("没有", ""),
        ("", ""),
    ],
)
def test_a_phone_is_kept_as_e164(written: str, key: str) -> None:
    assert phone_key(written) == key


def test_an_extension_is_kept_apart() -> None:
    (phone,) = read_phones("021-65529988 分机 12") or []
    assert (phone.digits, phone.extension) == ("02165529988", "12")


@pytest.mark.parametrize("written", ["12345", "138001380001", "abc", "13800138000/abc"])
def test_what_cannot_be_a_phone_is_not_one(written: str) -> None:
    assert read_phones(written) is None


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800138000", "138****8000"),
        ("027-85551234", "027****1234"),
        ("85551234", "85****34"),
        ("8555123", "8****23"),
        ("12345", "****5"),
        ("110", "***"),
    ],
)
def test_a_masked_phone_cannot_be_called(phone: str, shown: str) -> None:
    assert masked(phone) == shown


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (13800138000.0, "13800138000"),
        (13800138000, "13800138000"),
        ("13800138000.0", "13800138000"),
        ("'13800138000", "13800138000"),
        ("027-85551234", "027-85551234"),
        ("1.3800138123E+10", "13800138123"),
        ("1.3800138123e10", "13800138123"),
        ("1.38E+10", None),
        ("1.3800138E+10", None),
        (1.38e10, None),
        (12.5, None),
        (True, None),
    ],
)
def test_a_spreadsheet_cell_is_repaired_only_without_a_guess(
    cell: object, text: str | None
) -> None:
    assert phone_from_cell(cell) == text
