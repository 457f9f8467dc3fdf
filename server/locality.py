"""Who asks from this machine itself, and who may see what is only for them; no Flask.

A browser on this machine asks for whatever a page of somebody else tells it to ask for.
Hence more than the peer's address counts: which name the request has for this machine
(a name of somebody else's may lead here, too), and which page it comes from.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""What this machine is called by those on it."""

_FORWARDED = (
    "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
    "x-forwarded-server", "x-real-ip", "x-client-ip", "x-cluster-client-ip",
    "x-original-forwarded-for", "x-original-host", "true-client-ip", "client-ip",
    "cf-connecting-ip", "cf-ray", "cdn-loop", "fastly-client-ip", "fly-client-ip",
)  # fmt: skip
"""Header fields of which each shows that somebody stands between."""

_OWN = frozenset({"same-origin", "none"})


def is_local(
    peer: str, protocol: str, fields: Mapping[str, str], hosts: Collection[str] = ()
) -> bool:
    """Tell whether a request was sent by somebody on this machine, for this machine.

    *fields* have their names in lower case; *hosts* are further names of the machine.
    What comes by HTTP/1.0 comes from a proxy that says nothing of itself: no browser
    has spoken that for decades.
    """
    return (
        is_loopback(peer)
        and protocol not in ("HTTP/1", "HTTP/1.0", "HTTP/0.9")
        and not any(name in fields for name in _FORWARDED)
        and host_name(fields.get("host", "")) in {*HOSTS, *hosts}
    )


def is_from_own_page(fields: Mapping[str, str]) -> bool:
    """Tell whether no page of another origin has asked for this, as far as is told."""
    return fields.get("sec-fetch-site", "none") in _OWN


def is_loopback(peer: str) -> bool:
    """Tell whether the address *peer* is that of this machine to itself."""
    try:
        found = ip_address(peer.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (mapped or found).is_loopback


def host_name(host: str) -> str:
    """Return the name in the field Host, in lower case and without the port."""
    name, colon, port = host.lower().rpartition(":")
    is_port = colon and (port.isdigit() or not port) and "]" not in port
    return name if is_port and name else host.lower()


def names_in(text: str) -> frozenset[str]:
    """Return the names in *text*, parted by commas."""
    return frozenset(one.strip().lower() for one in text.split(",") if one.strip())
