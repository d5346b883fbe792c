"""Storing what was made up: the same tables and the same sealing as for real work, in a few large writes."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from graftwork.apps.accounts.models import User
from graftwork.apps.keyring import keyring
from graftwork.apps.pilots.models import Pilot
from graftwork.apps.vault.actions import scope_keys
from graftwork.apps.vault.models import ScopeKey
from graftwork.apps.vault.sealing import DataKey, unwrap
from graftwork.apps.work import content as stored
from graftwork.apps.work.actions.items import scope_of
from graftwork.apps.work.models import CONTROL, Draft, Item, ItemState, Outcome, Release, Review
from graftwork.core.edits import edit_script, share_rewritten
from graftwork.core.ids import uuid7
from graftwork.core.items import NewItem
from graftwork.core.usecase import UseCase

ENGINE = "simulated"
NOTE = "Simulated: a colleague has to look at this."
# A gap of a minute more or less: about what other caps change in measured times.
_AT_30_SECONDS, _AT_120_SECONDS = 0.92, 1.05
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Made:
    """What is made up of one item. `settled_by` decides after an escalation; `tokens` are of the prompt and the draft.

    `draft` is `None` in the control arm, `final` for a rejection; `satisfaction` is 1 to 5, `None` without an answer.
    """

    decision: str
    reviewer: User
    draft: str | None
    final: str | None
    seconds: float
    waited: timedelta
    settled_by: User | None
    reopened: bool
    satisfaction: int | None
    tokens: tuple[int, int]
    draft_ms: float


class Rows:
    """Gathers rows and stores them at the end; call it within a transaction."""

    def __init__(self, use_case: UseCase, pilot: Pilot) -> None:
        self._use_case, self._pilot = use_case, pilot
        self._planned: list[tuple[Item, NewItem, Made]] = []

    def add(self, new: NewItem, made: Made, arrived_at: datetime) -> Item:
        """The item is decided on from the first moment on, so it never waits for anybody."""
        item = Item(
            id=uuid7(), use_case=self._use_case.name, external_id=new.external_id, thread=new.thread,
            state=ItemState.DECIDED, created_at=arrived_at, arm=CONTROL if made.draft is None else "assisted",
        )  # fmt: skip
        self._planned.append((item, new, made))
        return item

    def store(self) -> None:
        """Raises `IntegrityError` where the same names are there already."""
        ring = keyring()
        keys: dict[str, ScopeKey] = {}
        for chunk in self._chunks():
            keys |= scope_keys(scope_of(self._use_case, new) for _, new, _ in chunk)
        release = self._release()
        drafts: list[Draft] = []
        reviews: list[Review] = []
        for item, new, made in self._planned:
            item.scope_key = keys[scope_of(self._use_case, new)]
            key = unwrap(item.scope_key, ring)
            item.content_sealed = key.seal(stored.dump(new.content), item.content_label)
            written = _draft(item, made, release, key)
            drafts += [written] if written else []
            reviews += self._reviews(item, made, written, key)
        Item.objects.bulk_create([item for item, _, _ in self._planned], batch_size=_CHUNK)
        Draft.objects.bulk_create(drafts, batch_size=_CHUNK)
        Review.objects.bulk_create(reviews, batch_size=_CHUNK)
        outcomes = [told for item, _, made in self._planned for told in _outcomes(item, made)]
        Outcome.objects.bulk_create(outcomes, batch_size=_CHUNK)

    def _chunks(self) -> Iterator[list[tuple[Item, NewItem, Made]]]:
        for at in range(0, len(self._planned), _CHUNK):
            yield self._planned[at : at + _CHUNK]

    def _release(self) -> Release:
        """One of its own: what no engine wrote must not count for the release that the use case has."""
        manifest = {"simulated": True, "pilot": self._pilot.name}
        digest = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
        begun = self._pilot.started_at
        known = {"use_case": self._use_case.name, "manifest": manifest, "first_used_at": begun}
        return Release.objects.get_or_create(digest=digest, defaults=known)[0]

    def _reviews(self, item: Item, made: Made, written: Draft | None, key: DataKey) -> list[Review]:
        if made.settled_by is None:
            return [self._review(item, made, written, key, item.created_at + made.waited)]
        first = self._review(item, replace(made, decision="escalated", seconds=made.seconds / 2), written, key,
                             item.created_at + made.waited)  # fmt: skip
        settling = replace(made, reviewer=made.settled_by, seconds=made.seconds / 2)
        second = self._review(item, settling, written, key, first.decided_at + timedelta(hours=1))
        second.previous_state = ItemState.ESCALATED
        return [first, second]

    def _review(self, item: Item, made: Made, written: Draft | None, key: DataKey, decided_at: datetime) -> Review:
        escalated = made.decision == "escalated"
        final = None if escalated else made.final
        review = Review(
            item=item, draft=written, release_id=written.release_id if written else None, reviewer=made.reviewer,
            simulated=True, decision=made.decision, reason=self._reason if made.decision == "rejected" else "",
            share_rewritten=share_rewritten(made.draft, final) if made.draft and final is not None else None,
            active_seconds=made.seconds, active_seconds_30=round(made.seconds * _AT_30_SECONDS, 1),
            active_seconds_120=round(made.seconds * _AT_120_SECONDS, 1), wall_seconds=round(made.seconds * 1.3, 1),
            thinking_seconds=round(made.seconds * 0.1, 1), previous_state=ItemState.READY, decided_at=decided_at,
            effective_at=decided_at + timedelta(seconds=self._use_case.review.undo_seconds),
        )  # fmt: skip
        if escalated:
            review.note_sealed = key.seal(NOTE, review.label("note"))
        if final is not None:
            review.final_sealed = key.seal(final, review.label("final"))
        if final is not None and made.draft is not None:
            script = json.dumps([asdict(edit) for edit in edit_script(made.draft, final)], ensure_ascii=False)
            review.edit_script_sealed = key.seal(script, review.label("edit_script"))
        return review

    @property
    def _reason(self) -> str:
        return self._use_case.review.reasons[0].code


def _draft(item: Item, made: Made, release: Release, key: DataKey) -> Draft | None:
    if made.draft is None:
        return None
    row = Draft(
        item=item, release=release, engine=ENGINE, model=ENGINE, zone="local", finish_reason="stop",
        prompt_tokens=made.tokens[0], completion_tokens=made.tokens[1], total_ms=made.draft_ms,
        created_at=item.created_at + timedelta(milliseconds=made.draft_ms),
    )  # fmt: skip
    row.text_sealed = key.seal(made.draft, row.text_label)
    return row


def _outcomes(item: Item, made: Made) -> list[Outcome]:
    """Told a day and two days after it came in."""
    told = [("reopened", float(made.reopened), 1)]
    told += [("csat", float(made.satisfaction), 2)] if made.satisfaction is not None else []
    return [
        Outcome(item=item, kind=kind, value=value, occurred_at=(when := item.created_at + timedelta(days=days)),
                recorded_at=when)
        for kind, value, days in told
    ]  # fmt: skip
