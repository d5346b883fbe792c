"""Whose machine a server is, by its address alone: our own network (local), or a third party's (managed)."""

import ipaddress
from urllib.parse import urlsplit

from graftwork.core.types import Zone

# Names that no public resolver answers: RFC 6762, RFC 8375, and ICANN's `.internal` of 2024.
_PRIVATE_SUFFIXES = (".local", ".localhost", ".home.arpa", ".internal", ".lan")

IN_THE_CLEAR = (
    "its `url` is plain http to a managed engine, which others on the way can read; use https, or say "
    'zone = "local" if the machine and the network are yours'
)


def is_in_the_clear(url: str, zone: Zone) -> bool:
    """Whether a text on its way to `url` could be read by others: plain HTTP to a third party. This machine is none."""
    parts = urlsplit(url)
    if zone != "managed" or parts.scheme.lower() != "http":
        return False
    host = (parts.hostname or "").rstrip(".")
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost" and not host.endswith(".localhost")


def zone_of(url: str) -> Zone:
    """`local` where the host of `url` can only be on our own network, else `managed`. No name is looked up."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        single_label = host != "" and "." not in host
        return "local" if single_label or host.endswith(_PRIVATE_SUFFIXES) else "managed"
    return "local" if address.is_loopback or address.is_private or address.is_link_local else "managed"
