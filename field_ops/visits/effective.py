"""Whether a visit counts, asked of the database: what `actions.is_effective` says of a row."""

from sqlalchemy import ColumnElement, and_, case, or_

from .actions import COUNTS, EXCLUDED_FROM
from .models import Visit
from .types import ROUTINE, VISIT_TYPES


def was_effective() -> ColumnElement[bool]:
    """True for the visits that count."""
    accepted = Visit.review_state == "accepted"
    enough = case(
        {code: kind.minimum_dwell_s for code, kind in VISIT_TYPES.items()},
        value=Visit.visit_type,
        else_=ROUTINE.minimum_dwell_s,
    )
    return and_(
        Visit.review_state != "rejected",
        Visit.log_submitted_at.is_not(None),
        or_(accepted, and_(Visit.check_in_verdict.in_(COUNTS), Visit.risk_score < EXCLUDED_FROM)),
        Visit.dwell_s >= enough,
    )
