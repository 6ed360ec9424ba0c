"""The kinds of messages that are said together when several wait for one person, and how."""

from collections.abc import Mapping

from .contacts.messages import birthdays
from .handovers.messages import handover_cards
from .outbox.plurals import Plural
from .visits.messages import abnormal_visits, results_of_visits

PLURALS: Mapping[str, Plural] = {
    "abnormal_visit": abnormal_visits,
    "birthday": birthdays,
    "handover": handover_cards,
    "visit_result": results_of_visits,
}
