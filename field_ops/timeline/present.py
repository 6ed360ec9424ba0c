"""Rows of the timeline as JSON."""

from ..attachments.models import Attachment
from ..attachments.present import attachment_out
from ..attachments.schemas import AttachmentOut
from ..comments.models import CustomerComment
from ..comments.queries import comment_out
from ..customers.models import Contact, Customer
from ..follow_ups.models import FollowUp
from ..follow_ups.queries import may_edit
from ..history.models import AuditEntry
from ..keys import Keys
from ..plans.models import VisitPlan
from ..visits.models import Visit
from ..work import Work
from .history import FieldHistory
from .own import PREFIX, OwnWords
from .queries import Timeline
from .schemas import (
    FieldChangeOut,
    FieldHistoryOut,
    TimelineCustomer,
    TimelineEntry,
    TimelineFollowUp,
    TimelineOut,
    TimelinePlan,
    TimelineVisit,
)
from .sources import CREATED, Found
from .telling import Teller

IMPORTED = "import"  # the door of what the audit trail does not know one by one


def timeline_out(work: Work, keys: Keys, page: Timeline) -> TimelineOut:
    def teller(own: OwnWords) -> Teller:
        return Teller(page.eyes, own, page.customer, page.name_of, is_close=page.is_close)

    tellers = {True: teller(page.of_contacts), False: teller(page.own)}
    entries = [_entry(work, keys, page, tellers[one.kind == "contact"], one) for one in page.found]
    return TimelineOut(entries=entries, next=page.next)


def _entry(work: Work, keys: Keys, page: Timeline, teller: Teller, found: Found) -> TimelineEntry:
    match found.row:
        case Visit() as visit:
            return _of(page, found, visit.owner_id, "", visit=_visit(visit))
        case FollowUp() as row:
            told = _follow_up(work, row, page.contact_name_of)
            return _of(page, found, row.member_id, row.via, follow_up=told)
        case VisitPlan() as plan:
            told_plan = TimelinePlan.model_validate(plan)
            return _of(page, found, plan.owner_id, "", plan=told_plan)
        case CustomerComment() as said:
            told_comment = comment_out(work, said, page.comments)
            return _of(page, found, said.member_id, "", comment=told_comment)
        case Attachment() as file:
            told_file = _file(work, keys, page, file)
            return _of(page, found, file.member_id, "", attachment=told_file)
        case AuditEntry() as entry:
            other = page.merged_of.get(entry.id)
            return _of(
                page,
                found,
                entry.member_id,
                entry.via,
                action=entry.action,
                changes=teller.changes(entry.change) if _is_told(page, found) else [],
                other=TimelineCustomer.model_validate(other) if other else None,
                is_of_merged=entry.subject_id != page.customer.id,
            )
        case Customer() as customer:
            via, merged = IMPORTED, customer.id != page.customer.id
            return _of(page, found, customer.created_by, via, action=CREATED, is_of_merged=merged)
    raise TypeError(f"{type(found.row).__name__} has no place in the timeline")


def _is_told(page: Timeline, found: Found) -> bool:
    """Whom to talk to there, and what became of him, is told to who sees the contacts."""
    return found.kind != "contact" or page.eyes.shows_contacts(page.customer)


def _of(page: Timeline, found: Found, by_id: str | None, via: str, **told: object) -> TimelineEntry:
    return TimelineEntry.model_validate(
        {
            "id": f"{found.kind}-{found.place.id}",
            "kind": found.kind,
            "at": found.place.at,
            "by_id": by_id,
            "by_name": page.name_of.get(by_id or "", ""),
            "via": via,
            **NOTHING_TOLD,
            **told,
        }
    )


NOTHING_TOLD: dict[str, object] = {
    "action": "",
    "changes": [],
    "visit": None,
    "follow_up": None,
    "plan": None,
    "comment": None,
    "attachment": None,
    "other": None,
    "is_of_merged": False,
}


def _file(work: Work, keys: Keys, page: Timeline, file: Attachment) -> AttachmentOut:
    return attachment_out(
        work,
        keys,
        file,
        may_remove=page.may_edit or file.member_id == work.actor.member_id,
        removed_by_name=page.name_of.get(file.removed_by or "", ""),
    )


def _visit(visit: Visit) -> TimelineVisit:
    return TimelineVisit(
        id=visit.id,
        number=visit.number,
        visit_type=visit.visit_type,
        checked_out_at=visit.checked_out_at,
        dwell_s=visit.dwell_s,
        verdict=visit.check_in_verdict,
        was_planned=visit.plan_id is not None,
        result=visit.log_result,
        summary=visit.log_summary,
    )


def _follow_up(work: Work, row: FollowUp, contact_name_of: dict[str, str]) -> TimelineFollowUp:
    return TimelineFollowUp.model_validate(
        {
            **{name: getattr(row, name) for name in PLAIN_FIELDS},
            "contact_name": contact_name_of.get(row.contact_id or "", ""),
            "was_edited": row.edited_at is not None,
            "written_at": row.created_at,
            "may_edit": may_edit(work, row),
        }
    )


PLAIN_FIELDS = tuple(
    name
    for name in TimelineFollowUp.model_fields
    if name not in ("contact_name", "was_edited", "written_at", "may_edit")
)


def _present(record: Customer | Contact, name: str) -> object:
    if name.startswith(PREFIX):
        return (record.custom or {}).get(name.removeprefix(PREFIX))
    return getattr(record, name, None)


def history_out(name: str, history: FieldHistory) -> FieldHistoryOut:
    teller = history.teller
    return FieldHistoryOut(
        field=name,
        label=teller.label(name),
        level=teller.level(name),
        present=teller.value(name, _present(history.record, name)),
        changes=[
            FieldChangeOut(
                at=entry.at,
                by_id=entry.member_id,
                by_name=history.name_of.get(entry.member_id or "", ""),
                via=entry.via,
                action=entry.action,
                before=teller.value(name, entry.change[name][0]),
                after=teller.value(name, entry.change[name][1]),
            )
            for entry in history.entries
        ],
        next=history.next,
    )
