"""The JSON of roles: what a role may do, and who has it."""

import re
from typing import Annotated, Literal

from pydantic import Field

from ..access.roles import PERMISSIONS
from ..http.schemas import In, Out

DataScopeName = Literal["SELF", "DEPT", "DEPT_AND_BELOW", "CUSTOM_DEPTS", "ALL"]
Module = Literal["customers", "visits"]
Permission = Annotated[
    str,
    Field(pattern=f"^({'|'.join(map(re.escape, sorted(PERMISSIONS)))})$", examples=["visits.view"]),
]
DepartmentId = Annotated[str, Field(max_length=26)]


class ModuleScope(In):
    """How far a role sees in a module: several roles of one person add up."""

    scope: DataScopeName
    departments: list[DepartmentId] = Field(
        default_factory=list, max_length=200, description="For CUSTOM_DEPTS: which"
    )
    with_descendants: bool = Field(True, description="For CUSTOM_DEPTS: all below them too")


FieldName = Literal["phone", "email", "credit_code", "address", "note"]
Level = Literal["HIDDEN", "MASKED", "READ", "EDIT"]


class RoleIn(In):
    """A role as a company makes it. A module without a scope is `SELF`."""

    title: str = Field(min_length=1, max_length=60, examples=["华东督导"])
    permissions: list[Permission] = Field(max_length=60)
    scopes: dict[Module, ModuleScope] = Field(default_factory=dict)
    fields: dict[FieldName, dict[Literal["owned", "pool"], Level]] = Field(
        default_factory=dict,
        description="Where it is not the usual: open, but phone and e-mail masked in the pool",
    )


class RoleNewIn(RoleIn):
    code: str = Field(pattern=r"^[a-z][a-z0-9_]{1,31}$", examples=["east_supervisor"])


class RoleOut(Out):
    code: str
    title: str
    is_built_in: bool
    permissions: list[str]
    scopes: dict[str, ModuleScope]
    fields: dict[FieldName, dict[Literal["owned", "pool"], Level]] = Field(
        description="Where it is not the usual"
    )
    members: int = Field(description="To how many it was given")


class RolesOut(Out):
    roles: list[RoleOut]
    permissions: list[str] = Field(description="All that a role of the company's own may grant")
    departments: dict[str, str] = Field(description="Names of the departments in scopes, by id")
    leaders_oversee: bool = Field(
        description="Who leads a department sees the records of everybody in it and below"
    )


class LeadersIn(In):
    leaders_oversee: bool


class LeadersOut(Out):
    leaders_oversee: bool


class MemberRolesOut(Out):
    member_id: str
    name: str
    given: list[str] = Field(description="What was given to him, and can be taken")
    roles: list[str] = Field(description="With those that follow from his place")
