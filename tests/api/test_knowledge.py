"""Searching and feeding knowledge over REST, each with its refusal."""

import pytest

from graftwork.apps.accounts.actions import add_to_group
from graftwork.apps.actors import operator
from graftwork.apps.knowledge import embedding, store_index
from graftwork.apps.knowledge.models import Source, SourceDocument
from support.embedding import WordEmbedder

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def embedder(monkeypatch):
    words = WordEmbedder()
    monkeypatch.setattr(embedding, "open_embedder", lambda chosen: words)
    monkeypatch.setattr(embedding, "name_of", lambda chosen: "words@1")
    embedding._embedding.cache_clear()
    store_index._store_index.cache_clear()
    yield words
    embedding._embedding.cache_clear()


@pytest.fixture
def ops(api_of, make_user):
    """Manages sources; is in the group `claims`."""
    user = make_user("olga", "ops")
    add_to_group(operator(), user, "claims", user.date_joined)
    return api_of(user)


@pytest.fixture
def rita(api_of, make_user):
    """A reviewer of no group."""
    return api_of(make_user("rita", "reviewer"))


@pytest.fixture
def fed(ops):
    """One source for everybody, one for `claims`."""
    ops.put("/knowledge/sources/policies", {})
    ops.put("/knowledge/sources/manual", {"groups": ["claims"]})
    ops.put("/knowledge/sources/policies/documents/rates/norway.md", b"# Rates\n\nA parcel to Norway costs 12 euros.")
    ops.put("/knowledge/sources/manual/documents/secret.md", b"A parcel to Norway costs us 3 euros.")
    return ops


def test_a_document_is_put_into_a_feed_found_replaced_and_removed(ops):
    made = ops.put("/knowledge/sources/policies", {})
    assert (made.status_code, made.json()["kind"], made.json()["groups"]) == (201, "feed", [])
    path = "/knowledge/sources/policies/documents/rates/norway.md"
    first = ops.put(path, b"# Rates\n\nA parcel to Norway costs 12 euros.")
    assert (first.status_code, first.json()["path"], first.json()["changed"]) == (201, "rates/norway.md", True)
    [passage] = ops.get("/knowledge/search", q="parcel to Norway").json()["passages"]
    assert passage["document_id"] == first.json()["id"]
    assert (passage["headings"], passage["text"]) == (["Rates"], "A parcel to Norway costs 12 euros.")
    again = ops.put(path, b"# Rates\n\nA parcel to Norway costs 12 euros.")
    assert (again.status_code, again.json()["changed"]) == (200, False)
    assert ops.put(path, b"A parcel to Norway costs 14 euros.").json()["id"] == first.json()["id"]
    assert ops.call("DELETE", path).json() == {"documents": 1}
    assert ops.get("/knowledge/search", q="parcel").json()["passages"] == []
    assert ops.call("DELETE", path).status_code == 404
    assert ops.call("DELETE", "/knowledge/sources/policies").json() == {"documents": 0}
    assert ops.get("/knowledge/sources").json() == {"sources": []}


def test_a_source_of_another_group_is_as_if_it_were_not_there(fed, rita, error_code):
    assert [one["name"] for one in fed.get("/knowledge/sources").json()["sources"]] == ["manual", "policies"]
    assert [one["name"] for one in rita.get("/knowledge/sources").json()["sources"]] == ["policies"]
    everything = fed.get("/knowledge/search", q="parcel to Norway").json()
    assert {one["source"] for one in everything["passages"]} == {"manual", "policies"}
    hers = rita.get("/knowledge/search", q="parcel to Norway").json()
    assert ({one["source"] for one in hers["passages"]}, hers["sources"]) == ({"policies"}, ["policies"])
    assert fed.get("/knowledge/sources/manual").json()["documents"] == 1
    for name in ("manual", "no_such"):
        for answer in (rita.get(f"/knowledge/sources/{name}"), rita.get("/knowledge/search", q="x", source=name)):
            assert (answer.status_code, error_code(answer)) == (404, "access.not_found")


def test_only_who_manages_sources_may_write_and_a_token_needs_the_scope(fed, rita, api_of, make_user):
    before = (Source.objects.count(), SourceDocument.objects.count())
    reading = api_of(make_user("otto", "ops"), "knowledge:read", "items:write")
    writing = api_of(make_user("oscar", "ops"), "knowledge:write")
    for api in (rita, reading):
        assert api.put("/knowledge/sources/new", {}).status_code == 403
        assert api.put("/knowledge/sources/policies/documents/a.md", b"text").status_code == 403
        assert api.call("DELETE", "/knowledge/sources/policies/documents/rates/norway.md").status_code == 403
        assert api.call("DELETE", "/knowledge/sources/policies").status_code == 403
    assert (Source.objects.count(), SourceDocument.objects.count()) == before
    for path in ("/knowledge/sources", "/knowledge/sources/policies", "/knowledge/search?q=x"):
        assert writing.get(path).status_code == 403
        assert reading.get(path).status_code == 200
    # Managing is not reading: this one is in no group.
    assert writing.call("DELETE", "/knowledge/sources/manual").status_code == 200


def test_without_a_token_nothing_is_told(anonymous, fed):
    for path in ("/knowledge/sources", "/knowledge/sources/policies", "/knowledge/search?q=x"):
        assert anonymous.get(path).status_code == 401
    assert anonymous.call("DELETE", "/knowledge/sources/policies").status_code == 401


@pytest.mark.parametrize(
    "query", [{}, {"q": ""}, {"q": "  "}, {"q": "x" * 2_001}, {"q": "x", "limit": 0}, {"q": "x", "limit": 101},
              {"q": "x", "sorce": "a"}, {"q": "nul\x00"}, {"q": "x", "source": "Bad Name"}],
)  # fmt: skip
def test_what_cannot_be_a_search_is_refused(fed, query):
    assert fed.get("/knowledge/search", **query).status_code == 422


def test_several_sources_may_be_named(fed):
    found = fed.get("/knowledge/search?q=parcel&source=manual&source=policies&limit=1").json()
    assert (len(found["passages"]), sorted(found["sources"])) == (1, ["manual", "policies"])


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("policies/documents/a.exe", b"text", 422, "input.request"),
        ("policies/documents/../a.md", b"text", 422, "input.request"),
        ("policies/documents/a.pdf", b"%PDF-1.7\nbroken", 422, "document.broken"),
        ("policies/documents/a.md", b"", 422, "document.empty"),
        ("no_such/documents/a.md", b"text", 404, "access.not_found"),
    ],
)
def test_what_cannot_be_a_document_is_refused_with_its_reason_and_changes_nothing(
    fed, path, body, status, code, error_code
):
    answer = fed.put(f"/knowledge/sources/{path}", body)
    assert (answer.status_code, error_code(answer)) == (status, code)
    assert SourceDocument.objects.count() == 2


def test_a_document_over_the_limit_is_refused(fed, settings, error_code):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    answer = fed.put("/knowledge/sources/policies/documents/a.md", b"a" * 1_001)
    assert (answer.status_code, error_code(answer)) == (413, "input.request_too_large")
    assert fed.put("/knowledge/sources/policies/documents/a.md", b"a" * 1_000).status_code == 201


def test_groups_are_set_over_rest_and_a_folder_is_not_made_there(fed, rita, tmp_path, error_code):
    from graftwork.apps.knowledge.actions.sources import add_source

    assert fed.put("/knowledge/sources/policies", {"groups": ["claims"]}).json()["groups"] == ["claims"]
    assert rita.get("/knowledge/sources/policies").status_code == 404
    assert fed.put("/knowledge/sources/policies", {"groups": ["Bad Group"]}).status_code == 422
    add_source(operator(), "folder", tmp_path, Source.objects.first().created_at)
    answer = fed.put("/knowledge/sources/folder", {})
    assert (answer.status_code, error_code(answer)) == (422, "input.request")
    refused = fed.put("/knowledge/sources/folder/documents/a.md", b"text")
    assert (refused.status_code, error_code(refused)) == (422, "input.request")
