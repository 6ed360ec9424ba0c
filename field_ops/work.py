"""Work: who does it, when, and in which transaction. Every verb takes it first."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Actor:
    """Whose permission counts, and through which door he came.

    `member_id` is None for the tenant's system actor (worker, command line). `roles` are the
    role codes of `field_ops.access.roles`; `by_place` are those of them that nobody gave him and
    that follow from leading a department; `made_roles` are those that his company made, as pairs of
    code and definition. `oversees` is false where leading a department shows nobody's records.
    `pool_fields` is what the company's pools show before a claim, as `access.fields` writes it.
    `via` is one of `h5`, `bot`, `worker`, `cli`, and `api`: then `member_id` is the id of a
    program's token.
    """

    tenant_id: int
    member_id: str | None
    roles: frozenset[str] = frozenset()
    via: str = "h5"
    connection_id: str | None = None
    language: str = "zh"
    by_place: frozenset[str] = frozenset()
    made_roles: tuple[tuple[str, str], ...] = ()
    oversees: bool = True
    pool_fields: str = ""

    @property
    def is_system(self) -> bool:
        return self.member_id is None

    @property
    def is_person(self) -> bool:
        """Neither the company itself nor a program of another system, which acts by its token."""
        return self.member_id is not None and self.via != "api"

    @property
    def me(self) -> str:
        """The member's id, where only a person can act."""
        if self.member_id is None:
            raise RuntimeError("this verb belongs to a person, and the system called it")
        return self.member_id


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work: who does it, when, and in which transaction."""

    session: AsyncSession
    actor: Actor
    now: datetime
    zone: ZoneInfo

    @property
    def tenant_id(self) -> int:
        return self.actor.tenant_id

    @property
    def today(self) -> date:
        """The business date: today in the organisation's zone."""
        return self.now.astimezone(self.zone).date()

    @property
    def local_now(self) -> datetime:
        """Now, in the organisation's zone."""
        return self.now.astimezone(self.zone)

    def on(self, moment: datetime) -> date:
        """The business date of another moment."""
        return moment.astimezone(self.zone).date()

    def as_system(self) -> "Work":
        """The same transaction, acting for the company itself."""
        return replace(self, actor=Actor(self.tenant_id, None, via=self.actor.via))
