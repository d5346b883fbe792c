"""Rules by path or column: `customer.name = person`, `*.notes = detect`, `id = keep`."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import cast

from graftwork.core.errors import RulesInvalid, did_you_mean
from graftwork.core.privacy.finding import KINDS
from graftwork.core.privacy.forms.columns import kind_of_path
from graftwork.core.privacy.forms.rewriter import Rule

_WORDS: tuple[str, ...] = (*KINDS, "detect", "keep")
KEYS = "@keys"
_CACHED_PATHS = 4_096


class Rules:
    """What the user says about paths; where nothing is said, the name of the column or key, else detection.

    A pattern is names joined by dots. `*` is one name, `**` any number of them; a pattern of one name holds at any
    depth. Rows of a list have no name. The last pattern that fits wins. `orders.@keys` stands for the keys of an
    object instead of its values. `by_name=False` switches the reading of names off.
    """

    def __init__(self, patterns: Mapping[str, Rule] | None = None, *, by_name: bool = True) -> None:
        self._patterns = [(_compiled(pattern), rule) for pattern, rule in reversed(list((patterns or {}).items()))]
        self._by_name = by_name
        self._cached = lru_cache(_CACHED_PATHS)(self._of)  # a path is asked for in each row

    def of(self, path: tuple[str, ...]) -> Rule:
        """The rule of the value at `path` (names of keys, or one column)."""
        return self._cached(path)

    def of_keys(self, path: tuple[str, ...]) -> Rule:
        """The rule of the keys of the object at `path`: kept unless a pattern says otherwise."""
        return self._said((*path, KEYS)) or "keep"

    def _of(self, path: tuple[str, ...]) -> Rule:
        return self._said(path) or (kind_of_path(path) if self._by_name else None) or "detect"

    def _said(self, path: tuple[str, ...]) -> Rule | None:
        return next((rule for pattern, rule in self._patterns if _fits(pattern, path)), None)


def load_rules(file: Path) -> Rules:
    """Rules from TOML: `[rules]` holds patterns, `by_name = false` switches the reading of names off.

    Raises `RulesInvalid`.
    """
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise RulesInvalid(str(file), "file", "is not TOML in UTF-8") from None
    for key in data.keys() - {"rules", "by_name"}:
        raise RulesInvalid(str(file), key, f"is not known here{did_you_mean(key, ['rules', 'by_name'])}")
    by_name, table = data.get("by_name", True), data.get("rules", {})
    if not isinstance(by_name, bool):
        raise RulesInvalid(str(file), "by_name", "must be true or false")
    if not isinstance(table, dict):
        raise RulesInvalid(str(file), "rules", "must be a table")
    return Rules({pattern: _rule(file, pattern, word) for pattern, word in _flat(table)}, by_name=by_name)


def _flat(table: Mapping[str, object], prefix: str = "") -> list[tuple[str, object]]:
    """TOML reads `customer.name = "person"` as a table in a table; here it is a path."""
    found: list[tuple[str, object]] = []
    for key, value in table.items():
        path = f"{prefix}{key}"
        found += _flat(value, f"{path}.") if isinstance(value, dict) else [(path, value)]
    return found


def _rule(file: Path, pattern: str, word: object) -> Rule:
    if not isinstance(word, str) or word not in _WORDS:
        near = did_you_mean(word, list(_WORDS)) if isinstance(word, str) else ""
        raise RulesInvalid(str(file), pattern, f"must be a kind, `detect` or `keep`{near}")
    return cast("Rule", word)


def _compiled(pattern: str) -> tuple[str, ...]:
    parts = tuple(pattern.split("."))
    return ("**", *parts) if len(parts) == 1 else parts


def _fits(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(_fits(pattern[1:], path[start:]) for start in range(len(path) + 1))
    return bool(path) and pattern[0] in ("*", path[0]) and _fits(pattern[1:], path[1:])
