"""The JSON of sharing a customer."""

from typing import Literal

from pydantic import Field

from ..http.schemas import In, Out

Access = Literal["read", "edit"]


class ShareIn(In):
    access: Access = Field(description="What he may do beside seeing it")


class CollaboratorOut(Out):
    member_id: str
    name: str
    access: Access


class CollaboratorsOut(Out):
    collaborators: list[CollaboratorOut]
    may_share: bool
