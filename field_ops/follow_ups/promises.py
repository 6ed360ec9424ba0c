"""The next action: what was promised to a customer, and when it is due."""

from datetime import UTC, date, datetime, time

from ..work import Work

DUE_AT = time(9)  # of the company's day: early enough to do it, late enough to be read


def due_at_of(work: Work, day: date | None) -> datetime | None:
    """The moment at which something promised for this day is due."""
    if day is None:
        return None
    return datetime.combine(day, DUE_AT, tzinfo=work.zone).astimezone(UTC)
