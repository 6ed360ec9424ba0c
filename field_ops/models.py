"""Every table, gathered so that migrations see them all."""

from .agenda import models as agenda
from .attachments import models as attachments
from .attendance import models as attendance
from .calendar import models as calendar
from .chat_contacts import models as chat_contacts
from .comments import models as comments
from .connections import models as connections
from .contacts import models as contacts
from .custom_fields import models as custom_fields
from .customers import (
    levels,
    owner_changes,
    place_evidence,
    place_rules,
    relations,
    sight_lost,
)
from .customers import models as customers
from .db import Base
from .exchange import import_models as imports
from .exchange import models as exchange
from .follow_ups import models as follow_ups
from .grading import models as grading
from .handovers import models as handovers
from .history import models as history
from .http import models as http
from .inbox import models as inbox
from .merges import models as merges
from .outbox import models as outbox
from .people import models as people
from .plans import models as plans
from .pool import models as pool
from .reminders import models as reminders
from .sharing import models as sharing
from .tags import models as tags
from .tenants import models as tenants
from .territories import models as territories
from .transfers import models as transfers
from .visits import models as visits
from .webhooks import models as webhooks

ALL = (
    attachments,
    attendance,
    agenda,
    calendar,
    chat_contacts,
    comments,
    connections,
    contacts,
    custom_fields,
    customers,
    exchange,
    follow_ups,
    grading,
    handovers,
    history,
    http,
    imports,
    inbox,
    levels,
    merges,
    outbox,
    owner_changes,
    people,
    place_evidence,
    place_rules,
    plans,
    pool,
    relations,
    reminders,
    sharing,
    sight_lost,
    tags,
    tenants,
    territories,
    transfers,
    visits,
    webhooks,
)
metadata = Base.metadata
