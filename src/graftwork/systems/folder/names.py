"""Paths inside a folder, as text with slashes, and which of them may be read or written."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import PurePosixPath

MARK = ".graftwork."
MAX_PATH_CHARACTERS = 1_000
MAX_NAME_BYTES = 240  # file systems take 255, and a temporary name is a little longer

_UNFIT = re.compile(r"[^\w.() -]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_PLACEHOLDERS = ("name", "stem", "key")


def is_safe(path: str) -> bool:
    """Whether `path` can only mean a place inside the folder, on every system, and can be stored as text."""
    if not path or len(path) > MAX_PATH_CHARACTERS or "\x00" in path or "\\" in path or _SURROGATE.search(path):
        return False
    return all(part not in ("", ".", "..") for part in path.split("/"))


def is_hidden(path: str) -> bool:
    """Whether a part begins with a dot, or ends as temporary files of editors, browsers and transfers do."""
    parts = path.split("/")
    last = parts[-1].lower()
    return (
        any(part.startswith(".") for part in parts)
        or last.startswith("~$")
        or last.endswith(("~", ".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp"))
    )


def is_result(path: str, template: str) -> bool:
    """Whether its name is one that we give to results: by the mark, or as the file's own template has it."""
    name = PurePosixPath(path).name
    return MARK in name or (template != "" and _as_pattern(template).fullmatch(name) is not None)


def matches(path: str, patterns: Sequence[str]) -> bool:
    """By the name, or by the whole path where a pattern holds a slash; capitals make no difference."""
    lower = path.lower()
    name = lower.rpartition("/")[2]
    return any(fnmatchcase(lower if "/" in one else name, one.lower()) for one in patterns)


def template_problem(template: str) -> str:
    """Why `template` cannot name results; empty where it can."""
    if not template:
        return ""
    found = _PLACEHOLDER.findall(template)
    rest = _PLACEHOLDER.sub("", template)
    if any(name not in _PLACEHOLDERS for name in found) or "{" in rest or "}" in rest:
        return "may hold {name}, {stem} and {key}"
    if not found:
        return "must hold {name}, {stem} or {key}: all results would have one name"
    if "/" in rest or not is_safe(f"x{rest}"):
        return "must be the name of a file; say where it lies in `folder`"
    # A pattern that fits every name would make each document one of our results.
    return "" if rest.strip("._- ") else "must hold something that tells results from documents, such as .result"


def looks_like_documents(template: str, patterns: Sequence[str]) -> bool:
    """Whether results differ from documents by nothing: then each document would be passed over as one of ours."""
    rest = _PLACEHOLDER.sub("", template)
    return rest.startswith(".") and rest.count(".") == 1 and matches(f"x{rest}", patterns)


def result_path(template: str, folder: str, document: str, key: str) -> str:
    """Where the result about `document` lies: beside it, or in `folder` under the same path."""
    place = PurePosixPath(document)
    values = {"name": place.name, "stem": place.stem, "key": plain_name(key)}
    name = _PLACEHOLDER.sub(lambda found: values[found[1]], template)
    if len(name.encode()) > MAX_NAME_BYTES:
        name = f"{_digest(place.name)}{_PLACEHOLDER.sub('', template)}"
    return str(PurePosixPath(folder) / place.parent / name)


def plain_name(identifier: str) -> str:
    """A name for a file from whatever an item is called. Different items never get the same one."""
    plain = _UNFIT.sub("_", identifier)[:80].strip(" .")
    return plain if plain == identifier and plain else f"{plain or 'item'}-{_digest(identifier)}"


def _digest(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:12]


def _as_pattern(template: str) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(template)
    return re.compile("".join(".+" if place % 2 else re.escape(part) for place, part in enumerate(parts)), re.DOTALL)
