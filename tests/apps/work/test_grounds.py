"""What a draft was written from is kept with it, sealed, and withdrawn sources have their drafts made again."""

from dataclasses import replace

import pytest

from graftwork.apps.actors import operator
from graftwork.apps.knowledge.hooks import withdrawn
from graftwork.apps.work.actions import reviewing
from graftwork.apps.work.actions.drafting import save_finished
from graftwork.apps.work.actions.items import create_items
from graftwork.apps.work.actions.leasing import lease_items, redraft
from graftwork.apps.work.drafter import Finished
from graftwork.apps.work.leases import Lease
from graftwork.apps.work.models import Draft, Item, ItemState, Release
from graftwork.apps.work.queries import draft_grounds
from graftwork.core.items import read_row
from graftwork.core.types import Citation, Claim, DraftResult, Excerpt, FieldEvidence, Generation, Grounds

pytestmark = pytest.mark.django_db
LEASE = Lease("here/1", 60)
PASSAGE = Excerpt(
    1, "handbook", "leave.md", "Leave", "30 days of leave.", 5, 22, page=2, headings=("Leave", "Days"), relevance=0.7
)
GROUNDS = Grounds(
    excerpts=(PASSAGE, replace(PASSAGE, number=2, source="", document="text")),
    claims=(Claim(0, 9, "unsupported", (Citation(1, 0, 2),), ("number 31",)),),
    evidence=(FieldEvidence("/age", "text", None, 3, 5, "", ("41",)), FieldEvidence("/sex", reason="not there")),
    snapshot="a" * 64,
)


@pytest.fixture
def drafted(note_reply, now):
    """Makes an item whose draft was written from `grounds`."""

    def make(name: str, grounds: Grounds | None = GROUNDS) -> Item:
        [created] = create_items(operator(), note_reply, [read_row(note_reply, {"id": name, "text": "?"}, line=1)], now)
        [leased] = lease_items(note_reply.name, LEASE, now, at_most=1, ids=[created.item_id])
        generation = Generation("31 days.", "e", "m", "local", "stop", 1, 1, None, 1.0, 2.0, None, None)
        result = DraftResult(generation, "31 days.", grounds=grounds)
        save_finished("worker:test", note_reply, LEASE, [Finished(leased, result)], now)
        return Item.objects.select_related("scope_key").get(pk=created.item_id)

    return make


def test_what_a_draft_was_written_from_is_stored_sealed_and_comes_back_whole(drafted):
    item = drafted("a")
    draft = item.drafts.get()
    assert draft_grounds(item, draft) == GROUNDS
    assert b"days of leave" not in bytes(draft.grounds_sealed)
    assert draft.drew_on == ",handbook,"
    plain = drafted("b", None)
    assert draft_grounds(plain, plain.drafts.get()) is None


def test_the_release_names_the_knowledge_that_was_searched(drafted, note_reply):
    drafted("a")
    drafted("b", replace(GROUNDS, snapshot="b" * 64))
    drafted("c", None)
    releases = {draft.item.external_id: draft.release for draft in Draft.objects.select_related("item", "release")}
    assert len({release.digest for release in releases.values()}) == 3
    assert {release.base for release in releases.values()} == {note_reply.release}
    assert releases["c"].digest == note_reply.release
    assert releases["a"].manifest["snapshot"] == "a" * 64
    assert "snapshot" not in releases["c"].manifest
    assert Release.objects.count() == 3


def test_a_draft_of_other_knowledge_is_still_of_this_use_case(drafted, note_reply, now):
    item = drafted("a")
    assert redraft(operator(), note_reply, [item.pk], now) == 0


def test_undecided_drafts_of_a_withdrawn_source_are_made_again_and_others_stay(drafted, make_user, now):
    _, open_one, decided, other, none = (drafted(name) for name in "abcde")
    Draft.objects.filter(item=other).update(drew_on=",prices,")
    Draft.objects.filter(item=none).update(drew_on="")
    from graftwork.apps.accounts.queries import actor_for_user

    reviewer = actor_for_user(make_user())
    reviewing.claim(reviewer, open_one.pk, now)
    reviewing.claim(reviewer, decided.pk, now)
    reviewing.decide(reviewer, decided.pk, reviewing.Verdict("approve", "31 days."), now)
    withdrawn("handbook", now)
    states = dict(Item.objects.values_list("external_id", "state"))
    assert states == {
        "a": ItemState.WAITING,
        "b": ItemState.WAITING,
        "c": ItemState.DECIDED,
        "d": ItemState.READY,
        "e": ItemState.READY,
    }
    assert Item.objects.get(pk=open_one.pk).claimed_by is None
    withdrawn("hand", now)  # the beginning of a name is not that name
    assert Item.objects.filter(state=ItemState.READY).count() == 2
