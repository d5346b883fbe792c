"""A source that is closed while a model writes from it: that draft is never shown, and is made again."""

import json

import pytest

from graftwork.apps.actors import operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.knowledge.actions.sources import add_source, remove_source, set_groups
from graftwork.apps.knowledge.models import DocumentState, Source, SourceDocument
from graftwork.apps.work.actions.drafting import save_finished
from graftwork.apps.work.actions.items import create_items
from graftwork.apps.work.actions.leasing import lease_items
from graftwork.apps.work.drafter import Finished
from graftwork.apps.work.leases import Lease
from graftwork.apps.work.models import Draft, Item, ItemState
from graftwork.core.items import read_row
from graftwork.core.types import DraftResult, Excerpt, Generation, Grounds

pytestmark = pytest.mark.django_db
LEASE = Lease("here/1", 60)
USE_CASE = """\
name = "note_reply"
title = "Reply"
[input.fields.text]
[instructions]
system = "Answer."
[engine]
echo = true
[knowledge]
sources = ["manual", "rates"]
[review]
group = "claims"
"""


@pytest.fixture
def use_case(write_usecase, now, db):
    add_source(operator(), "manual", None, now, groups=["claims"])
    add_source(operator(), "rates", None, now)
    return write_usecase(USE_CASE)


@pytest.fixture
def document(use_case, now):
    return SourceDocument.objects.create(
        source=Source.objects.get(name="manual"), path="a.md", name="a.md", sha256="0" * 64, size_bytes=1,
        state=DocumentState.READY, mark="m", stored_at=now,
    )  # fmt: skip


@pytest.fixture
def under_way(use_case, document, now):
    """An item that a model writes on, from a passage of `document`; the call saves what it wrote."""
    [created] = create_items(operator(), use_case, [read_row(use_case, {"id": "a", "text": "?"}, line=1)], now)
    [leased] = lease_items(use_case.name, LEASE, now, at_most=1)
    passage = Excerpt(1, "manual", "a.md", "A", "The secret rate is 9 euros.", 0, 27, chunk=f"{document.pk}:0")
    generation = Generation("9 euros.", "e", "m", "local", "stop", 1, 1, None, 1.0, 2.0, None, None)
    result = DraftResult(generation, "9 euros.", grounds=Grounds((passage,), snapshot="a" * 64))

    def save() -> str:
        saved = save_finished("worker:test", use_case, LEASE, [Finished(leased, result)], now)
        state = Item.objects.get(pk=created.item_id).state
        assert (created.item_id in saved) == (state == ItemState.READY)
        return state

    return save


def test_a_draft_of_sources_that_are_still_open_is_saved(under_way, now):
    set_groups(operator(), "rates", ["board"], now)  # not what it drew on
    set_groups(operator(), "manual", ["board", "claims"], now)
    assert under_way() == ItemState.READY
    assert Draft.objects.count() == 1


@pytest.mark.parametrize(
    "withdraw",
    [
        lambda document, now: set_groups(operator(), "manual", ["board"], now),
        lambda document, now: remove_source(operator(), "manual", now),
        lambda document, now: document.delete(),
        lambda document, now: SourceDocument.objects.update(state=DocumentState.FAILED),
    ],
    ids=["groups", "source", "document", "unreadable"],
)
def test_what_is_withdrawn_while_a_model_writes_from_it_is_in_no_draft(under_way, document, now, withdraw):
    withdraw(document, now)
    assert under_way() == ItemState.WAITING
    assert Draft.objects.count() == 0
    assert [json.loads(entry.detail) for entry in AuditEntry.objects.filter(action="draft.again")] == [
        {"withdrawn": "manual"}
    ]
    [again] = lease_items("note_reply", LEASE, now, at_most=1)
    assert again.attempts == 0
