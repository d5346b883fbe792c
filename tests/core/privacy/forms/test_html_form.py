"""HTML: what a reader sees, what stands in attributes, comments and scripts; split over tags, or escaped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.privacy.forms.html_tokens import tokens


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>Dear Charlie Douglas,</p>", "<p>Dear [PERSON_1],</p>"),
        ("<p>Char<b>lie</b> Doug<i>las</i>!</p>", "<p>[PERSON_1]<b></b><i></i>!</p>"),
        ("<p>Charlie</p><p> Douglas</p>", "<p>Charlie</p><p> Douglas</p>"),
        ("Zo&euml; M&#252;ller &amp; co", "[PERSON_2] &amp; co"),
        ("O&quot;Neil, &lt;Pat&gt;", "[PERSON_3]"),
        ('<img alt="Charlie Douglas" class="x">', '<img alt="[PERSON_1]" class="x">'),
        ("<a href=mailto:charlie@example.com>x</a>", '<a href="mailto:[MAIL_1]">x</a>'),
        ('<a href="mailto:charlie%40example.com?subject=a%20b">', '<a href="mailto:[MAIL_1]?subject=a b">'),
        ("<a href='x?n=Charlie%20Douglas'>", "<a href='x?n=[PERSON_1]'>"),
        ('<meta name="author" content="Kim">', '<meta name="author" content="[PERSON_50]">'),
        ('<meta name="viewport" content="width=1">', '<meta name="viewport" content="width=1">'),
        ("<!-- by Charlie Douglas -->", "<!-- by [PERSON_1] -->"),
        ("<!-- never closed Charlie Douglas", "<!-- never closed [PERSON_1]"),
        ('<script>let a = "Charlie Douglas" < 1;</script>', '<script>let a = "[PERSON_1]" < 1;</script>'),
        ("<title>Charlie Douglas</title>", "<title>[PERSON_1]</title>"),
        ("<textarea>a <b> Charlie Douglas</textarea>", "<textarea>a <b> [PERSON_1]</textarea>"),
        ("<style>.a{}</style><p>charlie@example.com", "<style>.a{}</style><p>[MAIL_1]"),
        ("a < b <charlie@example.com> <", "a < b <[MAIL_1]> <"),
        ("<Charlie Douglas>", "<[PERSON_1]>"),
        ('<x-card name="Charlie Douglas">', '<x-card name="[PERSON_1]">'),
        ('<p title="never closed Charlie Douglas', '<p title="never closed [PERSON_1]'),
        ("<noscript><p>Charlie Douglas</p></noscript>", "<noscript><p>[PERSON_1]</p></noscript>"),
    ],
)
def test_a_value_is_found_wherever_it_stands(rewrite, source, expected):
    done = rewrite(source, "a.html")
    assert done.text == expected
    assert done.undone() == source.encode()


def test_a_restored_value_is_escaped_for_where_it_stands(rewrite):
    rewriter = rewrite("", "a.html").rewriter
    from graftwork.core.privacy.forms.html_form import pieces

    source = '<p title="[PERSON_3]">[PERSON_3]</p><script>a("[PERSON_3]")</script>'
    text = "".join(p if isinstance(p, str) else p.new for p in pieces(source, rewriter.backwards()))
    assert text.startswith('<p title="O&quot;Neil, &lt;Pat&gt;">O"Neil, &lt;Pat&gt;</p>')


@given(st.text(alphabet="<>/!-ab =\"'&;#x \n", max_size=80))
def test_any_text_passes_unchanged_where_nothing_is_found(source):
    assert "".join(token.raw for token in tokens(source)) == source


def test_many_open_quotes_take_no_time(rewrite):
    source = '<a "' * 20_000
    assert rewrite(source, "a.html").text == source
