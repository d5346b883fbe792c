"""The desk's single-key shortcuts, and what a person made of them: they can be changed or put out (WCAG 2.2, 2.1.4)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

ShortcutName = Literal["send", "edit", "reject", "escalate", "missed", "undo", "next", "search", "help"]
NAMES: tuple[ShortcutName, ...] = get_args(ShortcutName)
DEFAULT_KEYS: Mapping[ShortcutName, str] = {
    "send": "s",
    "edit": "e",
    "reject": "r",
    "escalate": "x",
    "missed": "m",
    "undo": "u",
    "next": "n",
    "search": "/",
    "help": "?",
}
LABELS: Mapping[ShortcutName, str] = {
    "send": "Send the text as it stands",
    "edit": "Go to the editor",
    "reject": "Reject the draft",
    "escalate": "Escalate the item",
    "missed": "Report the selected value as not masked",
    "undo": "Undo the last decision",
    "next": "Next item, without deciding",
    "search": "Search the queue",
    "help": "Show these shortcuts",
}


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """The keys of one person; none of them works while `enabled` is false."""

    keys: Mapping[ShortcutName, str]
    enabled: bool = True

    def rows(self) -> list[tuple[ShortcutName, str, str]]:
        """(name, label, key) of each, in the order in which they are listed."""
        return [(name, LABELS[name], self.keys[name]) for name in NAMES]

    def as_json(self) -> str:
        """Name by key, as the page's script reads it; nothing where single keys are switched off."""
        return json.dumps({key: name for name, key in self.keys.items()} if self.enabled else {})


def from_stored(keys: Mapping[str, str], *, enabled: bool) -> Shortcuts:
    """What was stored, completed by the defaults; a shortcut that no longer exists is passed over."""
    return Shortcuts({name: keys.get(name, DEFAULT_KEYS[name]) for name in NAMES}, enabled)


def key_problems(keys: Mapping[ShortcutName, str]) -> dict[ShortcutName, str]:
    """What is wrong with a choice of keys, by shortcut; empty where nothing is."""
    problems: dict[ShortcutName, str] = {}
    taken: dict[str, ShortcutName] = {}
    for name in NAMES:
        key = keys[name]
        if len(key) != 1 or not key.isprintable() or key.isspace():
            problems[name] = "Give one visible character, such as a letter or a digit."
        elif key in taken:
            problems[name] = f"{key} is already the key of “{LABELS[taken[key]]}”."
        taken.setdefault(key, name)
    return problems
