"""Who may see and do what, told a second time: from lists, by walking them, without a database.

Written from the rules (domain.md §14.3–14.5, §8.1) and not from the code that it is compared with.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

VIEW, EDIT, EXPORT, CLAIM = (f"customers.{verb}" for verb in ("view", "edit", "export", "claim"))
SENSITIVE = "customers.export_sensitive"
CREATE, COMMENT, SHARE, ASSIGN, MERGE, CONFIRM = (
    f"customers.{verb}"
    for verb in ("create", "comment", "share", "assign", "merge", "confirm_location")
)
LOOK_AT_VISITS, VISIT = "visits.view", "visits.create"


@dataclass
class RoleSpec:
    """What a role grants, and how far, of customers and visits alike: `departments` for
    CUSTOM_DEPTS."""

    grants: set[str]
    scope: str = "SELF"
    departments: list[str] = field(default_factory=list)
    with_below: bool = True


SELLS = {VIEW, EDIT, CLAIM, CREATE, COMMENT, SHARE, LOOK_AT_VISITS, VISIT}
LEADS = SELLS | {EXPORT, ASSIGN, MERGE, CONFIRM}
BUILT_IN = {
    "rep": RoleSpec(SELLS),
    "lead": RoleSpec(LEADS, "DEPT_AND_BELOW"),
    "regional_manager": RoleSpec(LEADS, "DEPT_AND_BELOW"),
    "sales_ops": RoleSpec(LEADS | {SENSITIVE}, "ALL"),
    "it_admin": RoleSpec(set(), "ALL"),
    "executive": RoleSpec({VIEW, LOOK_AT_VISITS, COMMENT}, "ALL"),
    "finance": RoleSpec({VIEW, COMMENT}, "ALL"),
    "service_engineer": RoleSpec({VIEW, LOOK_AT_VISITS, VISIT, COMMENT}),
    "auditor": RoleSpec({VIEW, LOOK_AT_VISITS}, "ALL"),
    "admin": RoleSpec(LEADS | {SENSITIVE}, "ALL"),
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
    hides_contacts: bool = False


@dataclass
class Thing:
    """Something that belongs to a shop: a visit, a comment, … `by` is who did it or whose it is;
    `beside` another shop, or the visit of a follow-up."""

    kind: str
    id: str
    shop: str
    by: str
    beside: str = ""


@dataclass
class Organisation:
    """Everything there is, as lists. Ids are those of the rows."""

    parent: dict[str, str | None] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    roles: dict[str, RoleSpec] = field(default_factory=dict)
    shops: dict[str, Shop] = field(default_factory=dict)
    pools: dict[str, PoolSpec] = field(default_factory=dict)
    things: list[Thing] = field(default_factory=list)
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

    # What belongs to them, and what is done with them ------------------------------------------

    def decides(self, who: str, shop_id: str, permission: str) -> bool:
        """What somebody decides about a shop goes as far as the role that lets him: what he only
        sees, by another role or a share, is not his to decide about."""
        owner = self.shops[shop_id].owner
        return shop_id in self.sees(who) and self.looks_over(who, owner, permission)

    def decided_by(self, who: str, kind: str, permission: str) -> set[str]:
        """Ids of what waits for somebody like him."""
        return {
            one.id for one in self.things
            if one.kind == kind and self.decides(who, one.shop, permission)
        }  # fmt: skip

    def merges(self, who: str, shop_id: str) -> bool:
        shop = self.shops[shop_id]
        is_his = shop.owner is None and shop.maker == who
        return shop_id in self.sees(who) and (
            self.looks_over(who, shop.owner, MERGE) or (is_his and self.may(who, MERGE))
        )

    def adds(self, who: str, shop_id: str, *permissions: str) -> bool:
        """What somebody adds of his own goes wherever he sees, if any role lets him."""
        return shop_id in self.sees(who) and any(self.may(who, one) for one in permissions)

    def releases(self, who: str, shop_id: str) -> bool:
        """Of one that lies in a pool already he only hears so."""
        owner = self.shops[shop_id].owner
        is_his = owner in (who, None) or self.looks_over(who, owner, ASSIGN)
        return shop_id in self.sees(who) and self.may(who, CLAIM) and is_his

    def shows_contacts(self, who: str, shop_id: str) -> bool:
        """A pool may hide them before a claim, though not from who runs pools."""
        runs_pools = any(code in RUNS_POOLS for code, _ in self.granting(who, VIEW))
        return runs_pools or not self.hides_contacts(shop_id)

    def opens_phones(self, who: str, shop_id: str) -> bool:
        """Those of pools are masked before a claim, though not from who runs pools."""
        runs_pools = any(code in RUNS_POOLS for code, _ in self.granting(who, VIEW))
        return runs_pools or self.shops[shop_id].owner is not None

    def hides_contacts(self, shop_id: str) -> bool:
        """Before a claim, from everybody who does not run pools, and from programs."""
        shop = self.shops[shop_id]
        pool = self.pools.get(shop.pool, PoolSpec())
        return shop.owner is None and pool.hides_contacts

    def of(self, shop_id: str, *kinds: str) -> list[Thing]:
        return [one for one in self.things if one.shop == shop_id and one.kind in kinds]

    def timeline(self, who: str, shop_id: str) -> set[tuple[str, str]]:
        """(kind, id) of what somebody is told who sees the shop."""
        return self._told(shop_id, lambda by: self.looks_over(who, by, LOOK_AT_VISITS))

    def _told(self, shop_id: str, sees_visits_of: Callable[[str], bool]) -> set[tuple[str, str]]:
        """Visits and plans by whose they are; what was said of a visit by the visit where that is
        seen; all else to whoever sees the shop."""
        told = {
            (one.kind, one.id)
            for one in self.of(shop_id, "visit", "plan")
            if sees_visits_of(one.by)
        }
        for one in self.of(shop_id, "follow_up", "comment", "attachment"):
            if ("visit", one.beside) not in told:
                told.add((one.kind, one.id))
        return told

    def a_program_sees(self, departments: list[str]) -> set[str]:
        """A token of these departments with all below them; of none: everything."""
        there = [shop_id for shop_id, shop in self.shops.items() if shop.merged_into is None]
        if not departments:
            return set(there)
        found = set()
        for shop_id in there:
            owner = self.shops[shop_id].owner
            if owner is not None and self._is_of(owner, departments):
                found.add(shop_id)
        return found

    def a_program_is_told(
        self, departments: list[str], shop_id: str, *, visits: bool
    ) -> set[tuple[str, str]]:
        """A timeline for a token that may or may not read visits: those of its departments."""
        return self._told(shop_id, lambda by: visits and self._is_of(by, departments))

    def _is_of(self, someone: str, departments: list[str]) -> bool:
        """Of none: everybody is."""
        return not departments or any(
            self.works_in(someone, one, below=True) for one in departments
        )
