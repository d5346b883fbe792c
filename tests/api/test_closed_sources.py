"""What REST tells of drafts once a source is closed to whoever asks."""

import pytest

from graftwork.apps.accounts.actions import add_to_group
from graftwork.apps.actors import operator
from graftwork.apps.knowledge.actions.sources import add_source, remove_source, set_groups
from graftwork.apps.work.actions.drafting import save_finished
from graftwork.apps.work.actions.items import create_items
from graftwork.apps.work.actions.leasing import lease_items
from graftwork.apps.work.drafter import Finished
from graftwork.apps.work.leases import Lease
from graftwork.core.items import read_row
from graftwork.core.types import Claim, DraftResult, Excerpt, Generation, Grounds

LEASE = Lease("here/1", 60)
PASSAGE = Excerpt(1, "manual", "Dismissal of Ada Lund.md", "Rates", "The secret rate is 9 euros.", 0, 27)


@pytest.fixture
def item_id(note_reply, now, db):
    add_source(operator(), "manual", None, now)
    [created] = create_items(operator(), note_reply, [read_row(note_reply, {"id": "a", "text": "?"}, line=1)], now)
    [leased] = lease_items(note_reply.name, LEASE, now, at_most=1)
    generation = Generation("The rate is 9 euros.", "e", "m", "local", "stop", 1, 1, None, 1.0, 2.0, None, None)
    grounds = Grounds((PASSAGE,), (Claim(0, 20, "unsupported", (), ("number 9",)),))
    save_finished(
        "worker:test",
        note_reply,
        LEASE,
        [Finished(leased, DraftResult(generation, generation.text, grounds=grounds))],
        now,
    )
    return created.item_id


def test_a_draft_is_shown_with_its_passages_to_who_may_read_their_source(api, item_id):
    [draft] = api.get(f"/items/{item_id}/drafts").json()["drafts"]
    assert draft["text"] == "The rate is 9 euros."
    assert draft["grounds"]["excerpts"][0]["text"] == PASSAGE.text


def test_a_draft_from_a_source_that_was_closed_since_is_not_shown(api, item_id, now, api_of, make_user):
    set_groups(operator(), "manual", ["claims"], now)
    answer = api.get(f"/items/{item_id}/drafts")
    assert answer.json() == {"drafts": []}
    carl = make_user("carl", "reviewer")
    add_to_group(operator(), carl, "claims", now)
    assert len(api_of(carl).get(f"/items/{item_id}/drafts").json()["drafts"]) == 1


def test_of_a_removed_source_not_even_the_name_of_a_document_is_told(api, item_id, now):
    remove_source(operator(), "manual", now)
    answer = api.get(f"/items/{item_id}/drafts")
    [passage] = answer.json()["drafts"][0]["grounds"]["excerpts"]
    assert passage["text"] is None
    assert "Ada Lund" not in answer.content.decode()


def test_a_use_case_that_cannot_be_read_stays_closed_to_who_is_not_in_its_group(
    item_id, api_of, make_user, workspace_folder, now
):
    file = workspace_folder / "usecases" / "note_reply.toml"
    olga, carl = make_user("olga", "owner"), make_user("carl", "owner")
    add_to_group(operator(), carl, "claims", now)
    file.write_text('[review]\ngroup = "claims"\nname = ', encoding="utf-8")
    for path in (f"/items/{item_id}", f"/items/{item_id}/drafts"):
        assert api_of(olga).get(path).status_code == 404
        assert api_of(carl).get(path).status_code == 200
    assert api_of(olga).get("/items").json()["items"] == []
    file.write_text("review.group = unquoted", encoding="utf-8")
    assert api_of(carl).get(f"/items/{item_id}").status_code == 404
    file.write_text("# no group at all\nname = ", encoding="utf-8")
    assert api_of(olga).get(f"/items/{item_id}").status_code == 200
