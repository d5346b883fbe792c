"""What an import would do, before it does anything: the first items as they would be stored, and counts of the rest."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from graftwork.apps.connectors.models import Upload
from graftwork.apps.connectors.uploads.matching import read_mapped
from graftwork.apps.connectors.uploads.queries import Plan, content_of, file_name, id_prefix
from graftwork.apps.connectors.uploads.table import open_table, read_rows
from graftwork.apps.work.models import Item
from graftwork.core.errors import InputError, RowRejected
from graftwork.core.intake.row import Row
from graftwork.core.items import NewItem
from graftwork.core.types import FieldValue
from graftwork.core.usecase import UseCase

SHOWN_ITEMS = 10
# A page must not take longer to come; what lies behind is told when it is imported.
COUNTED_ROWS = 20_000
COUNTED_SECONDS = 4.0
_LOOKED_UP_AT_ONCE = 500
_SHOWN_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of an item as a preview shows it: `cut` characters more are stored than shown."""

    label: str
    text: str
    cut: int = 0


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row with what it would be stored as, or with the `problem` for which it would be refused."""

    line: int
    external_id: str = ""
    thread: str = ""
    cells: Sequence[Cell] = ()
    problem: str = ""


@dataclass(slots=True)
class Preview:
    """`known` and `repeated` are among `rows`, and are no mistakes: what is there already is not stored again.

    `complete` is false where only the first rows were counted. `broken` says why reading ended early.
    """

    shown: list[ShownRow]
    rows: int = 0
    refused: int = 0
    known: int = 0
    repeated: int = 0
    complete: bool = True
    broken: str = ""

    @property
    def new(self) -> int:
        return self.rows - self.refused - self.known - self.repeated

    @property
    def may_bring_items(self) -> bool:
        """What was not counted may hold something new."""
        return self.new > 0 or not self.complete


def preview_of(upload: Upload, use_case: UseCase, plan: Plan) -> Preview:
    """Reads the file anew under the columns that are chosen now."""
    content, name = content_of(upload), file_name(upload)
    file, _ = open_table(plan.table, content, name)
    prefix, preview = id_prefix(content), Preview([])
    ends, seen, pending = time.monotonic() + COUNTED_SECONDS, set[str](), list[str]()
    try:
        for row in read_rows(plan.table, file, name):
            is_late = time.monotonic() > ends and preview.rows >= SHOWN_ITEMS  # a large workbook takes long to open
            if preview.rows >= COUNTED_ROWS or is_late:
                preview.complete = False
                break
            _count(preview, row, use_case, plan, prefix, seen, pending)
            if len(pending) >= _LOOKED_UP_AT_ONCE:
                preview.known += _known(use_case, pending)
                pending.clear()
    except InputError as error:
        preview.broken = error.message
    preview.known += _known(use_case, pending)
    return preview


def _count(
    preview: Preview, row: Row, use_case: UseCase, plan: Plan, prefix: str, seen: set[str], pending: list[str]
) -> None:
    preview.rows += 1
    try:
        item = read_mapped(use_case, plan.matching, row, prefix)
    except RowRejected as error:
        preview.refused += 1
        shown = ShownRow(row.line, problem=error.reason)
    else:
        if item.external_id in seen:
            preview.repeated += 1
        else:
            seen.add(item.external_id)
            pending.append(item.external_id)
        shown = _shown(use_case, row.line, item) if len(preview.shown) < SHOWN_ITEMS else ShownRow(row.line)
    if len(preview.shown) < SHOWN_ITEMS:
        preview.shown.append(shown)


def _shown(use_case: UseCase, line: int, item: NewItem) -> ShownRow:
    cells = [_cell(spec.label or name, item.content.fields[name]) for name, spec in use_case.input.fields.items()]
    return ShownRow(line, item.external_id, item.thread, cells)


def _cell(label: str, value: FieldValue) -> Cell:
    if isinstance(value, tuple):
        text = "\n\n".join(f"{turn.speaker}: {turn.text}" for turn in value)
    else:
        text = "" if value is None else str(value)
    return Cell(label, text[:_SHOWN_CHARACTERS], max(0, len(text) - _SHOWN_CHARACTERS))


def _known(use_case: UseCase, external_ids: Sequence[str]) -> int:
    if not external_ids:
        return 0
    return Item.objects.filter(use_case=use_case.name, external_id__in=external_ids).count()
