"""What the inbox counts."""

from prometheus_client import Counter

EVENTS = Counter(
    "waiqin_host_events_total",
    "Events that hosts delivered, by what became of them",
    ["host", "kind", "outcome"],
)
REFUSED = Counter(
    "waiqin_host_callbacks_refused_total",
    "Requests at a host's address that were not taken in",
    ["host", "reason"],
)
