"""The rules of a pool, as one JSON document that is checked; its defaults are usual in the trade.

Figures are days of the calendar unless their name says otherwise.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..access.roles import FieldLevel

Days = Annotated[int, Field(ge=1, le=3650)]
Hidden = Literal["address", "contacts", "note"]
LEVELS = ("A", "B", "C", "D")
REACHED_BY = {
    "masked": FieldLevel.MASKED,
    "hidden": FieldLevel.HIDDEN,
    "open": FieldLevel.EDIT,
}


class Rule(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ClaimRule(Rule):
    """Of several pools of a member the smallest limit counts."""

    a_day: int = Field(20, ge=0, le=1000, description="Claims of a member on one day")
    views_a_day: int = Field(50, ge=0, le=10_000, description="Details that a member may open")
    holding: int = Field(
        200, ge=0, le=100_000, description="Owned customers, without won and assigned ones"
    )
    former_owner_after_days: int = Field(30, ge=0, le=3650)
    claimable_after_hours: int = Field(0, ge=0, le=720, description="After it came into the pool")
    reclaims: int = Field(2, ge=0, le=100, description="Of one customer by one member")
    reclaims_within_days: Days = 180
    first_follow_up_work_days: int = Field(3, ge=1, le=60, description="After a claim")
    phone: Literal["masked", "hidden", "open"] = Field(
        "masked", description="Phones and e-mail before a claim"
    )


class TagLine(Rule):
    """Who is given the customers that have this tag."""

    tag_id: str = Field(max_length=26)
    member_ids: list[Annotated[str, Field(max_length=26)]] = Field(min_length=1, max_length=50)


class AllocationRule(Rule):
    """Whom the system gives customers to that lie here for so long; off: members claim.

    `same_city`: who has customers in the same city; `nearest`: whose customers are nearest; of
    equals, and where nobody is near, who holds the fewest. `territory`: who looks after the
    territory that it lies in; `by_tag`: of those whom its first tag in `by_tag` names who holds the
    fewest; where these say nobody who is here and has room, it waits.
    """

    mode: Literal[
        "off", "round_robin", "least_loaded", "same_city", "nearest", "territory", "by_tag"
    ] = "off"
    after_hours: int = Field(24, ge=0, le=2160)
    by_tag: list[TagLine] = Field(
        default_factory=list, max_length=100, description="The first that a customer has counts"
    )


class Condition(Rule):
    """Recycle after `days`. `changed_on` is kept by the server: the rule is so since that day."""

    days: Days
    changed_on: date | None = None


class LevelRule(Rule):
    """None switches a condition off. The last two need opportunities and contracts."""

    no_follow_up: Condition | None
    no_deal: Condition | None
    no_opportunity: Condition | None = None
    after_contract: Condition | None = None


def _level(no_follow_up: int, no_deal: int, no_opportunity: int) -> LevelRule:
    return LevelRule(
        no_follow_up=Condition(days=no_follow_up, changed_on=None),
        no_deal=Condition(days=no_deal, changed_on=None),
        no_opportunity=Condition(days=no_opportunity, changed_on=None),
        after_contract=Condition(days=90, changed_on=None),
    )


class RecycleRule(Rule):
    """Nothing is recycled until somebody switches it on; from then on, too, there is a grace."""

    is_on: bool = False
    A: LevelRule = Field(default_factory=lambda: _level(15, 120, 60))
    B: LevelRule = Field(default_factory=lambda: _level(30, 180, 90))
    C: LevelRule = Field(default_factory=lambda: _level(60, 180, 120))
    D: LevelRule = Field(default_factory=lambda: _level(90, 365, 180))
    first_follow_up_changed_on: date | None = None
    members_changed_on: date | None = Field(
        None, description="Kept by the server: it rules over other members since then"
    )
    extension_days: int = Field(15, ge=1, le=365)
    extensions: int = Field(2, ge=0, le=20)

    def of(self, level: str) -> LevelRule:
        """The rule of customers of this level."""
        rule: LevelRule = getattr(self, level if level in LEVELS else "C")
        return rule


class ReminderRule(Rule):
    work_days_before: list[Days] = Field(default_factory=lambda: [7, 3, 1], max_length=10)


class PoolRules(Rule):
    claim: ClaimRule = Field(default_factory=ClaimRule)
    allocation: AllocationRule = Field(default_factory=AllocationRule)
    recycle: RecycleRule = Field(default_factory=RecycleRule)
    reminder: ReminderRule = Field(default_factory=ReminderRule)
    hidden: list[Hidden] = Field(
        default_factory=list, max_length=3, description="What is not shown before a claim"
    )

    def shows(self) -> dict[str, FieldLevel]:
        """How far fields of its customers are open before a claim, where nobody's role says it."""
        reached_by = REACHED_BY[self.claim.phone]
        return dict.fromkeys(self.hidden, FieldLevel.HIDDEN) | dict.fromkeys(
            ("phone", "email"), reached_by
        )


def changed(old: PoolRules, new: PoolRules, today: date) -> PoolRules:
    """`new`, where each condition says since when it is so: nobody may be recycled by a rule that
    was changed or switched on a moment ago. A condition that stays keeps its day."""
    was, wanted = old.recycle, new.recycle.model_copy(deep=True)
    is_switched_on = wanted.is_on and not was.is_on
    for level in LEVELS:
        for name in LevelRule.model_fields:
            condition = getattr(wanted.of(level), name)
            before = getattr(was.of(level), name)
            if condition is None:
                continue
            stays = before is not None and before.days == condition.days and not is_switched_on
            condition.changed_on = before.changed_on if stays else today
    first = (old.claim.first_follow_up_work_days, new.claim.first_follow_up_work_days)
    stays = first[0] == first[1] and not is_switched_on
    wanted.first_follow_up_changed_on = was.first_follow_up_changed_on if stays else today
    wanted.members_changed_on = was.members_changed_on
    return new.model_copy(update={"recycle": wanted})
