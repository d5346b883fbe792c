"""Reading items, drafts and reviews. Every read of one item goes through `access_item`."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from graftwork.apps.actors import Actor
from graftwork.apps.keyring import keyring
from graftwork.apps.knowledge.models import Source
from graftwork.apps.vault.sealing import unwrap
from graftwork.apps.work import content as stored
from graftwork.apps.work import grounds, hooks
from graftwork.apps.work.models import Draft, DraftProgress, Item, ItemState, Review, SeededDraft
from graftwork.apps.work.usecases import all_usecases, get_usecase, unreadable_groups
from graftwork.core.edits import Edit
from graftwork.core.errors import NotFound, UseCaseError
from graftwork.core.types import Grounds, ItemContent
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_tables import Role

READ_ALL_ROLES: tuple[Role, ...] = ("admin", "ops", "owner", "compliance")
SETTLE_ROLES: tuple[Role, ...] = ("admin", "ops", "owner")


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What a person looks for in the queue; `None` means any."""

    use_case: str | None = None
    state: ItemState | None = None
    mine: bool = False
    external_id: str = ""


def may_review(actor: Actor, use_case: str) -> bool:
    """Whether this person has the role and the group that the use case asks for; nobody has where it is unreadable."""
    try:
        return _reviews(actor, get_usecase(use_case))
    except UseCaseError:
        return False


def _reviews(actor: Actor, use_case: UseCase) -> bool:
    return actor.may_act_as(use_case.review.role) and _is_open_to(actor, use_case)


def _is_open_to(actor: Actor, use_case: UseCase) -> bool:
    """Whether this person may see what the drafts of `use_case` draw on: no role stands for the group."""
    return actor.belongs_to_any([use_case.review.group] if use_case.review.group else [])


def may_settle_escalations(actor: Actor) -> bool:
    return any(role in actor.roles for role in SETTLE_ROLES)


def may_decide(actor: Actor, item: Item) -> bool:
    """Whether this person may decide on this item: its reviewers do, and after an escalation those who settle them."""
    if item.state == ItemState.ESCALATED:
        return may_settle_escalations(actor) and item.use_case not in _closed_usecases(actor)
    return may_review(actor, item.use_case)


def reviewable_usecases(actor: Actor) -> list[str]:
    return [use_case.name for use_case in all_usecases()[0] if _reviews(actor, use_case)]


def open_for_review(actor: Actor, use_case: str | None = None) -> QuerySet[Item]:
    """What this actor may decide on and nobody has decided, whoever holds it; of one use case, or of all."""
    names = [name for name in reviewable_usecases(actor) if use_case in (None, name)]
    wanted = Q(use_case__in=names, state__in=(ItemState.READY, ItemState.FAILED))
    if may_settle_escalations(actor):
        every = [
            found.name for found in all_usecases()[0] if use_case in (None, found.name) and _is_open_to(actor, found)
        ]
        wanted |= Q(use_case__in=every, state=ItemState.ESCALATED)
    return Item.objects.filter(wanted)


def visible_usecases(actor: Actor) -> list[UseCase]:
    """The use cases whose items this actor may see; one whose file cannot be read is left out."""
    return [
        use_case
        for use_case in all_usecases()[0]
        if (_reads_all(actor) and _is_open_to(actor, use_case)) or _reviews(actor, use_case)
    ]


def _reads_all(actor: Actor) -> bool:
    return any(role in actor.roles for role in READ_ALL_ROLES)


def closed_usecases(actor: Actor) -> list[str]:
    """The use cases that are open to a group of which this actor is not, whatever their role."""
    return _closed_usecases(actor)


def visible_items(actor: Actor) -> QuerySet[Item]:
    """All items for those who answer for the whole; for a reviewer those of their use cases."""
    if _reads_all(actor):
        return Item.objects.exclude(use_case__in=_closed_usecases(actor))
    return Item.objects.filter(use_case__in=reviewable_usecases(actor))


def _closed_usecases(actor: Actor) -> list[str]:
    """A file that cannot be read is closed to who is not in every group that it names."""
    found = all_usecases()[0]
    closed = [use_case.name for use_case in found if not _is_open_to(actor, use_case)]
    unreadable = unreadable_groups({use_case.name for use_case in found}).items()
    return closed + [name for name, groups in unreadable if not all(actor.belongs_to_any([one]) for one in groups)]


def access_item(actor: Actor, item_id: UUID) -> Item:
    """The one door to an item. Raises `NotFound` where it is not there or not for this actor, without telling which."""
    item = visible_items(actor).select_related("scope_key").filter(pk=item_id).first()
    if item is None:
        raise NotFound("item", str(item_id))
    return item


def item_content(item: Item) -> ItemContent:
    return stored.parse(unwrap(item.scope_key, keyring()).unseal(item.content_sealed, item.content_label))


def open_drafts(actor: Actor, item: Item) -> list[Draft]:
    """The drafts of `item`, first draft first, without those that drew on a source that is closed to this actor now."""
    sources = Source.objects.values_list("name", "groups")
    closed = [grounds.mentions(name) for name, groups in sources if not actor.belongs_to_any(groups)]
    drafts = item.drafts.order_by("number") if not hooks.withheld(item, actor.user_id) else ()
    return [draft for draft in drafts if not any(mention in draft.drew_on for mention in closed)]


def latest_draft(item: Item) -> Draft | None:
    return item.drafts.order_by("-number").first()


def draft_for(item: Item, user_id: int | None) -> Draft | None:
    """The draft that this person sees of an item; `None` also where a pilot keeps it from them."""
    return None if hooks.withheld(item, user_id) else latest_draft(item)


def items_with_drafts(item_ids: Iterable[UUID]) -> list[tuple[Item, Draft | None]]:
    """Each item with its latest draft, in two queries."""
    items = Item.objects.filter(pk__in=list(item_ids)).select_related("scope_key")
    drafts = Draft.objects.filter(item__in=items).select_related("release").order_by("number")
    latest = {draft.item_id: draft for draft in drafts}
    return [(item, latest.get(item.pk)) for item in items]


def draft_text(item: Item, draft: Draft) -> str:
    return unwrap(item.scope_key, keyring()).unseal(draft.text_sealed, draft.text_label)


def open_seed(item: Item, draft: Draft) -> SeededDraft | None:
    """What was planted in place of `draft`, while it is the item's latest and nobody has decided on it."""
    if item.state == ItemState.DECIDED:
        return None
    seed = SeededDraft.objects.filter(draft=draft, settled_at=None, withdrawn_at=None).first()
    return seed if seed is not None and latest_draft(item) == draft else None


def shown_text(actor: Actor, item: Item, draft: Draft) -> str:
    """What this actor is shown as the draft: a planted one, for who may decide on the item and would find it."""
    seed = open_seed(item, draft) if may_decide(actor, item) else None
    if seed is None:
        return draft_text(item, draft)
    return unwrap(item.scope_key, keyring()).unseal(seed.text_sealed, seed.label("text"))


def draft_grounds(item: Item, draft: Draft) -> Grounds | None:
    """What the draft was written from; `None` where it was not checked against anything."""
    if draft.grounds_sealed is None:
        return None
    return grounds.parse(unwrap(item.scope_key, keyring()).unseal(draft.grounds_sealed, draft.grounds_label))


def progress_text(item: Item) -> str:
    """What the draft says so far; empty before its first word."""
    progress = DraftProgress.objects.filter(pk=item.pk).first()
    if progress is None:
        return ""
    return unwrap(item.scope_key, keyring()).unseal(progress.text_sealed, progress.text_label)


def queue(actor: Actor, wanted: QueueFilter) -> QuerySet[Item]:
    """The items of the queue, oldest first."""
    items = visible_items(actor)
    if wanted.use_case is not None:
        items = items.filter(use_case=wanted.use_case)
    if wanted.state is not None:
        items = items.filter(state=wanted.state)
    if wanted.mine:
        items = items.filter(claimed_by=actor.user_id)
    if wanted.external_id:
        items = items.filter(external_id=wanted.external_id)
    return items.order_by("pk")


def standing_review(item: Item) -> Review | None:
    """The decision that holds, effective or still to be undone."""
    return item.reviews.filter(undone_at=None).order_by("-decided_at").first()


def reviews_in_effect(now: datetime) -> QuerySet[Review]:
    """What may leave: not undone, and past the time to undo it."""
    return Review.objects.filter(undone_at=None, effective_at__lte=now)


def visible_reviews(actor: Actor, now: datetime) -> QuerySet[Review]:
    """The reviews in effect of the items that this actor may see, ready for `review_texts`."""
    reviews = reviews_in_effect(now).select_related("item__scope_key", "draft")
    if _reads_all(actor):
        return reviews.exclude(item__use_case__in=_closed_usecases(actor))
    return reviews.filter(item__use_case__in=reviewable_usecases(actor))


@dataclass(frozen=True, slots=True)
class ReviewTexts:
    draft: str | None
    final: str | None
    edits: Sequence[Edit] | None
    note: str | None


def review_texts(review: Review) -> ReviewTexts:
    """The sealed texts of a review whose `item__scope_key` and `draft` are loaded."""
    key = unwrap(review.item.scope_key, keyring())
    script = review.edit_script_sealed
    return ReviewTexts(
        draft=key.unseal(review.draft.text_sealed, review.draft.text_label) if review.draft else None,
        final=key.unseal(review.final_sealed, review.label("final")) if review.final_sealed else None,
        edits=[Edit(**edit) for edit in json.loads(key.unseal(script, review.label("edit_script")))]
        if script
        else None,
        note=key.unseal(review.note_sealed, review.label("note")) if review.note_sealed else None,
    )


def approved_text(review: Review, item: Item) -> tuple[str, str]:
    """The approved text and the note of a decision on `item`, whose key is loaded; empty where there is none."""
    key = unwrap(item.scope_key, keyring())
    final = key.unseal(review.final_sealed, review.label("final")) if review.final_sealed else ""
    return final, key.unseal(review.note_sealed, review.label("note")) if review.note_sealed else ""


def waiting_usecases(now: datetime) -> list[str]:
    """Use cases with items that could be drafted now."""
    waiting = Item.objects.filter(state=ItemState.WAITING).filter(Q(not_before=None) | Q(not_before__lte=now))
    return sorted(waiting.order_by().values_list("use_case", flat=True).distinct())
