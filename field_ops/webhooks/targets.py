"""Where a delivery may go: to the internet, and not into our own network.

A name is looked up once, all its addresses are judged, and the connection goes to one of those that
were judged: a name that means another address a moment later leads nowhere else.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import urlsplit

import httpx

from .failures import failed

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
NAT64 = ip_network("64:ff9b::/96")  # an IPv4 address in disguise


class AddressForbidden(Exception):
    """The address is not one that we deliver to; `failures.py` says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect, and as whom to greet."""

    url: httpx.URL
    host: str
    server_name: str


async def look_up(host: str, port: int) -> Sequence[str]:
    """All addresses of a name, by the machine's own resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def read_networks(written: str) -> tuple[Network, ...]:
    """`10.0.0.0/8,127.0.0.1/32`: networks that are allowed beside the internet."""
    return tuple(ip_network(one.strip()) for one in written.split(",") if one.strip())


def why_not(url: str) -> str:
    """What is wrong with an address before anything is looked up; "" when nothing is."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        return "it must begin with https://"
    if parts.username or parts.password or parts.fragment:
        return "it may have no user, password or fragment"
    try:
        _ = parts.port, httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        return "it cannot be read"
    return ""


async def target_of(url: str, allowed: Sequence[Network], resolve: Resolve) -> Target:
    """Raises AddressForbidden, or OSError when the name is not known."""
    if reason := why_not(url):
        raise AddressForbidden(failed("address_wrong", reason))
    parsed = httpx.URL(url)
    port = parsed.port or (443 if parsed.scheme == "https" else 80)
    addresses = [ip_address(one.partition("%")[0]) for one in await resolve(parsed.host, port)]
    if not addresses:
        raise AddressForbidden(failed("name_unknown", parsed.host))
    for address in addresses:
        if not is_allowed(address, allowed, plain=parsed.scheme == "http"):
            why = "needs_tls" if is_allowed(address, allowed) else "not_public"
            raise AddressForbidden(failed(why, str(address)))
    pinned = parsed.copy_with(host=str(addresses[0]))
    return Target(pinned, parsed.netloc.decode("ascii"), parsed.host)


def is_allowed(address: Address, allowed: Sequence[Network], *, plain: bool = False) -> bool:
    """Public addresses over TLS, and whatever the setting allows."""
    if any(address.version == network.version and address in network for network in allowed):
        return True
    inner = _inner(address)
    if inner is not None:
        return is_allowed(inner, allowed, plain=plain)
    return address.is_global and not address.is_multicast and not plain


def _inner(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to."""
    if isinstance(address, IPv4Address):
        return None
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
