"""What a person changed so far, for the live comparison: the same code that stores the edits of a decision."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from graftwork.core.edits import Edit, edit_script, share_rewritten, words
from graftwork.core.extraction.changes import field_changes
from graftwork.core.usecase import UseCase

# The table behind the script takes a bit for each pair of words: 10,000 by 10,000 are 12 MB, a moment's work.
MOST_WORDS = 10_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """`edits` and `share` are `None` where there is nothing to compare with, or too much of it."""

    status: str
    edits: Sequence[Edit] | None = None
    share: float | None = None
    field_changes: Sequence["FieldEdit"] = ()

    @property
    def changed(self) -> bool:
        return self.edits is not None and any(edit.operation != "keep" for edit in self.edits)


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """One value of a JSON draft that a person changed, in words. `None` is a value that was not there."""

    name: str
    before: str | None
    after: str | None


def comparison_of(use_case: UseCase | None, before: str | None, text: str) -> Comparison:
    """The comparison for a draft of `use_case`: by values where both are JSON, else by words."""
    compared = compare(before, text)
    if use_case is None or use_case.output.type != "json" or before is None or not compared.changed:
        return compared
    try:
        changes = field_changes(json.loads(before), json.loads(text))
    except ValueError:
        return compared
    status = f"Edited: {len(changes)} value{'' if len(changes) == 1 else 's'} changed." if changes else "Unchanged."
    shown = [
        FieldEdit(
            name_of(change.path),
            None if change.kind == "added" else _value(change.before),
            None if change.kind == "removed" else _value(change.after),
        )
        for change in changes
    ]
    return replace(compared, status=status, field_changes=shown)


def name_of(path: str) -> str:
    """A JSON pointer as people read it: `/diagnoses/0/name` reads "diagnoses 1, name"."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    words: list[str] = []
    for step in steps:
        if step.isdigit() and words:
            words[-1] += f" {int(step) + 1}"
        else:
            words.append(step.replace("_", " "))
    return ", ".join(words)


def _value(value: Any) -> str:
    if value is None:
        return "(empty)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def compare(before: str | None, text: str) -> Comparison:
    final = text.strip()
    if before is None:
        return Comparison("There is no draft to compare with.")
    if max(len(words(before)), len(words(final))) > MOST_WORDS:
        return Comparison("The text is too long to compare while you type; the changes are stored with your decision.")
    edits, share = edit_script(before, final), share_rewritten(before, final)
    if all(edit.operation == "keep" for edit in edits):
        return Comparison("Unchanged.", edits, share)
    return Comparison(f"Edited: {_percent(share)} of the words rewritten.", for_reading(edits), share)


def for_reading(edits: Sequence[Edit]) -> list[Edit]:
    """The same script with what was deleted in one place before what stands there now, so that a sentence can be read.

    A mere space between two changes belongs to both of them.
    """
    script: list[Edit] = []
    deleted = inserted = ""
    for position, edit in enumerate(edits):
        if edit.operation == "delete":
            deleted += edit.text
        elif edit.operation == "insert":
            inserted += edit.text
        elif edit.text.isspace() and deleted + inserted and position + 1 < len(edits):
            deleted, inserted = deleted + edit.text, inserted + edit.text
        else:
            script += [*_change(deleted, inserted), edit]
            deleted = inserted = ""
    return [*script, *_change(deleted, inserted)]


def _change(deleted: str, inserted: str) -> list[Edit]:
    edits = [Edit("delete", deleted), Edit("insert", inserted)]
    return [edit for edit in edits if edit.text]


def _percent(share: float) -> str:
    return "under 1 %" if 0 < share < 0.01 else f"{share:.0%}".replace("%", " %")
