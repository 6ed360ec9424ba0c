"""What the agenda counts."""

from prometheus_client import Counter, Gauge

STEPS = Counter(
    "waiqin_agenda_steps_total",
    "What was done to bring a host's calendars and to-dos in line with the plans",
    ["host", "service", "outcome"],
)
WAITING = Gauge(
    "waiqin_agenda_waiting",
    "Entries that a host does not have yet: above its limit of the day, or refused",
    ["host", "connection", "service"],
)
