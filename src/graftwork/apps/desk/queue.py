"""One page of the queue, whatever its length: found through the index, read by key, decrypted for its rows only.

A lane is one use case in one state: the index (use_case, state, id) holds each lane in order. A page is merged from the
heads of the lanes that are wanted, so neither a rare state nor the hundredth page reads what it does not show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from graftwork.apps.actors import Actor
from graftwork.apps.work.models import Item, ItemState
from graftwork.apps.work.queries import QueueFilter, item_content, may_decide, visible_items
from graftwork.core.errors import StoreError
from graftwork.core.types import FieldValue, ItemContent

PAGE_ITEMS = 25
PREVIEW_CHARACTERS = 160
SUBJECT_CHARACTERS = 100

Lane = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page stands: right after one item, or right before one."""

    item_id: UUID
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    item: Item
    subject: str
    preview: str
    holder: str
    may_decide: bool


@dataclass(frozen=True, slots=True)
class QueuePage:
    rows: Sequence[Row]
    newer: UUID | None
    older: UUID | None


def lane_counts(actor: Actor) -> dict[Lane, int]:
    """How many items lie in each lane that this person may see; lanes without items are not there."""
    rows = visible_items(actor).order_by().values_list("use_case", "state").annotate(number=Count("pk"))
    return {(use_case, state): number for use_case, state, number in rows}


def counts_by_state(lanes: Mapping[Lane, int], use_case: str | None) -> dict[ItemState, int]:
    return {
        state: sum(number for lane, number in lanes.items() if lane[1] == state and use_case in (None, lane[0]))
        for state in ItemState
    }


def queue_page(
    actor: Actor, wanted: QueueFilter, lanes: Mapping[Lane, int], now: datetime, cursor: Cursor | None = None
) -> QueuePage:
    """The rows after (or before) the cursor, oldest first, and the cursors of the pages beside it."""
    backwards = cursor is not None and cursor.backwards
    ids = _page_ids(actor, wanted, lanes, cursor)
    more, ids = len(ids) > PAGE_ITEMS, sorted(ids[:PAGE_ITEMS])
    there = {item.pk: item for item in _whole(visible_items(actor).filter(pk__in=ids))}
    rows = [_row(actor, there[pk], now) for pk in ids if pk in there]
    if not rows:
        return QueuePage([], None, None)
    return QueuePage(
        rows,
        newer=rows[-1].item.pk if more or backwards else None,
        older=rows[0].item.pk if (more and backwards) or (cursor is not None and not backwards) else None,
    )


def preview(content: ItemContent) -> str:
    """The beginning of the last message, or of the longest text, on one line."""
    field = _main_field(content)
    line = _one_line(_last_text(content.fields[field])) if field else ""
    return line if len(line) <= PREVIEW_CHARACTERS else f"{line[:PREVIEW_CHARACTERS].rstrip()}…"


def subject(content: ItemContent) -> str:
    """The short texts beside the one that is previewed, such as a subject."""
    main = _main_field(content)
    texts = [_one_line(value) for name, value in content.fields.items() if name != main and isinstance(value, str)]
    return " · ".join(text for text in texts if text and len(text) <= SUBJECT_CHARACTERS)


def holder_name(item: Item, now: datetime) -> str:
    """Who holds a claim that counts, or nothing."""
    held = item.claimed_by is not None and item.claim_expires_at is not None and item.claim_expires_at > now
    return item.claimed_by.get_username() if held and item.claimed_by else ""


def _page_ids(actor: Actor, wanted: QueueFilter, lanes: Mapping[Lane, int], cursor: Cursor | None) -> list[UUID]:
    """Up to one more id than a page has, in the direction of the cursor."""
    backwards = cursor is not None and cursor.backwards
    order = "-pk" if backwards else "pk"
    heads = [
        _beyond(_narrowed(visible_items(actor), actor, wanted).filter(use_case=use_case, state=state), cursor)
        .order_by(order)
        .values("pk")[: PAGE_ITEMS + 1]
        for use_case, state in sorted(lanes)
        if wanted.use_case in (None, use_case) and wanted.state in (None, state)
    ]
    if not heads:
        return []
    # SQLite takes no LIMIT in an arm of a UNION, but does in a subquery of one.
    first, *others = (Item.objects.filter(pk__in=head).order_by().values_list("pk", flat=True) for head in heads)
    merged = first.union(*others, all=True) if others else first
    return list(merged.order_by("id" if order == "pk" else "-id")[: PAGE_ITEMS + 1])


def _narrowed(items: QuerySet[Item], actor: Actor, wanted: QueueFilter) -> QuerySet[Item]:
    if wanted.mine:
        items = items.filter(pk__in=Item.objects.filter(claimed_by=actor.user_id).order_by().values("pk"))
    if wanted.external_id:
        items = items.filter(external_id__startswith=wanted.external_id)
    return items


def _beyond(items: QuerySet[Item], cursor: Cursor | None) -> QuerySet[Item]:
    if cursor is None:
        return items
    return items.filter(pk__lt=cursor.item_id) if cursor.backwards else items.filter(pk__gt=cursor.item_id)


def _whole(items: QuerySet[Item]) -> QuerySet[Item]:
    return items.select_related("scope_key", "claimed_by").order_by("pk")


def _row(actor: Actor, item: Item, now: datetime) -> Row:
    about = ""
    try:
        content = item_content(item)
        about, text = subject(content), preview(content)
    except StoreError as error:
        # One row that cannot be read must not hide the others.
        text = f"cannot be shown ({error.code})"
    return Row(item, about, text, holder_name(item, now), may_decide(actor, item))


def _main_field(content: ItemContent) -> str | None:
    """The first thread that says something; else the longest text."""
    texts = {name: text for name, value in content.fields.items() if (text := _last_text(value))}
    threads = [name for name in texts if isinstance(content.fields[name], tuple)]
    return threads[0] if threads else max(texts, key=lambda name: len(texts[name]), default=None)


def _one_line(text: str) -> str:
    return " ".join(text[: PREVIEW_CHARACTERS * 4].split())


def _last_text(value: FieldValue) -> str:
    if isinstance(value, tuple):
        return value[-1].text if value else ""
    return value if isinstance(value, str) else ""
