"""Roles: what each may do, how far it sees and what of a field (domain.md §14.3–14.5).

Permissions are `module.action`, a module is a folder of ours. A permission reaches as far as the
roles that grant it, never as far as another role of the same person: who may read everything and
edit his own edits his own. A role that is not known here grants nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import Any

import orjson

from ..texts import Text


class FieldLevel(IntEnum):
    """What somebody sees of a field. `MASKED`: that there is something, and how it begins."""

    HIDDEN = 0
    MASKED = 1
    READ = 2
    EDIT = 3


class DataScope(IntEnum):
    """Which owners' records; of several the widest counts. Listed departments come on top."""

    SELF = 1
    DEPT = 2
    DEPT_AND_BELOW = 3
    ALL = 4


CUSTOM_DEPTS = "CUSTOM_DEPTS"


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a role sees in a module: `departments` alone, `subtrees` with all below them."""

    base: DataScope
    departments: frozenset[str] = frozenset()
    subtrees: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Role:
    """`reaches` by module, where it is not `data_scope`.

    `fields` by field and state of the customer, where it is not the usual; `opens_pool`: what is
    masked in the pool usually is open to it.
    """

    code: str
    title: Text
    data_scope: DataScope
    permissions: frozenset[str]
    reaches: Mapping[str, Reach] = field(default_factory=dict)
    fields: Mapping[tuple[str, str], FieldLevel] = field(default_factory=dict)
    opens_pool: bool = False
    is_built_in: bool = True

    def reach(self, module: str) -> Reach:
        return self.reaches.get(module) or Reach(self.data_scope)


LOOKS = frozenset({"customers.view", "visits.view"})
REP_MAY = LOOKS | {
    "customers.create",
    "customers.edit",
    "customers.share",
    "customers.claim",
    "customers.comment",
    "visits.create",
}
LEAD_MAY = REP_MAY | {
    "customers.confirm_location",
    "customers.assign",
    "customers.transfer",
    "customers.export",
    "customers.merge",
    "visits.review",
}
OPS_MAY = LEAD_MAY | {
    "customers.import",
    "customers.export_sensitive",  # phones in full
    "customers.view_log",
    "customers.configure",  # fields and tags
    "pool.configure",
    "grading.configure",
}
IT_MAY = frozenset({"people.sync", "people.roles", "connections.configure"})
ADMIN_MAY = OPS_MAY | IT_MAY
PERMISSIONS = ADMIN_MAY  # all there are
MODULES = frozenset(permission.partition(".")[0] for permission in PERMISSIONS)

REP = Role("rep", Text("业务员", "Rep"), DataScope.SELF, REP_MAY)
LEAD = Role("lead", Text("主管", "Team lead"), DataScope.DEPT_AND_BELOW, LEAD_MAY)
ADMIN = Role("admin", Text("管理员", "Administrator"), DataScope.ALL, ADMIN_MAY, opens_pool=True)
BUILT_IN = (
    REP,
    LEAD,
    Role(
        "regional_manager",
        Text("大区经理", "Regional manager"),
        DataScope.DEPT_AND_BELOW,
        LEAD_MAY,
    ),
    Role(
        "sales_ops",
        Text("销售运营", "Sales operations"),
        DataScope.ALL,
        OPS_MAY,
        opens_pool=True,
    ),
    Role("it_admin", Text("系统管理员", "IT administrator"), DataScope.ALL, IT_MAY),
    Role(
        "executive",
        Text("总经理", "Executive"),
        DataScope.ALL,
        LOOKS | {"customers.comment"},
    ),
    Role(
        "finance",
        Text("财务", "Finance"),
        DataScope.ALL,
        frozenset({"customers.view", "customers.comment"}),
    ),
    Role(
        "service_engineer",
        Text("服务工程师", "Service engineer"),
        DataScope.SELF,
        LOOKS | {"visits.create", "customers.comment"},
    ),
    Role(
        "auditor",
        Text("审计（只读）", "Auditor (read only)"),
        DataScope.ALL,
        LOOKS | {"customers.view_log"},
    ),
    ADMIN,
)
ROLES = {role.code: role for role in BUILT_IN}


def role_named(code: str, definition: str | None) -> Role | None:
    """A built-in role, or the one that a company made: `definition` is what it stored."""
    if code in ROLES:
        return ROLES[code]
    return made_role(code, definition) if definition is not None else None


@lru_cache(maxsize=4096)  # asked with each request; a changed role is another text
def made_role(code: str, definition: str) -> Role:
    """A role that a company made. What it names that is no permission grants nothing."""
    said: dict[str, Any] = orjson.loads(definition)
    return Role(
        code=code,
        title=Text(said["title"], said["title"]),
        data_scope=DataScope.SELF,
        permissions=frozenset(said["permissions"]) & PERMISSIONS,
        reaches={module: _reach(one) for module, one in said["scopes"].items()},
        fields={
            (name, state): FieldLevel[level]
            for name, by_state in said.get("fields", {}).items()
            for state, level in by_state.items()
        },
        is_built_in=False,
    )


def _reach(said: Mapping[str, Any]) -> Reach:
    if said["scope"] != CUSTOM_DEPTS:
        return Reach(DataScope[said["scope"]])
    listed = frozenset(said["departments"])
    if said["with_descendants"]:
        return Reach(DataScope.SELF, subtrees=listed)
    return Reach(DataScope.SELF, departments=listed)
