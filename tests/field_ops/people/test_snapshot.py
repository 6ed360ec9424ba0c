"""Lists of departments and members become one picture, in which each person is once."""

import pytest

from field_ops.host.errors import HostUnavailable
from field_ops.host.platform import HostDepartment, HostMember
from field_ops.people.snapshot import Gathering, parents_first


def gathered(lists, departments=("5", "6")):
    gathering = Gathering()
    gathering.add_departments(HostDepartment(one, one, "") for one in departments)
    for department_id, members in lists:
        gathering.add_members(department_id, members)
    return gathering


def test_a_person_in_several_lists_is_one_person_with_all_departments():
    lists = [
        ("5", [HostMember("a", "甲", ("5",), leads=("5",))]),
        ("6", [HostMember("a", "甲", ("6",), leads=("6",), phone="1", union_id="u")]),
    ]
    assert gathered(lists).members == {
        "a": HostMember("a", "甲", ("5", "6"), leads=("5", "6"), phone="1", union_id="u")
    }


def test_the_hosts_order_of_departments_is_kept():
    lists = [(one, [HostMember("a", "甲", ("9", "5", "6"))]) for one in ("5", "6", "9")]
    assert gathered(lists).members["a"].department_ids == ("9", "5", "6")


@pytest.mark.parametrize(
    ("lists", "doubtful"),
    [
        ([[HostMember("a", "甲", ("5",))], []], set()),
        ([[HostMember("a", "甲", ("5", "6"))], []], {"a"}),
        ([[HostMember("a", "甲", ("6",))], []], {"a"}),
        ([[HostMember("a", "甲", ("5",))], [HostMember("a", "甲", ("6",))]], {"a"}),
        ([[HostMember("a", "甲", ("5", "6"))], [HostMember("a", "甲", ("5", "6"))]], set()),
        ([[HostMember("a", "甲", ("5", "not visible"))], []], set()),
        ([[HostMember("a", "甲", ())], []], set()),
        ([[HostMember("a", "甲", ())], [HostMember("a", "甲", ())]], set()),
    ],
)
def test_who_is_listed_otherwise_than_he_says_is_doubtful(lists, doubtful):
    assert gathered(zip(("5", "6"), lists, strict=True)).doubtful() == doubtful


def test_parents_come_first_and_whose_parent_we_may_not_see_is_a_root():
    found = [("9", "5"), ("5", "2"), ("7", "4"), ("2", "1")]
    tree = parents_first({one: HostDepartment(one, one, parent) for one, parent in found})
    assert [(one.host_department_id, one.parent_id) for one in tree.values()] == [
        ("7", ""),
        ("2", ""),
        ("5", "2"),
        ("9", "5"),
    ]


def test_a_department_that_comes_twice_is_no_answer():
    with pytest.raises(HostUnavailable):
        Gathering().add_departments([HostDepartment("1", "甲", ""), HostDepartment("1", "乙", "")])


@pytest.mark.parametrize(
    "parents",
    [
        {"1": "2", "2": "1", "3": ""},
        {str(n): str(n - 1) if n else "" for n in range(40)},
    ],
    ids=["circle", "too deep"],
)
def test_a_tree_that_cannot_be_one_is_no_answer(parents):
    with pytest.raises(HostUnavailable):
        parents_first({one: HostDepartment(one, "层", above) for one, above in parents.items()})
