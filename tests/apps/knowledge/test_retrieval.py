"""What a draft draws on: relevant passages of the sources that all its reviewers may read."""

import pytest

from graftwork.apps.actors import operator
from graftwork.apps.knowledge.actions.documents import remove_document
from graftwork.apps.knowledge.actions.sources import set_groups
from graftwork.apps.knowledge.embedding import embedding_of_settings
from graftwork.apps.knowledge.models import Snapshot
from graftwork.apps.knowledge.retrieval import StoredRetriever
from graftwork.config.workspace import KnowledgeSettings
from graftwork.core.errors import NoEngineAllowed
from graftwork.core.knowledge.index import KnowledgeIndex
from graftwork.core.types import ItemContent

pytestmark = pytest.mark.django_db

USE_CASE = """\
name = "note_reply"
title = "Reply"
[input.fields.text]
[instructions]
system = "Answer."
[engine]
echo = true
[knowledge]
sources = ["policies", "manual"]
min_relevance = 0.05
"""


@pytest.fixture
def house(add, put):
    add("policies", None)
    add("manual", None, "claims")
    put("policies", "rates.md", "# Rates\n\nA parcel to Norway costs 12 euros.")
    put("manual", "secret.md", "# Internal\n\nA parcel to Norway costs us 3 euros.")


def retrieve(use_case, text="What does a parcel to Norway cost?"):
    return StoredRetriever().retrieve(use_case, ItemContent({"text": text}))


def test_a_draft_draws_on_open_sources_and_never_on_one_that_a_reviewer_may_not_read(house, write_usecase):
    found = retrieve(write_usecase(USE_CASE))
    assert [(one.number, one.source, one.document, one.headings) for one in found.excerpts] == [
        (1, "policies", "rates.md", ("Rates",))
    ]
    both = retrieve(write_usecase(USE_CASE + '[review]\ngroup = "claims"\n'))
    assert {one.source for one in both.excerpts} == {"policies", "manual"}
    assert both.snapshot != found.snapshot
    assert set(Snapshot.objects.values_list("digest", flat=True)) == {found.snapshot, both.snapshot}


def test_what_is_withdrawn_is_gone_with_the_next_draft(house, write_usecase, now):
    use_case = write_usecase(USE_CASE)
    assert retrieve(use_case).excerpts
    remove_document(operator(), "policies", "rates.md", now)
    assert retrieve(use_case).excerpts == ()
    group = write_usecase(USE_CASE + '[review]\ngroup = "claims"\n')
    assert retrieve(group).excerpts
    set_groups(operator(), "manual", ["board"], now)
    assert retrieve(group).excerpts == ()


def test_all_questions_of_an_item_are_asked_of_the_state_that_the_snapshot_names(
    house, put, write_usecase, embedder, monkeypatch
):
    use_case = write_usecase(USE_CASE)
    before = retrieve(use_case)
    real, asked = embedder.embed_query, []

    def then_written(text):
        asked.append(text)
        if len(asked) == 2:
            put("policies", "late.md", "A parcel to Sweden costs 9 euros.")
            retrieve(use_case, "Which process hears of it first?")
        return real(text)

    monkeypatch.setattr(embedder, "embed_query", then_written)
    found = retrieve(use_case, "What does a parcel to Sweden cost? " * 60)
    assert len(asked) > 3
    assert (found.snapshot, {one.document for one in found.excerpts}) == (before.snapshot, {"rates.md"})
    again = retrieve(use_case, "What does a parcel to Sweden cost?")
    assert again.snapshot != before.snapshot
    assert again.excerpts[0].document == "late.md"


def test_without_a_source_to_search_nothing_is_asked_of_the_model(house, write_usecase, embedder, monkeypatch):
    monkeypatch.setattr(embedder, "embed_query", None)
    use_case = write_usecase(USE_CASE.replace('["policies", "manual"]', '["manual", "gone"]'))
    found = retrieve(use_case)
    assert (found.excerpts, found.snapshot) == ((), "")


@pytest.mark.parametrize(
    ("privacy", "allowed"),
    [
        ("", False), ('[privacy]\nmanaged = "masked"\n', False), ('[privacy]\nmanaged = "allowed"\n', True),
        ('[privacy]\nmanaged = "allowed"\n[privacy.classes]\nhealth = "local"\n', False),
    ],
)  # fmt: skip
def test_a_question_leaves_the_house_only_where_the_use_case_says_so(
    house, write_usecase, monkeypatch, privacy, allowed
):
    elsewhere = KnowledgeSettings(embeddings_url="https://api.example.com/v1", embeddings_model="e", managed="allowed")
    monkeypatch.setattr(embedding_of_settings(), "_chosen", elsewhere)
    use_case = write_usecase(USE_CASE + privacy)
    if allowed:
        assert retrieve(use_case).excerpts
    else:
        with pytest.raises(NoEngineAllowed):
            retrieve(use_case)


@pytest.mark.parametrize(("line", "expected"), [("rerank = 7", 7), ("", 0)])
def test_the_best_passages_are_read_again_where_the_use_case_asks_for_it(
    house, write_usecase, monkeypatch, line, expected
):
    asked = []
    search = KnowledgeIndex.search
    monkeypatch.setattr(
        KnowledgeIndex, "search", lambda *given, **named: asked.append(named["rerank"]) or search(*given, **named)
    )
    retrieve(write_usecase(f"{USE_CASE}{line}\n"))
    assert asked == [expected]
