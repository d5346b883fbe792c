"""Where a request goes. Nothing that a record or an answer says leads to another host, or out of a path."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_plus, urlencode, urljoin, urlsplit

from graftwork.core.zones import zone_of
from graftwork.systems.http.templates import Template, parse, render

DEFAULT_PORTS = {"https": 443, "http": 80}
# What would end the host of an address, or begin another one, where a setting stands in it.
_BREAKS_A_HOST = re.compile(r"[/\\@?#:\s%]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class AddressRefused(Exception):
    """`reason` names what is wrong, never the value."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Base:
    """`origin` is scheme, host and port (RFC 6454); `path` what stands before every path of the file."""

    origin: tuple[str, str, int]
    url: str
    path: str


def base_of(source: str, settings: Mapping[str, Any], *, plain_http: bool) -> Base:
    """Raises `AddressRefused`."""
    template = parse(source)
    alone = len(template.parts) == 1
    url = render(template, {"setting": settings}, str if alone else _part_of_a_host) or ""
    origin, parts = origin_of(url), urlsplit(url)
    if origin is None or parts.query or parts.fragment:
        raise AddressRefused("must be https://HOST/PATH, without a user, a password or what follows a ?")
    if origin[0] == "http" and not plain_http and zone_of(url) != "local":
        raise AddressRefused("must begin with https://; plain_http = true allows http:// beyond your own network")
    return Base(origin, f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/"))


def _part_of_a_host(value: str) -> str:
    if not value or _BREAKS_A_HOST.search(value):
        raise AddressRefused("has a setting in it that is no part of a host or a path")
    return value


def origin_of(url: str) -> tuple[str, str, int] | None:
    """`None` for anything but http(s) with a host and without a user."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc or "\\" in url:
        return None
    return parts.scheme, parts.hostname.lower(), port or DEFAULT_PORTS[parts.scheme]


def path_of(template: Template, values: Mapping[str, Any]) -> str:
    """The path with its values, each encoded as one segment. Raises `AddressRefused`, `ValueMissing`."""
    path = render(template, values, _segment) or ""
    if any(step in (".", "..") for step in path.split("/")):
        raise AddressRefused("a value would lead to another path")
    return path


def _segment(value: str) -> str:
    if not value or _CONTROL.search(value) or any(step in (".", "..") for step in re.split(r"[/\\]", value)):
        raise AddressRefused("a value cannot stand in a path")
    return quote(value, safe="")


def query_of(templates: Mapping[str, str], values: Mapping[str, Any]) -> str:
    """Parameters, encoded; those that are to be left out are. Raises `ValueMissing`."""
    rendered = {name: render(parse(source), values) for name, source in templates.items()}
    kept = {name: value for name, value in rendered.items() if value is not None}
    return urlencode(kept, quote_via=quote, safe="")


def followed(link: Any, current: str, base: Base) -> str:
    """Path and query of a link in an answer, where it leads to the same origin. Raises `AddressRefused`."""
    if not isinstance(link, str) or not link or _CONTROL.search(link) or len(link) > 8_000:
        raise AddressRefused("the link to the next page is no link")
    try:
        url = urljoin(current, link)
        parts = urlsplit(url)
    except ValueError:
        raise AddressRefused("the link to the next page is no link") from None
    if origin_of(url) != base.origin:
        raise AddressRefused("the link to the next page leads to another host")
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def without_parameter(path_and_query: str, name: str) -> str:
    """For what is stored: a key that stands in addresses must not stand in the cursor."""
    path, _, query = path_and_query.partition("?")
    kept = [pair for pair in query.split("&") if pair and unquote_plus(pair.partition("=")[0]) != name]
    return path + (f"?{'&'.join(kept)}" if kept else "")


_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w!#$&+.^`|~-]+\*?\s*(?:=\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\s\";,]*))?)*)")
_PARAMETER = re.compile(r";\s*([\w!#$&+.^`|~*-]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s\";,]*))")


def next_in_link_header(header: str) -> str:
    """The target of rel="next" (RFC 8288, section 3); empty where there is none."""
    for target, parameters in _LINK.findall(header[:16_000]):
        for name, quoted, plain in _PARAMETER.findall(parameters):
            if name.lower() == "rel" and "next" in (quoted or plain).lower().split():
                return str(target).strip()
    return ""
