"""What one check of `graftwork doctor` found. Nothing in it may hold a secret: URLs are shown by their host only."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from graftwork.core.errors import GraftworkError

State = Literal["ok", "warning", "missing"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`mend` is the command (or the step) that puts it right; empty where nothing is wrong."""

    check: str
    state: State
    found: str
    mend: str = ""


def ok(check: str, found: str) -> Finding:
    return Finding(check, "ok", found)


def warning(check: str, found: str, mend: str) -> Finding:
    return Finding(check, "warning", found, mend)


def missing(check: str, found: str, mend: str) -> Finding:
    return Finding(check, "missing", found, mend)


def guarded(check: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What `look` finds; an error of ours becomes a finding, so that one failure does not hide the others."""
    try:
        yield from look()
    except GraftworkError as error:
        yield missing(check, error.message, error.hint)


def host_of(url: str) -> str:
    """Host and port of a URL. User, password, path and query are left out: each may be a secret."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
    except ValueError:
        return "an unreadable address"
