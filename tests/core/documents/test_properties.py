"""What holds for every document, whatever it was written in, and for every answer of a child."""

import io
from dataclasses import replace

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graftwork.core.document import Document
from graftwork.core.documents import wire
from graftwork.core.documents.building import Budget, Builder
from graftwork.core.documents.errors import DocumentError
from graftwork.core.documents.options import ReadingOptions
from graftwork.core.documents.reading import read_document

OPTIONS = ReadingOptions()
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("page"), st.text(max_size=5)),
        st.tuples(st.just("goes_on"), st.text(max_size=20)),
        st.tuples(st.integers(1, 6), st.text(max_size=20)),
        st.tuples(st.sampled_from(["paragraph", "list_item", "table_row", "code"]), st.text(max_size=40)),
    ),
    max_size=30,
)


def check(document: Document) -> None:
    """Blocks lie in the text, in order, apart from each other, and hold something; pages cover them all."""
    end = 0
    for number, block in enumerate(document.blocks, 1):
        assert block.number == number
        assert end <= block.start < block.end <= len(document.text)
        assert document.text[block.start : block.end].strip()
        assert block.page == document.page_at(block.start)
        assert document.block_at(block.start) == block
        end = block.end
    for page, following in zip(document.pages, document.pages[1:], strict=False):
        assert page.start <= page.end == following.start
    if document.pages and document.blocks:
        assert document.pages[0].start == 0
        assert document.pages[-1].end == len(document.text)
    document.text.encode()
    assert "\0" not in document.text
    assert document.title
    assert "\n" not in document.title
    assert wire.decode(wire.encode(document)) == document
    for attachment in document.attachments:
        check(attachment)


@given(STEPS, st.booleans())
def test_whatever_is_built_holds_together(steps, has_pages):
    builder = Builder("a.pdf", b"x", OPTIONS, Budget(OPTIONS))
    if has_pages:
        builder.page()
    for kind, text in steps:
        if isinstance(kind, int):
            builder.heading(text, kind)
        elif kind == "page":
            if has_pages:
                builder.page(text)
        elif kind == "goes_on":
            builder.goes_on(text)
        else:
            builder.block(kind, text)
    try:
        document = builder.finish("pdf")
    except DocumentError:
        return
    check(document)


MARKUP = st.sampled_from(
    (
        *("<p>", "</p>", "<table><tr><td>", "</td><td>", "</tr></table>", "<h1>", "</h2>", "<li>", "<pre>", "<br>"),
        *("# ", "- ", "\n", "\n\n", " | ", "```\n", "|---|\n", ";", '"', "\0", "\r\n", "> "),
        *("From: a@example.com\n", "Subject: x\n"),
    )
)


@settings(max_examples=150)
@given(
    st.lists(st.one_of(MARKUP, st.text(max_size=8)), max_size=25).map("".join),
    st.sampled_from(["a.txt", "a.md", "a.html", "a.csv", "a.eml", "a.pdf"]),
)
def test_any_text_is_read_or_refused(text, name):
    try:
        document = read_document(text.encode(errors="replace"), name)
    except DocumentError:
        return
    check(document)


@settings(max_examples=100)
@given(st.binary(max_size=300), st.sampled_from(["a.txt", "a.pdf", "a.docx", "a.xlsx", "a.eml", "a.mbox", "a.csv"]))
def test_any_bytes_are_read_or_refused(content, name):
    for prefix in (b"", b"%PDF-1.7\n", b"PK\x03\x04", b"From a@example.com Mon Nov  2 10:00:00 2026\n"):
        try:
            document = read_document(prefix + content, name)
        except DocumentError:
            continue
        check(document)


@settings(max_examples=25)
@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=30), max_size=8))
def test_any_words_in_a_word_document_are_read(paragraphs):
    file = io.BytesIO()
    source = docx.Document()
    for words in paragraphs:
        try:
            source.add_paragraph(words)
        except ValueError:  # XML cannot hold these
            return
    source.save(file)
    try:
        document = read_document(file.getvalue(), "a.docx")
    except DocumentError:
        return
    check(document)


WHOLE = wire.encode(read_document(b"# Head\n\nwords\n\n- item\n", "a.md"))


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_an_answer_with_one_byte_changed_is_a_document_or_refused(place, byte):
    changed = bytearray(WHOLE)
    changed[place] = byte
    try:
        document = wire.decode(bytes(changed))
    except ValueError:
        return
    for block in document.blocks:
        assert 0 <= block.start < block.end <= len(document.text)


@pytest.mark.parametrize("cut", [0, 3, 11, 12, 40, len(WHOLE) - 1])
def test_an_answer_that_is_cut_off_is_refused(cut):
    with pytest.raises(ValueError, match=r".+"):
        wire.decode(WHOLE[:cut])


def test_an_answer_with_an_unknown_format_is_refused():
    document = replace(read_document(b"words", "a.txt"), format="program")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="format"):
        wire.decode(wire.encode(document))
