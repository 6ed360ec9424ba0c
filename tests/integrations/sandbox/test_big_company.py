"""A pretend company of any size, from a seed."""

import pytest

from integrations.sandbox.big_company import a_big_company
from integrations.sandbox.world import Person


@pytest.mark.parametrize(("people", "departments"), [(1, 1), (5, 30), (300, 40), (2000, 200)])
def test_it_has_the_size_that_was_asked_for(people, departments):
    company = a_big_company("wecom", people, departments)
    assert (len(company.people), len(company.departments)) == (people, departments)
    for person in company.people.values():
        assert set(person.department_ids) <= company.departments.keys()
        assert len(person.department_ids) == len(set(person.department_ids))
        assert person.main_department_id in person.department_ids
        assert person.direct_leader_id in {"", *company.people} - {person.user_id}


def test_it_is_like_a_company():
    company = a_big_company("dingtalk", 2000, 200)
    assert all(company.leaders_of(one) for one in company.departments)
    in_several = sum(len(person.department_ids) > 1 for person in company.people.values())
    assert 100 < in_several < 250
    assert len({person.phone for person in company.people.values()}) == 2000


def test_the_same_seed_gives_the_same_people_on_both_hosts():
    def known(host: str, seed: int) -> list[tuple[str, str]]:
        people = a_big_company(host, 100, 10, seed).people
        return [(person.name, person.phone) for person in people.values()]

    assert known("wecom", 7) == known("dingtalk", 7) != known("wecom", 8)


def test_what_changes_in_a_company_is_seen_at_once():
    company = a_big_company("wecom", 50, 5)
    newcomer = Person("new", "新人", [3], leads=[3])
    company.people["new"] = newcomer
    assert newcomer in company.members_of(3) and newcomer in company.leaders_of(3)
    newcomer.department_ids = [4]
    assert newcomer not in company.members_of(3)
    newcomer.active = False
    assert newcomer not in company.members_of(4)
    del company.departments[5]
    assert 5 not in {one.id for one in company.children_of(1)}
