"""All that one item's page shows: the item, its draft, its decisions, and what the visitor may do."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from graftwork.apps.actors import Actor
from graftwork.apps.connectors.models import Delivery
from graftwork.apps.connectors.queries import deliveries_of
from graftwork.apps.desk.behind import Behind
from graftwork.apps.desk.diff import Comparison, comparison_of, name_of
from graftwork.apps.desk.fields_form import Node, leaves
from graftwork.apps.desk.grounds import ClaimShown, ExcerptShown, summary, to_check
from graftwork.apps.desk.item_fields import FieldShown, fields_shown
from graftwork.apps.desk.notices import NoticesShown, notices_shown
from graftwork.apps.desk.passage import PassageShown, kind_words, passage_of
from graftwork.apps.desk.queue import holder_name
from graftwork.apps.knowledge.queries import visible_sources
from graftwork.apps.work.models import CONTROL, Draft, Item, ItemState, Review
from graftwork.apps.work.queries import (
    access_item,
    draft_for,
    draft_grounds,
    draft_text,
    item_content,
    latest_draft,
    may_decide,
    progress_text,
    review_texts,
    shown_text,
)
from graftwork.apps.work.usecases import get_usecase
from graftwork.core.errors import UseCaseError
from graftwork.core.extraction.changes import field_changes
from graftwork.core.privacy.finding import KINDS
from graftwork.core.types import ItemContent
from graftwork.core.usecase import UseCase

# writing: no draft yet · edit: this visitor holds it · free: may be claimed · held: somebody else holds it
# decided: nothing left to do · view: not this visitor's to decide
Mode = Literal["writing", "edit", "free", "held", "decided", "view"]


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that holds, with its texts."""

    review: Review
    final: str | None
    note: str | None
    reason: str
    may_undo: bool
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class ReviewPage:
    item: Item
    use_case: UseCase | None
    broken_usecase: UseCaseError | None
    mode: Mode
    mine: bool
    holder: str
    fields: Sequence[FieldShown]
    draft: Draft | None
    before: str
    text: str
    comparison: Comparison
    decided: Decided | None
    progress: str
    excerpts: Sequence[ExcerptShown]
    claims: Sequence[ClaimShown] | None
    form: Node | None
    removed: Sequence[str]
    # A pilot keeps help from this item, or from this person.
    without_help: bool

    @property
    def is_grounded(self) -> bool:
        return self.use_case is not None and self.use_case.is_grounded

    @property
    def draws_on_sources(self) -> bool:
        return self.use_case is not None and bool(self.use_case.knowledge.sources)

    @property
    def to_check(self) -> int:
        return to_check(self.claims or ())

    @property
    def summary(self) -> str:
        return summary(self.claims or ())

    @property
    def is_json(self) -> bool:
        return self.use_case is not None and self.use_case.output.type == "json"

    @property
    def first_value(self) -> str:
        """The path of the first value of the form, for the key that goes there; empty where there is none."""
        return next((node.path for node in leaves(self.form)), "") if self.form else ""

    @property
    def values(self) -> Sequence[tuple[str, Node]]:
        """The values of a JSON text with their names, for reading."""
        return [(name_of(node.path), node) for node in leaves(self.form)] if self.form else ()

    @property
    def notices(self) -> Sequence[NoticesShown]:
        """Statements without support are counted beside the text, as it stands."""
        told_elsewhere = ("unsupported",) if self.claims is not None else ()
        return notices_shown(self.draft.notices, without=told_elsewhere) if self.draft else ()

    @property
    def deliveries(self) -> Sequence[Delivery]:
        """Where the decisions on this item go back to, and how far they have come."""
        return deliveries_of(self.item.pk) if self.decided else ()

    @property
    def title(self) -> str:
        return self.use_case.title if self.use_case else self.item.use_case

    @property
    def passage(self) -> PassageShown | None:
        return passage_of(self.draft) if self.draft else None

    @property
    def may_report_missed(self) -> bool:
        """Where nothing is masked, nothing can be missed."""
        return self.mode == "edit" and self.use_case is not None and self.use_case.has_managed_engine

    @property
    def missed_kinds(self) -> list[tuple[str, str]]:
        """(kind, words) of what a reviewer may report."""
        return sorted((kind, kind_words(kind, 1)) for kind in KINDS if kind != "literal")

    @property
    def claim_seconds(self) -> float:
        return self.use_case.review.claim_minutes * 60 if self.use_case else 0.0


def review_page(actor: Actor, item_id: UUID, now: datetime, *, posted: str | None = None) -> ReviewPage:
    """The page of one item for this actor. `posted` is a text that could not be stored: it stays in the editor."""
    item = access_item(actor, item_id)
    use_case, broken = _use_case(item)
    draft = draft_for(item, actor.user_id)
    content = item_content(item)
    known = behind(actor, item, draft, use_case, content) if draft else None
    before = known.before if known else ""
    reviews = list(item.reviews.select_related("reviewer", "draft").order_by("decided_at"))
    mode = _mode(actor, item, now)
    text = posted if posted is not None else _restored(actor, reviews, before)
    decided = _decided(actor, use_case, reviews, before if draft else None, now)
    read = as_shown(use_case, decided.final) if decided and decided.final is not None else text
    return ReviewPage(
        item=item,
        use_case=use_case,
        broken_usecase=broken,
        mode=mode,
        mine=_is_mine(actor, item, now),
        holder=holder_name(item, now),
        fields=fields_shown(use_case, content, known.grounds if known else None),
        draft=draft,
        before=before,
        text=text,
        comparison=comparison_of(use_case, before if draft else None, text),
        decided=decided,
        progress=progress_text(item) if mode == "writing" else "",
        excerpts=known.excerpts() if known else (),
        claims=known.claims(read) if known else None,
        form=known.form(read) if known else None,
        removed=known.grounds.removed if known and known.grounds else (),
        without_help=item.arm == CONTROL or (draft is None and item.drafts.exists()),
    )


def behind(actor: Actor, item: Item, draft: Draft, use_case: UseCase | None, content: ItemContent) -> Behind:
    """What stands behind a draft of `item`, for this actor."""
    before = as_shown(use_case, shown_text(actor, item, draft))
    grounds = draft_grounds(item, draft)
    sources = {one.source for one in grounds.excerpts if not one.of_item} if grounds else ()
    readable = [source.name for source in visible_sources(actor)] if sources else ()
    return Behind(use_case, content, grounds, before, readable)


def as_shown(use_case: UseCase | None, text: str) -> str:
    """JSON is laid out for people to read; what is no JSON stays as it is, so that they can mend it."""
    if use_case is None or use_case.output.type != "json":
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def as_stored(use_case: UseCase, before: str, text: str) -> str:
    """The text of a decision. How JSON is laid out and in which order is no edit: it is stored as the draft was."""
    if text.strip() == as_shown(use_case, before).strip():
        return before
    if use_case.output.type != "json":
        return text
    try:
        value = json.loads(text)
        return json.dumps(value, ensure_ascii=False) if field_changes(_loaded(before), value) else before
    except (ValueError, RecursionError):
        return text


def _loaded(text: str) -> Any:
    """The JSON of a draft; what is none is different from all JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return object()


def posted_as_stored(item: Item, text: str) -> str:
    use_case = get_usecase(item.use_case)
    draft = latest_draft(item) if use_case.output.type == "json" else None
    return as_stored(use_case, draft_text(item, draft), text) if draft else text


def _use_case(item: Item) -> tuple[UseCase | None, UseCaseError | None]:
    try:
        return get_usecase(item.use_case), None
    except UseCaseError as error:
        return None, error


def _is_mine(actor: Actor, item: Item, now: datetime) -> bool:
    return item.claimed_by_id == actor.user_id and item.claim_expires_at is not None and item.claim_expires_at > now


def _mode(actor: Actor, item: Item, now: datetime) -> Mode:
    if item.state == ItemState.DECIDED:
        return "decided"
    if item.state in (ItemState.WAITING, ItemState.DRAFTING):
        return "writing"
    if not may_decide(actor, item):
        return "view"
    if _is_mine(actor, item, now):
        return "edit"
    return "held" if holder_name(item, now) else "free"


def _restored(actor: Actor, reviews: Sequence[Review], before: str) -> str:
    """What the reviewer had typed when they took their decision back; else what the model wrote."""
    last = reviews[-1] if reviews else None
    if last is None or last.undone_at is None or last.reviewer_id != actor.user_id:
        return before
    final = review_texts(last).final
    return before if final is None else final


def _decided(
    actor: Actor, use_case: UseCase | None, reviews: Sequence[Review], before: str | None, now: datetime
) -> Decided | None:
    standing = [review for review in reviews if review.undone_at is None]
    if not standing:
        return None
    review = standing[-1]
    texts = review_texts(review)
    reasons = {reason.code: reason.label for reason in use_case.review.reasons} if use_case else {}
    may_undo = review.reviewer_id == actor.user_id and now < review.effective_at
    return Decided(
        review,
        texts.final,
        texts.note,
        reasons.get(review.reason, review.reason),
        may_undo,
        comparison_of(use_case, before, as_shown(use_case, texts.final or "")),
    )
