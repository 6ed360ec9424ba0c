"""What the outbox counts."""

from prometheus_client import Counter, Gauge

NOT_POSTED = Counter(
    "waiqin_outbox_not_posted_total",
    "Messages for members who have left or are on no host",
    ["kind"],
)
TRIED = Counter(
    "waiqin_outbox_tried_total",
    "What became of messages that a relay took up",
    ["host", "outcome"],
)
DROPPED = Counter(
    "waiqin_outbox_dropped_total",
    "Messages that a host accepted and then did not show, by its own reason",
    ["host", "reason"],
)
PAUSED = Counter(
    "waiqin_connections_paused_total",
    "Connections paused because the host rejected their credentials",
    ["host"],
)
CALLS_THIS_MONTH = Gauge(
    "waiqin_outbox_calls_this_month",
    "Messages of this month that cost a call, where the host counts calls by the month",
    ["host", "connection"],
)
WAITING = Gauge("waiqin_outbox_waiting", "Messages that are not sent yet", ["state"])
OLDEST_WAITING = Gauge(
    "waiqin_outbox_oldest_waiting_seconds", "For how long the oldest message that may go has waited"
)
RUNG = Counter(
    "waiqin_outbox_alarms_total",
    "What became of the hosts' alarms beside urgent messages",
    ["host", "outcome"],
)
