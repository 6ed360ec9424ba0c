"""The JSON of tags."""

from typing import Annotated

from pydantic import Field

from ..custom_fields.spec import Color
from ..http.schemas import In, Out

TagId = Annotated[str, Field(max_length=26)]


class GroupIn(In):
    """A group of tags as it shall be."""

    name: str = Field(min_length=1, max_length=60, examples=["经营特点"])
    name_en: str = Field("", max_length=60)
    is_controlled: bool = Field(True, description="Only who configures customers makes its tags")
    is_single: bool = Field(False, description="A customer has one of them at most")
    roles: list[Annotated[str, Field(max_length=32)]] = Field(
        default_factory=list, max_length=50, description="Who may use them; none means everybody"
    )
    position: int = Field(0, ge=0, le=100_000)
    is_archived: bool = False


class GroupChangeIn(GroupIn):
    revision: int


class TagIn(In):
    """A tag as it shall be."""

    group_id: TagId
    name: str = Field(min_length=1, max_length=40, examples=["学校周边"])
    name_en: str = Field("", max_length=40)
    color: Color = "grey"
    position: int = Field(0, ge=0, le=100_000)
    is_archived: bool = Field(False, description="It stays where it is and is put nowhere else")


class TagChangeIn(TagIn):
    revision: int


class MergeTagIn(In):
    into: TagId


class TagOut(Out):
    id: str
    group_id: str
    name: str
    name_en: str
    color: Color


class TagSettingsOut(TagOut):
    position: int
    revision: int
    is_archived: bool
    customers: int = Field(description="How many customers have it")


class GroupOut(Out):
    id: str
    name: str
    name_en: str
    is_single: bool
    may_use: bool = Field(description="I may put its tags on customers that I may change")
    may_add: bool = Field(description="I may make new tags in it")
    tags: list[TagOut]


class GroupsOut(Out):
    groups: list[GroupOut]


class GroupSettingsOut(GroupIn):
    id: str
    revision: int
    tags: list[TagSettingsOut]


class TagSettingsListOut(Out):
    groups: list[GroupSettingsOut]
