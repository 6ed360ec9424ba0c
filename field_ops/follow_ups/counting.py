"""Whether a follow-up counts for the clock of its customer (domain.md §8.3). Pure.

Written once, here. A visit is asked when the clock is read, because a review may still change it;
everything else is asked when it is written, and the row remembers the answer (`FollowUp.counts`).
"""

from dataclasses import dataclass

CALL_LASTS_S = 30
SAYS_SOMETHING = 20  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacted:
    """What is known of a contact. `is_effective` is for visits: whether the visit was."""

    channel: str
    text: str = ""
    next_action: str = ""
    duration_s: int | None = None
    was_answered: bool = False
    is_effective: bool = False


def counts(contacted: Contacted) -> bool:
    """A visit that was effective; a call that lasted; a chat that was answered; or a log of any of
    the other ways that says something and what comes next. “已联系” alone is none of these.

    The log of a visit does not make up for the visit: who was not there did not visit.
    """
    if contacted.channel == "visit":
        return contacted.is_effective
    if contacted.channel == "call" and (contacted.duration_s or 0) >= CALL_LASTS_S:
        return True
    if contacted.channel == "chat" and contacted.was_answered:
        return True
    says_something = len(contacted.text.strip()) >= SAYS_SOMETHING
    return says_something and bool(contacted.next_action.strip())
