"""From the rows of a request to items, and what is answered about each."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from graftwork.api.schemas.common import is_text
from graftwork.api.schemas.items import BatchCreated, BatchIn, ItemCreated, ItemIn, RowResult
from graftwork.apps.actors import Actor
from graftwork.apps.work.actions.items import Created, create_items
from graftwork.apps.work.usecases import get_usecase
from graftwork.core.errors import RequestInvalid, RowRejected
from graftwork.core.items import NewItem, read_row
from graftwork.core.usecase import UseCase


def create_one(actor: Actor, body: ItemIn) -> dict[str, Any]:
    use_case = get_usecase(body.use_case)
    try:
        row = _read(use_case, body.item, 1)
    except RowRejected as error:
        raise RequestInvalid("item", error.reason) from None
    [made] = create_items(actor, use_case, [row], timezone.now())
    shown = ItemCreated(
        result=_result(made), id=made.item_id, external_id=made.external_id, differs=made.differs
    )  # fmt: skip
    return {"status": 201 if made.created else 200, "body": shown.model_dump(mode="json")}


def create_batch(actor: Actor, body: BatchIn) -> dict[str, Any]:
    use_case = get_usecase(body.use_case)
    good: dict[int, NewItem] = {}
    rows: dict[int, RowResult] = {}
    for number, raw in enumerate(body.items, 1):
        try:
            good[number] = _read(use_case, raw, number)
        except RowRejected as error:
            rows[number] = RowResult(row=number, result="rejected", reason=error.reason)
    for number, made in zip(good, create_items(actor, use_case, list(good.values()), timezone.now()), strict=True):
        rows[number] = RowResult(
            row=number, result=_result(made), id=made.item_id, external_id=made.external_id, differs=made.differs
        )
    results = [row.result for row in rows.values()]
    counts = {result: results.count(result) for result in ("created", "exists", "rejected")}
    answer = BatchCreated(**counts, rows=[rows[number] for number in sorted(rows)])
    return {"status": 200, "body": answer.model_dump(mode="json")}


def _read(use_case: UseCase, raw: Any, number: int) -> NewItem:
    """`read_row`, but the number of a row cannot stand in for its id: the next request counts from 1 again."""
    if not isinstance(raw, Mapping):
        raise RowRejected(number, "must be an object")
    if raw.get(use_case.input.id) in (None, ""):
        raise RowRejected(number, f"`{use_case.input.id}` is missing: the item's id in the system it comes from")
    try:
        item = read_row(use_case, raw, line=number)
    except OverflowError:
        raise RowRejected(number, "holds a number that is too large") from None
    for column, text in ((use_case.input.id, item.external_id), (use_case.input.thread, item.thread)):
        if not is_text(text):
            raise RowRejected(number, f"`{column}` holds half of a surrogate pair, which is not text")
    return item


def _result(made: Created) -> Any:
    return "created" if made.created else "exists"
