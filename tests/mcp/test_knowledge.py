"""Searching as an assistant: what the user may read, masked unless its model runs on our own machines."""

import time

import pytest

from graftwork.apps.accounts.actions import add_to_group
from graftwork.apps.actors import operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.knowledge.actions.documents import put_document, remove_document
from graftwork.apps.knowledge.actions.sources import add_source
from graftwork.apps.knowledge.embedding import embedding_of_settings
from graftwork.apps.knowledge.reading import reader_of_settings
from graftwork.core.errors import DetectorUnavailable
from graftwork.mcp import masking

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("embedder")]

TEXT = b"# Returns\n\nA parcel to the warehouse costs 12 euros. Ask Robin Ashdown at robin.ashdown@example.com."


@pytest.fixture
def put(now):
    def put(source, path, text, groups=()):
        add_source(operator(), source, None, now, groups=list(groups))
        put_document(
            operator(), source, path, text, now, reader=reader_of_settings(), embedding=embedding_of_settings()
        )

    return put


@pytest.fixture
def fed(put):
    put("policies", "returns.md", TEXT)
    put("manual", "internal.md", b"A parcel costs us 3 euros.", ["claims"])


def test_passages_come_with_what_to_cite(assistant, fed, zone):
    zone("local")
    found = assistant("search_knowledge", question="what does a parcel cost?")
    [passage] = found["passages"]
    assert (passage["source"], passage["document"], passage["title"], passage["page"]) == (
        "policies", "returns.md", "Returns", None,
    )  # fmt: skip
    assert "Robin Ashdown" in passage["text"]
    assert 0 <= passage["relevance"] <= 1
    assert (found["sources"], found["masked"]) == (["policies"], None)


def test_an_assistant_of_a_third_party_is_the_default_and_sees_placeholders(assistant, fed):
    answer = assistant.answer("search_knowledge", question="parcel")
    assert "Ashdown" not in answer.text
    assert "example.com" not in answer.text
    [passage] = answer.content["passages"]
    assert "Ask [PERSON_1] at [MAIL_1]" in passage["text"]
    assert answer.content["masked"]["person"] == 1


def test_a_name_found_in_one_passage_is_masked_in_all_and_in_titles_and_names_of_files(assistant, put):
    put("policies", "claims/robin_ashdown.md", b"# Parcel of Robin Ashdown\n\nThe parcel was lost.")
    put("policies", "other.md", b"# Rates\n\nAshdown pays nothing for a parcel.")
    answer = assistant.answer("search_knowledge", question="parcel")
    assert len(answer.content["passages"]) == 2
    assert "ashdown" not in answer.text.lower()


@pytest.mark.parametrize("error", [DetectorUnavailable("presidio"), RuntimeError("Robin Ashdown")])
def test_where_masking_cannot_run_nothing_is_shown(assistant, fed, monkeypatch, error):
    def broken():
        raise error

    monkeypatch.setattr(masking, "_own_detector", broken)
    answer = assistant.answer("search_knowledge", question="parcel")
    assert answer.content is None
    assert "parcel to" not in answer.text
    assert "Ashdown" not in answer.text


def test_a_search_for_values_that_hangs_shows_nothing_and_is_not_begun_again(assistant, fed, choose, monkeypatch):
    begun = []
    monkeypatch.setattr(masking, "_found_together", lambda *args: (begun.append(1), time.sleep(5)))
    masking._deadline.cache_clear()
    choose("gateway", detect_seconds=0.05)
    for _ in range(3):
        assert assistant("search_knowledge", question="parcel").startswith("privacy.timeout: ")
    assert len(begun) == 1


def test_a_source_of_a_group_is_searched_for_its_members_only(assistant_of, make_user, fed, now, zone):
    zone("local")
    user = make_user("olga", "ops", "admin")
    olga = assistant_of(user)
    assert olga("search_knowledge", question="parcel")["sources"] == ["policies"]
    told = olga("search_knowledge", question="parcel", sources=["manual"])
    assert told.startswith("access.not_found: source manual is not there, or not for you")
    assert told.replace("manual", "nowhere") == olga("search_knowledge", question="parcel", sources=["nowhere"])
    add_to_group(operator(), user, "claims", now)
    assert olga("search_knowledge", question="parcel", sources=["manual"])["passages"][0]["document"] == "internal.md"


def test_a_removed_document_is_gone_with_the_next_question(assistant, fed, now):
    assert len(assistant("search_knowledge", question="parcel")["passages"]) == 1
    remove_document(operator(), "policies", "returns.md", now)
    assert assistant("search_knowledge", question="parcel")["passages"] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({}, "`question`: is required"),
        ({"question": ""}, "`question`: "),
        ({"question": "   "}, "`question`: is empty"),
        ({"question": "x" * 2_001}, "`question`: "),
        ({"question": "a\x00b"}, "`question`: holds a NUL"),
        ({"question": 7}, "`question`: must be a valid string"),
        ({"question": "x", "limit": 0}, "`limit`: "),
        ({"question": "x", "limit": 21}, "`limit`: "),
        ({"question": "x", "limit": "all"}, "`limit`: "),
        ({"question": "x", "sources": ["../etc"]}, "`sources.0`: "),
        ({"question": "x", "groups": ["claims"]}, "`groups`: is not known here"),
    ],
)
def test_what_is_no_question_is_refused(assistant, arguments, told):
    answer = assistant("search_knowledge", **arguments)
    assert answer.startswith("input.request: ")
    assert told in answer


def test_the_trace_of_a_search_names_the_documents_and_no_word_of_them(assistant, fed):
    found = assistant("search_knowledge", question="parcel for Robin Ashdown")
    [entry] = AuditEntry.objects.filter(action="tool.called")
    assert found["passages"][0]["document_id"] in entry.detail
    assert '"sources":["policies"]' in entry.detail
    assert "Ashdown" not in entry.detail
    assert "parcel" not in entry.detail
