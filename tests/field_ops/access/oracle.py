"""Who may see and do what, told a second time: from lists, by walking them, without a database.

Written from the rules (domain.md §14.3–14.5, §8.1) and not from the code that it is compared with.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

VIEW, EDIT, EXPORT, CLAIM = (f"customers.{verb}" for verb in ("view", "edit", "export", "claim"))
SENSITIVE = "customers.export_sensitive"


@dataclass
class RoleSpec:
    """What a role grants of customers, and how far: `departments` for CUSTOM_DEPTS."""

    grants: set[str]
    scope: str = "SELF"
    departments: list[str] = field(default_factory=list)
    with_below: bool = True


SELLS = {VIEW, EDIT, CLAIM}
BUILT_IN = {
    "rep": RoleSpec(SELLS),
    "lead": RoleSpec(SELLS | {EXPORT}, "DEPT_AND_BELOW"),
    "regional_manager": RoleSpec(SELLS | {EXPORT}, "DEPT_AND_BELOW"),
    "sales_ops": RoleSpec(SELLS | {EXPORT, SENSITIVE}, "ALL"),
    "it_admin": RoleSpec(set(), "ALL"),
    "executive": RoleSpec({VIEW}, "ALL"),
    "finance": RoleSpec({VIEW}, "ALL"),
    "service_engineer": RoleSpec({VIEW}),
    "auditor": RoleSpec({VIEW}, "ALL"),
    "admin": RoleSpec(SELLS | {EXPORT, SENSITIVE}, "ALL"),
}
RUNS_POOLS = {"sales_ops", "admin"}


@dataclass
class Person:
    """`places`: department → whether he leads it. `given`: codes of roles."""

    places: dict[str, bool]
    given: set[str]
    is_here: bool = True


@dataclass
class Shop:
    owner: str | None
    maker: str | None
    pool: str = "default"
    merged_into: str | None = None
    shared: dict[str, str] = field(default_factory=dict)
    number: str = ""


@dataclass
class PoolSpec:
    people: set[str] = field(default_factory=set)
    departments: set[str] = field(default_factory=set)


@dataclass
class Organisation:
    """Everything there is, as lists. Ids are those of the rows."""

    parent: dict[str, str | None] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    roles: dict[str, RoleSpec] = field(default_factory=dict)
    shops: dict[str, Shop] = field(default_factory=dict)
    pools: dict[str, PoolSpec] = field(default_factory=dict)
    leaders_oversee: bool = True

    # Departments ------------------------------------------------------------------------------

    def is_below(self, department: str | None, root: str) -> bool:
        """Whether it is `root`, or anywhere below it."""
        while department is not None:
            if department == root:
                return True
            department = self.parent[department]
        return False

    def works_in(self, someone: str, root: str, *, below: bool) -> bool:
        for place in self.people[someone].places:
            if place == root or (below and self.is_below(place, root)):
                return True
        return False

    # Roles ------------------------------------------------------------------------------------

    def roles_of(self, who: str) -> set[str]:
        person = self.people[who]
        held = set(person.given)
        if any(person.places.values()):
            held.add("lead")
        if held <= {"rep", "lead", "admin"}:
            held.add("rep")
        return held

    def granting(self, who: str, permission: str) -> Iterator[tuple[str, RoleSpec]]:
        for code in self.roles_of(who):
            spec = self.roles.get(code) or BUILT_IN[code]
            if permission in spec.grants:
                yield code, spec

    def may(self, who: str, permission: str) -> bool:
        return any(True for _ in self.granting(who, permission))

    # Rows -------------------------------------------------------------------------------------

    def looks_over(self, who: str, owner: str | None, permission: str) -> bool:
        """Whether he may do this with what `owner` has: the union over the roles that grant it."""
        granted = False
        for code, spec in self.granting(who, permission):
            granted = True
            if code == "lead" and "lead" not in self.people[who].given:
                continue  # it follows from his place, and reaches what he leads
            if spec.scope == "ALL" or (owner is not None and self._covers(who, owner, spec)):
                return True
        if not granted or owner is None:
            return False
        if owner == who:
            return True
        led = [place for place, leads in self.people[who].places.items() if leads]
        return self.leaders_oversee and any(self.works_in(owner, one, below=True) for one in led)

    def _covers(self, who: str, owner: str, spec: RoleSpec) -> bool:
        if owner == who:
            return True
        match spec.scope:
            case "DEPT":
                mine = self.people[who].places
                return any(self.works_in(owner, one, below=False) for one in mine)
            case "DEPT_AND_BELOW":
                mine = self.people[who].places
                return any(self.works_in(owner, one, below=True) for one in mine)
            case "CUSTOM_DEPTS":
                return any(
                    self.works_in(owner, one, below=spec.with_below) for one in spec.departments
                )
        return False

    def in_reach(self, who: str, shop_id: str, permission: str) -> bool:
        """Owned by whom he looks over, made by him while nobody owns it, or shared with him."""
        shop = self.shops[shop_id]
        if shop.merged_into is not None or not self.may(who, permission):
            return False
        is_his = (shop.owner is None and shop.maker == who) or who in shop.shared
        return is_his or self.looks_over(who, shop.owner, permission)

    def sees(self, who: str) -> set[str]:
        return {one for one in self.shops if self.in_reach(who, one, VIEW)}

    def exports(self, who: str, *, phones: bool = False) -> set[str]:
        needed = [EXPORT, SENSITIVE] if phones else [EXPORT]
        return {
            one
            for one in self.sees(who)
            if all(self.in_reach(who, one, permission) for permission in needed)
        }

    def edits(self, who: str) -> set[str]:
        found = set()
        for shop_id in self.sees(who):
            shop = self.shops[shop_id]
            is_his = shop.owner is None and shop.maker == who
            may_here = is_his or shop.shared.get(who) == "edit"
            if self.may(who, EDIT) and (may_here or self.looks_over(who, shop.owner, EDIT)):
                found.add(shop_id)
        return found

    def in_his_pools(self, who: str) -> set[str]:
        """What he may look at in pools, and claim from them."""
        if not self.may(who, CLAIM):
            return set()
        mine = {"default"}
        for pool_id, pool in self.pools.items():
            by_place = any(self.works_in(who, one, below=True) for one in pool.departments)
            if who in pool.people or by_place or self.roles_of(who) & RUNS_POOLS:
                mine.add(pool_id)
        return {
            shop_id
            for shop_id, shop in self.shops.items()
            if shop.owner is None and shop.merged_into is None and shop.pool in mine
        }

    def a_program_sees(self, departments: list[str]) -> set[str]:
        """A token of these departments with all below them; of none: everything."""
        there = [shop_id for shop_id, shop in self.shops.items() if shop.merged_into is None]
        if not departments:
            return set(there)
        found = set()
        for shop_id in there:
            owner = self.shops[shop_id].owner
            if owner is not None and any(
                self.works_in(owner, one, below=True) for one in departments
            ):
                found.add(shop_id)
        return found
