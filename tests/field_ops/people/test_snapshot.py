"""Lists of departments and members become one picture, in which each person is once."""

import pytest

from field_ops.host.errors import HostUnavailable
from field_ops.host.platform import HostDepartment, HostMember
from field_ops.people.snapshot import checked, listed_unlike_told, merged


def test_a_person_in_several_lists_is_one_person_with_all_departments():
    lists = [
        ("5", [HostMember("a", "甲", ("5",), leads=("5",))]),
        ("6", [HostMember("a", "甲", ("6",), leads=("6",), phone="1", union_id="u")]),
    ]
    assert merged(lists) == {
        "a": HostMember("a", "甲", ("5", "6"), leads=("5", "6"), phone="1", union_id="u")
    }


def test_the_hosts_order_of_departments_is_kept():
    lists = [(one, [HostMember("a", "甲", ("9", "5", "6"))]) for one in ("5", "6", "9")]
    assert merged(lists)["a"].department_ids == ("9", "5", "6")


@pytest.mark.parametrize(
    ("lists", "doubtful"),
    [
        ([[HostMember("a", "甲", ("5",))], []], set()),
        ([[HostMember("a", "甲", ("5", "6"))], []], {"a"}),
        ([[HostMember("a", "甲", ("6",))], []], {"a"}),
        ([[HostMember("a", "甲", ("5", "not visible"))], []], set()),
        ([[HostMember("a", "甲", ())], []], set()),
    ],
)
def test_who_is_listed_otherwise_than_he_says_is_doubtful(lists, doubtful):
    assert listed_unlike_told(["5", "6"], lists) == doubtful


@pytest.mark.parametrize(
    "departments",
    [
        [HostDepartment("1", "甲", ""), HostDepartment("1", "乙", "")],
        [HostDepartment("2", "甲", "1"), HostDepartment("1", "乙", "")],
        [HostDepartment(str(n), "层", str(n - 1) if n else "") for n in range(40)],
    ],
    ids=["twice", "child before parent", "too deep"],
)
def test_a_tree_that_cannot_be_one_is_an_incomplete_answer(departments):
    with pytest.raises(HostUnavailable):
        checked(departments)
