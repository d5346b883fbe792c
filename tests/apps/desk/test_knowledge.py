"""Searching documents at the desk, and reading one: with its place, escaped, and only by who may."""

import re

import pytest

from graftwork.apps.accounts.actions import add_to_group
from graftwork.apps.actors import operator
from graftwork.apps.desk.document_page import SHOWN_CHARACTERS, document_shown
from graftwork.apps.desk.query_words import lit_words
from graftwork.apps.knowledge import embedding, store_index
from graftwork.apps.knowledge.actions.documents import put_document
from graftwork.apps.knowledge.actions.sources import add_source, set_groups
from graftwork.apps.knowledge.embedding import embedding_of_settings
from graftwork.apps.knowledge.models import SourceDocument
from graftwork.apps.knowledge.reading import reader_of_settings
from graftwork.core.document import Block, Document, Page
from support.embedding import WordEmbedder

pytestmark = pytest.mark.django_db

TEXT = """\
# Shipping <b>rates</b>

## Nordic & near

A parcel to Norway costs <script>alert(1)</script> 12 euros.

- Bergen
- Oslo

| city | days |
|------|------|
| Oslo | 3    |
"""


@pytest.fixture
def put(monkeypatch, now):
    words = WordEmbedder()
    monkeypatch.setattr(embedding, "open_embedder", lambda chosen: words)
    monkeypatch.setattr(embedding, "name_of", lambda chosen: "words@1")
    embedding._embedding.cache_clear()
    store_index._store_index.cache_clear()

    def store(source, path, text, *groups):
        add_source(operator(), source, None, now, groups=groups)
        tools = {"reader": reader_of_settings(), "embedding": embedding_of_settings()}
        return put_document(operator(), source, path, text.encode(), now, **tools).row

    yield store
    embedding._embedding.cache_clear()


def page_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_question_finds_passages_with_their_place_and_a_link_that_lights_them(sign_in, put):
    row = put("policies", "rates.md", TEXT)
    rita = sign_in()
    page = page_of(rita.get("/desk/knowledge", {"q": "parcels to Norway"}))
    assert "policies / rates.md / Nordic &amp; near</p>" in page
    assert "<mark>parcel</mark> to <mark>Norway</mark> costs" in page
    assert re.search(r"relevance <span class=\"number\">0\.\d\d</span> of 1", page)
    assert "<script>alert" not in page
    link = re.search(rf'href="(/desk/knowledge/documents/{row.pk}\?start=\d+&amp;end=\d+)#lit"', page)
    document = page_of(rita.get(link.group(1).replace("&amp;", "&")))
    assert document.count('id="lit"') == 1
    lit = re.search(r'<mark class="is-lit" id="lit" tabindex="-1">(.*?)</mark>', document, re.DOTALL).group(1)
    assert "A parcel to Norway" in lit
    assert "<script>alert" not in document
    assert "<h2>" in document
    assert "<li>Bergen</li>" in re.sub(r"<mark[^>]*>|</mark>", "", document)


def test_a_source_of_another_group_is_neither_found_nor_named_nor_shown(sign_in, put, now):
    row = put("salaries", "secret.md", "A parcel of gold to Norway.", "board")
    rita = sign_in("rita", "reviewer", "admin")
    page = page_of(rita.get("/desk/knowledge", {"q": "parcel"}))
    assert "No source is open to you" in page
    assert "salaries" not in page
    assert rita.get("/desk/knowledge", {"q": "parcel", "source": "salaries"}).status_code == 404
    assert rita.get(f"/desk/knowledge/documents/{row.pk}").status_code == 404
    add_to_group(operator(), rita.user, "board", now)
    assert "of gold to" in page_of(rita.get("/desk/knowledge", {"q": "parcel", "source": "salaries"}))
    assert "of gold to Norway" in page_of(rita.get(f"/desk/knowledge/documents/{row.pk}"))
    set_groups(operator(), "salaries", ["others"], now)
    assert rita.get(f"/desk/knowledge/documents/{row.pk}").status_code == 404


def test_a_stranger_is_asked_to_sign_in(client, put):
    row = put("policies", "rates.md", TEXT)
    for path in ("/desk/knowledge", f"/desk/knowledge/documents/{row.pk}"):
        assert client.get(path).status_code == 302
        assert client.get(path, headers={"HX-Request": "true"}).status_code == 401


def test_the_script_gets_the_results_alone_and_without_script_the_page_is_whole(sign_in, put):
    put("policies", "rates.md", TEXT)
    rita = sign_in()
    fragment = page_of(
        rita.get("/desk/knowledge", {"q": "Norway"}, headers={"HX-Request": "true", "HX-Target": "hits"})
    )
    assert fragment.lstrip().startswith('<section id="hits"')
    whole = page_of(rita.get("/desk/knowledge", {"q": "Norway", "source": "policies"}))
    assert 'value="Norway"' in whole
    assert "<option selected>policies</option>" in whole


def test_what_cannot_be_asked_is_said_and_nothing_found_is_said_too(sign_in, put, now):
    row = put("policies", "rates.md", TEXT)
    add_source(operator(), "empty", None, now)
    rita = sign_in()
    assert "Ask as you would ask a colleague" in page_of(rita.get("/desk/knowledge"))
    assert "Nothing was found" in page_of(rita.get("/desk/knowledge", {"q": "anything", "source": "empty"}))
    assert rita.get("/desk/knowledge", {"q": "x" * 201}).status_code == 422
    for wrong in ("start=x", "start=-1", "at=99999999999999999999", "end=٣"):
        assert rita.get(f"/desk/knowledge/documents/{row.pk}?{wrong}").status_code == 422
    assert "is-lit" not in page_of(rita.get(f"/desk/knowledge/documents/{row.pk}?start=999999&end=1000000"))


def test_a_document_that_could_not_be_read_says_why(sign_in, put):
    row = put("policies", "rates.md", TEXT)
    SourceDocument.objects.filter(pk=row.pk).update(
        state="failed", error_code="document.encrypted", error_message="rates.md: encrypted", content_sealed=None
    )
    page = page_of(sign_in().get(f"/desk/knowledge/documents/{row.pk}"))
    assert "Rates.md: encrypted" in page
    assert "document.encrypted" in page


@pytest.mark.parametrize(
    ("query", "lit"),
    [
        ("return", ["Returned", "returns"]), ("the shoes", ["shoes"]), ("shoe", ["shoes"]), ("the", ["The"]),
        ("30", ["30"]), ("turn", []), ("3", []), ("", []),
    ],
)  # fmt: skip
def test_words_of_the_question_are_lit_and_parts_of_other_words_are_not(query, lit):
    text = "The Returned shoes, or returns within 30 days."
    stretches = lit_words(text, query)
    assert [one.text for one in stretches if one.lit] == lit
    assert "".join(one.text for one in stretches) == text


def many_blocks(count, characters):
    text = "".join(f"{number:06}" + "x" * (characters - 8) + "\n\n" for number in range(count))
    blocks = tuple(
        Block("paragraph", place * characters, (place + 1) * characters - 2, place + 1, page=place // 10 + 1)
        for place in range(count)
    )
    pages = tuple(
        Page(number + 1, number * 10 * characters, (number + 1) * 10 * characters) for number in range(count // 10)
    )
    return Document("a.pdf", "pdf", "A", text, blocks, "0" * 64, pages)


def test_a_long_document_is_shown_in_parts_of_which_every_block_is_in_one():
    document = many_blocks(1_000, 1_000)
    seen, at = [], 0
    for _ in range(20):
        shown = document_shown(document, None, None, at)
        found = [block.stretches[0].text[:6] for group in shown.groups for block in group.blocks]
        seen += [one for one in found if one not in seen]
        if not shown.later:
            break
        at = int(shown.later.removeprefix("at="))
    assert seen == [f"{number:06}" for number in range(1_000)]
    around = document_shown(document, 500_010, 500_020)
    assert around.has_light
    assert around.earlier
    assert around.later
    assert sum(len(block.stretches[0].text) for group in around.groups for block in group.blocks) <= SHOWN_CHARACTERS


def test_each_page_begins_with_its_mark_and_a_span_over_blocks_is_lit_in_each():
    document = many_blocks(20, 100)
    shown = document_shown(document, 950, 1_150)
    assert [group.page for group in shown.groups] == ["Page 1", "Page 2"]
    lit = [one for group in shown.groups for block in group.blocks for one in block.stretches if one.lit]
    assert (
        "".join(one.text for one in lit)
        == document.text[950:998] + document.text[1_000:1_098] + document.text[1_100:1_150]
    )
    assert [one.first for one in lit] == [True, False, False]
