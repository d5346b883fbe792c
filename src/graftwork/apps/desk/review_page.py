"""All that one item's page shows: the item, its draft, its decisions, and what the visitor may do."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from graftwork.apps.actors import Actor
from graftwork.apps.desk.diff import Comparison, comparison_of
from graftwork.apps.desk.fields_form import Node, form_of
from graftwork.apps.desk.grounds import (
    ClaimShown,
    ExcerptShown,
    Piece,
    claims_shown,
    evidence_lights,
    excerpts_shown,
    field_pieces,
)
from graftwork.apps.desk.passage import PassageShown, kind_words, passage_of
from graftwork.apps.desk.queue import holder_name
from graftwork.apps.knowledge.queries import visible_sources
from graftwork.apps.work.models import Draft, Item, ItemState, Review
from graftwork.apps.work.queries import (
    access_item,
    draft_grounds,
    draft_text,
    item_content,
    latest_draft,
    may_decide,
    progress_text,
    review_texts,
)
from graftwork.apps.work.usecases import get_usecase
from graftwork.core.errors import UseCaseError
from graftwork.core.grounding import recheck
from graftwork.core.privacy.finding import KINDS
from graftwork.core.prompt import plain
from graftwork.core.types import FieldValue, Grounds, ItemContent, Turn
from graftwork.core.usecase import UseCase

# writing: no draft yet · edit: this visitor holds it · free: may be claimed · held: somebody else holds it
# decided: nothing left to do · view: not this visitor's to decide
Mode = Literal["writing", "edit", "free", "held", "decided", "view"]


TURNS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class FieldShown:
    """One field of the item. `pieces` are its text, with what the draft was taken from lit; a thread has none."""

    name: str
    label: str
    value: FieldValue
    pieces: Sequence[Piece] = ()

    @property
    def is_thread(self) -> bool:
        return isinstance(self.value, tuple)

    @property
    def earlier(self) -> Sequence[Turn]:
        """The turns of a long thread that are folded away; to fold a single one would save nothing."""
        turns = self._turns
        return turns[:-TURNS_SHOWN] if len(turns) > TURNS_SHOWN + 1 else ()

    @property
    def latest(self) -> Sequence[Turn]:
        return self._turns[len(self.earlier) :]

    @property
    def _turns(self) -> Sequence[Turn]:
        return self.value if isinstance(self.value, tuple) else ()


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
    grounds: Grounds | None
    excerpts: Sequence[ExcerptShown]
    claims: Sequence[ClaimShown] | None
    form: Node | None

    @property
    def is_grounded(self) -> bool:
        return self.use_case is not None and self.use_case.is_grounded

    @property
    def draws_on_sources(self) -> bool:
        return self.use_case is not None and bool(self.use_case.knowledge.sources)

    @property
    def unsupported(self) -> int:
        return sum(claim.support == "unsupported" for claim in self.claims or ())

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
    draft = latest_draft(item)
    before = as_shown(use_case, draft_text(item, draft)) if draft else ""
    reviews = list(item.reviews.select_related("reviewer", "draft").order_by("decided_at"))
    mode = _mode(actor, item, now)
    text = posted if posted is not None else _restored(actor, reviews, before)
    content = item_content(item)
    grounds = draft_grounds(item, draft) if draft else None
    return ReviewPage(
        item=item,
        use_case=use_case,
        broken_usecase=broken,
        mode=mode,
        mine=_is_mine(actor, item, now),
        holder=holder_name(item, now),
        fields=_fields(use_case, content, grounds),
        draft=draft,
        before=before,
        text=text,
        comparison=comparison_of(use_case, before if draft else None, text),
        decided=_decided(actor, use_case, reviews, before if draft else None, now),
        progress=progress_text(item) if mode == "writing" else "",
        grounds=grounds,
        excerpts=excerpts_shown(grounds, [source.name for source in visible_sources(actor)]) if grounds else (),
        claims=checked_claims(use_case, content, grounds, text, before) if mode == "edit" else None,
        form=_form(use_case, content, grounds, text) if mode == "edit" else None,
    )


def checked_claims(
    use_case: UseCase | None, content: ItemContent, grounds: Grounds | None, text: str, before: str
) -> list[ClaimShown] | None:
    """The statements of `text` and what stands behind them; `None` where they are not checked.

    Those of the draft were checked when it was made; an edited text is checked against the same passages again.
    """
    if use_case is None or grounds is None or use_case.grounded_in == "none" or use_case.output.type == "json":
        return None
    claims = grounds.claims if text == before else recheck(use_case, text, content, grounds)
    return claims_shown(text, claims, grounds.excerpts, texts_of(content))


def texts_of(content: ItemContent) -> dict[str, str]:
    return {name: plain(value) for name, value in content.fields.items()}


def _form(use_case: UseCase | None, content: ItemContent, grounds: Grounds | None, text: str) -> Node | None:
    if use_case is None or use_case.output.type != "json":
        return None
    return form_of(use_case.output.json_schema, text, evidence_lights(grounds, texts_of(content)))


def as_shown(use_case: UseCase | None, text: str) -> str:
    """JSON is laid out for people to read; what is no JSON stays as it is, so that they can mend it."""
    if use_case is None or use_case.output.type != "json":
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def as_stored(use_case: UseCase, before: str, text: str) -> str:
    """The text of a decision. How JSON was laid out for reading is no edit, so it is stored as the draft was."""
    if text.strip() == as_shown(use_case, before).strip():
        return before
    try:
        return json.dumps(json.loads(text), ensure_ascii=False) if use_case.output.type == "json" else text
    except ValueError:
        return text


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


def _fields(use_case: UseCase | None, content: ItemContent, grounds: Grounds | None) -> list[FieldShown]:
    labels = {name: spec.label for name, spec in use_case.input.fields.items()} if use_case else {}
    shown = [
        FieldShown(
            name,
            labels.get(name) or name.replace("_", " ").capitalize(),
            value,
            () if isinstance(value, tuple) else field_pieces(plain(value), name, grounds, content.pages.get(name, ())),
        )
        for name, value in content.fields.items()
        if value is not None
    ]
    return sorted(shown, key=lambda field: field.is_thread)


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
