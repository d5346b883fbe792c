"""Internet addresses, IPv4 and IPv6, also with a port, a prefix length or a zone."""

import ipaddress
from collections.abc import Iterator

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"


def _names_nobody(value: str) -> bool:
    address = ipaddress.ip_address(value)
    return address.is_loopback or address.is_unspecified or value.startswith("255.255.")


def _is_v4(value: str) -> bool:
    return not _names_nobody(value.partition("/")[0])


def _locate_v6(run: str) -> Iterator[tuple[int, int]]:
    """The longest part of a run of hexadecimal digits and colons that is an address: it may end a sentence."""
    for end in range(len(run), max(len(run) - 3, 1), -1):
        candidate = run[:end].partition("%")[0].partition("/")[0]
        try:
            address = ipaddress.IPv6Address(candidate)
        except ValueError:
            continue
        if not (address.is_loopback or address.is_unspecified) and _looks_written(candidate):
            yield 0, end
        return


def _looks_written(candidate: str) -> bool:
    """`::1a` is an address by the rules, and in running text a mark: two groups at least, and a digit among them."""
    groups = [group for group in candidate.split(":") if group]
    return len(groups) >= 2 and any(map(str.isdigit, candidate))  # see above


RECOGNIZER = PatternRecognizer(
    "ip",
    (
        Pattern(
            "ip",
            rf"(?:^|[^\w.]|_|\D\.)(?P<value>(?:{_OCTET}\.){{3}}{_OCTET}(?:/(?:3[0-2]|[12]?\d))?)(?:\b|_)",
            "an IPv4 address",
            _is_v4,
            0.9,
            hint=r"\d\.\d{1,3}\.\d{1,3}\.\d",
        ),
        Pattern(
            "ip",
            (
                r"(?i)(?:\b|_)(?P<value>(?:[0-9a-f]{1,4}:{1,2}){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}"
                r"|[0-9a-f]{1,4})?(?:%[a-z0-9]{1,15})?(?:/\d{1,3})?)"
            ),
            "an IPv6 address",
            score=0.9,
            hint=r"[0-9A-Fa-f]:{1,2}[0-9A-Fa-f]{0,4}:",
            locate=_locate_v6,
        ),
        Pattern(
            "ip",
            r"(?i)(?:^|[^\w:])(?P<value>::(?:ffff:)?(?:(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9a-f]{1,4}:){1,6}[0-9a-f]{1,4}))\b",
            "an IPv6 address that begins with zeros",
            score=0.92,
            locate=_locate_v6,
        ),
    ),
)
