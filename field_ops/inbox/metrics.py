"""What the inbox counts."""

from prometheus_client import Counter, Gauge

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
LONG_CONNECTIONS = Gauge(
    "waiqin_long_connection_up",
    "1 while this process holds the connection by which a host brings its events",
    ["host", "connection"],
)
