"""A connection as the rest of the program knows it: which one, whose, and nothing secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class ConnectionRef:
    """`name` is the part of the callback address; `zone` the company's time zone.

    What follows `zone` is for pages: `client_id` is what the host's script wants to hear, `sandbox`
    whether the built-in sandbox plays the host. `services` are those that are switched on.
    """

    tenant_id: int
    id: str
    host: str
    name: str
    zone: ZoneInfo
    company: str = ""
    corp_id: str = ""
    client_id: str = ""
    sandbox: bool = False
    paused: bool = False
    services: frozenset[str] = frozenset()


def is_sandbox(base_urls: Mapping[str, str]) -> bool:
    """Whether these addresses are the sandbox: mounted under `/sandbox/`, or on this machine."""
    return any(_points_home(url) for url in base_urls.values())


def _points_home(url: str) -> bool:
    parts = urlsplit(url)
    if "sandbox" in parts.path.split("/") or parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
