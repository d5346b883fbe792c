"""Plain text: blocks of constant size, in which no value is lost; and the encodings that people send."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.errors import FormUnknown, FormUnwritable
from graftwork.core.privacy.forms import plain
from graftwork.core.privacy.forms.encoding import encoding_of


def test_markdown_keeps_all_but_the_value(rewrite):
    source = "# To **Charlie Douglas**\r\n\r\n- [mail](mailto:charlie@example.com)\r\n"
    done = rewrite(source, "a.md")
    assert done.text == "# To **[PERSON_1]**\r\n\r\n- [mail](mailto:[MAIL_1])\r\n"
    assert done.undone() == source.encode()
    assert done.restored().raw == source.encode()


def _masked(source, rewriter, block):
    pieces = plain.pieces(io.StringIO(source, newline=""), rewriter, block)
    return "".join(piece if isinstance(piece, str) else piece.new for piece in pieces)


@pytest.mark.parametrize("shift", range(0, 60, 3))
def test_a_value_across_the_edge_of_a_block_is_not_lost(rewrite, shift):
    rewriter = rewrite("", "a.txt").rewriter
    source = "x" * (3_000 - 30 + shift) + " Charlie Douglas " + "y" * 3_000 + "\n\nZoë Müller" + " z" * 2_000
    assert _masked(source, rewriter, 3_000) == source.replace("Charlie Douglas", "[PERSON_1]").replace(
        "Zoë Müller", "[PERSON_2]"
    )


@given(
    st.lists(st.sampled_from(["Charlie Douglas", "charlie@example.com", " ", "\n", "\n\n", "word " * 300]), max_size=30)
)
def test_a_text_in_blocks_is_masked_as_the_whole_would_be(words):
    from graftwork.core.privacy.forms.rewriter import Swap

    class Knows:
        def swaps(self, fields):
            [field] = fields
            found, at = [], 0
            while (at := field.text.find("Charlie Douglas", at)) >= 0:
                found.append(Swap(at, at + 15, "[PERSON_1]"))
                at += 15
            return [found]

    source = "".join(words)
    assert _masked(source, Knows(), 2_200) == source.replace("Charlie Douglas", "[PERSON_1]")


def test_one_line_of_a_megabyte_is_read_in_blocks(rewrite):
    source = "word " * 100_000 + "Charlie Douglas " + "9" * 500_000
    done = rewrite(source, "a.txt")
    assert "Charlie" not in done.text
    assert max(len(field.text) for field in done.rewriter.seen) < 200_000
    assert done.undone() == source.encode()


def test_an_empty_file_stays_empty(rewrite):
    for name in ("a.txt", "a.csv", "a.json", "a.html"):
        assert rewrite("", name).raw == b""


@pytest.mark.parametrize(
    ("codec", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("cp1252", b""),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
    ],
)
def test_the_encoding_of_the_file_is_found_and_kept(rewrite, codec, mark):
    source = mark + "Grüße an Zoë Müller … bald".encode(codec)
    done = rewrite(source, "a.txt")
    assert done.raw == mark + "Grüße an [PERSON_2] … bald".encode(codec)
    assert done.undone() == source


def test_broken_utf8_keeps_its_bytes_and_says_so(rewrite):
    source = "Zoë Müller und Grüße ".encode() + b"\xff\xe2\x82" + b" Charlie Douglas"
    done = rewrite(source, "a.txt")
    assert done.raw == "[PERSON_2] und Grüße ".encode() + b"\xff\xe2\x82" + b" [PERSON_1]"
    assert done.undone() == source
    assert done.notices == {"files with broken characters": 1}


def test_a_value_that_the_encoding_cannot_write_is_refused(rewrite):
    done = rewrite("Grüße, [PERSON_1]".encode("cp1252"), "a.txt")
    done.rewriter.table = {"Łukasz": "[PERSON_1]"}
    with pytest.raises(FormUnwritable) as error:
        done.restored()
    assert "ukasz" not in str(error.value)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (b"\x00\x01\x02", "a.txt"), (b"\x89PNG\r\n\x1a\n\x00\x00", "a.png"), (b"{\\rtf1 hello}", "a.txt"),
        (b"%!PS-Adobe", "a.ps"), (b"PK\x03\x04broken", "a.docx"), (b"From x\n\n", "a.mbox"),
    ],
)  # fmt: skip
def test_what_hides_its_text_is_refused(rewrite, source, name):
    with pytest.raises(FormUnknown):
        rewrite(source, name)


@given(st.binary(max_size=200))
def test_any_bytes_can_be_read_and_written_back(raw):
    encoding = encoding_of(io.BytesIO(raw))
    if encoding.name in ("utf-8", "cp1252"):
        text = encoding.reader(io.BytesIO(raw)).read()
        assert encoding.mark + encoding.encoder("x")(text) == raw
