"""Where the customers of the past were thought to be, and how their places healed."""

from collections.abc import Mapping, Sequence

from ..customers.actions.healing import ACTIONS, past_of, told_healing
from ..customers.agreement import Decision, Sighting, Step, decide, superseded
from ..customers.models import CustomerLocation
from ..customers.new_rows import proposal_values, seen_values
from ..customers.place_evidence import PlaceEvidence
from ..customers.place_rules import PlaceRules
from ..db import new_id
from ..history.audit import record
from ..visits.flags import Flag
from ..visits.models import Visit
from ..visits.queries import nearest_door
from ..visits.sightings import as_proposal, is_accurate, is_doubtful
from ..visits.verdict import Fix, Presence
from ..work import Work
from .customers import Entered
from .ledger import Ledger


class Places:
    """What `visits.sightings` does with each check-in, in memory."""

    def __init__(self, customers: Sequence[Entered], ledger: Ledger) -> None:
        self._rules = PlaceRules()
        self._ledger = ledger
        self._known = {one.customer_id: [one.location] if one.location else [] for one in customers}
        self._seen: dict[str, list[Sighting]] = {}
        self._rests_on: dict[str, list[str]] = {}

    def door(self, customer_id: str, fix: Fix | None) -> CustomerLocation | None:
        """From where a check-in is measured."""
        return nearest_door(self._present(customer_id), fix)

    def learn(
        self, work: Work, visit: Visit, presence: Presence, noticed: Mapping[str, Sequence[Flag]]
    ) -> None:
        """Let this check-in say where it was."""
        fix, present = presence.fix, self._present(visit.customer_id)
        if fix is None or not fix.is_usable:
            return
        if is_accurate(fix.accuracy_m):
            self._seen.setdefault(visit.customer_id, []).insert(0, _sighting(visit, presence, fix))
        if is_doubtful(noticed.get(visit.id, ())):
            return
        if not present:
            self._propose(work, visit, fix)
            return
        honest = [
            one
            for one in self._seen.get(visit.customer_id, [])
            if not is_doubtful(noticed.get(one.visit_id, ()))
        ]
        if is_accurate(fix.accuracy_m) and (decision := self._decide(visit, honest)):
            self._do(work, visit.customer_id, decision)

    def write(self) -> None:
        """What places rest on goes into the ledger at the end, because it changes until then."""
        tenant_of = {row.id: row.tenant_id for rows in self._known.values() for row in rows}
        self._ledger.rows += [
            PlaceEvidence(tenant_id=tenant_of[place], location_id=place, visit_id=visit)
            for place, visits in self._rests_on.items()
            for visit in visits
        ]

    def _present(self, customer_id: str) -> list[CustomerLocation]:
        """The newest first, as they are read."""
        return [one for one in reversed(self._known[customer_id]) if one.status != "past"]

    def _decide(self, visit: Visit, honest: Sequence[Sighting]) -> Decision | None:
        known = self._known[visit.customer_id]
        return decide(self._present(visit.customer_id), honest, past_of(known), self._rules)

    def _propose(self, work: Work, visit: Visit, fix: Fix) -> None:
        found = as_proposal(fix)
        values = proposal_values(work, visit.customer_id, found)
        self._keep(CustomerLocation(**values))
        pair = [found.lat, found.lng, found.datum]
        change = {"place": (None, pair)}
        record(work, "location.proposed", "customer", visit.customer_id, change)

    def _do(self, work: Work, customer_id: str, decision: Decision) -> None:
        visits = [one.visit_id for one in decision.check_ins]
        if decision.step is Step.SUPPORT and decision.place is not None:
            self._rests_on[decision.place.id] = visits
            return
        for old in superseded(self._present(customer_id), decision):
            old.status = "past"
        new = CustomerLocation(**seen_values(work, customer_id, new_id(), decision))
        self._keep(new)
        self._rests_on[new.id] = visits
        change = told_healing(decision, new)
        record(work, ACTIONS[decision.step], "customer", customer_id, change)

    def _keep(self, place: CustomerLocation) -> None:
        self._known[place.customer_id].append(place)
        self._ledger.rows.append(place)


def _sighting(visit: Visit, presence: Presence, fix: Fix) -> Sighting:
    return Sighting(
        visit_id=visit.id,
        member_id=visit.owner_id,
        device_id=presence.device_id,
        day=visit.business_date,
        at=visit.checked_in_at,
        point=fix.point,
    )
