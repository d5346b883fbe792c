"""Templates: what they say is checked when they are read, and a value is put in once."""

import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.systems.http.addresses import AddressRefused, path_of, query_of
from graftwork.systems.http.templates import (
    Template,
    TemplateInvalid,
    ValueMissing,
    parse,
    render,
    render_json,
    templates_in,
)

WHEN = datetime(2026, 11, 22, 13, 30, 15, 250_000, tzinfo=UTC)
VALUES: dict[str, Any] = {
    "text": "Hello,\nyour <parcel> left.\n\nKind regards",
    "key": "gw-1",
    "note": "",
    "values": {"amount": 12.5, "codes": ["A", "B"], "urgent": True, "name": "O'Hara \\ 1"},
    "origin": {"id": 17},
    "at": WHEN,
}


@pytest.mark.parametrize(
    ("source", "filled"),
    [
        ("plain", "plain"),
        ("", ""),
        ("{origin.id}", "17"),
        ("/tickets/{ origin.id }/notes", "/tickets/17/notes"),
        ("{values.codes.1}", "B"),
        ("{values.codes}", '["A", "B"]'),
        ("{values.urgent}", "true"),
        ("{{key}} {key}", "{key} gw-1"),
        ("{values.name|odata}", "O''Hara \\ 1"),
        ("{values.name|quoted}", "O\\'Hara \\\\ 1"),
        ("{text|html}", "<p>Hello,<br>your &lt;parcel&gt; left.</p><p>Kind regards</p>"),
        ("{at}", "2026-11-22T13:30:15.250000Z"),
        ("{at|epoch}", "1795354215"),
        ("{at|epoch_ms}", "1795354215250"),
        ("{at|date:%Y-%m-%d %H:%M}", "2026-11-22 13:30"),
        ("{key|json}", '"gw-1"'),
    ],
)
def test_a_template_is_filled(source: str, filled: str) -> None:
    assert render(parse(source), VALUES) == filled


@pytest.mark.parametrize("source", ["{", "}", "{}", "a {b", "{a b}", "{a..b}", "{a|}", "{1a}", "{{a}", "{a?b}"])
def test_a_brace_that_begins_nothing_is_refused_with_its_column(source: str) -> None:
    with pytest.raises(TemplateInvalid, match="column"):
        parse(source)


def test_a_filter_that_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(TemplateInvalid, match="html"):
        parse("{text|markdown}")


def test_a_missing_value_is_named_and_an_optional_one_leaves_its_place_out() -> None:
    with pytest.raises(ValueMissing, match=r"origin\.queue"):
        render(parse("/x/{origin.queue}"), VALUES)

    assert render(parse("x {origin.queue?}"), VALUES) is None
    assert render(parse("x {note?}"), VALUES) is None
    assert render(parse("x {note}"), VALUES) == "x "
    body = {"a": "{origin.queue?}", "b": ["{note?}", "{key}"], "c": {"d": "{values.amount}"}, "e": "in {values.amount}"}
    assert render_json(body, VALUES) == {"b": ["gw-1"], "c": {"d": 12.5}, "e": "in 12.5"}


def test_a_body_that_is_one_placeholder_keeps_its_type() -> None:
    body = {"codes": "{values.codes}", "urgent": "{values.urgent}", "id": "{origin.id}", "text": "{origin.id|text}"}

    assert render_json(body, VALUES) == {"codes": ["A", "B"], "urgent": True, "id": 17, "text": "17"}


def test_every_text_of_a_body_is_found_with_its_place() -> None:
    found = dict(templates_in({"a": ["{x}", {"b": "{y}"}], "c": 1}, "body"))

    assert found == {"body.a.0": "{x}", "body.a.1.b": "{y}"}


ANY_TEXT = st.text(max_size=40) | st.sampled_from(
    ["{key}", "{{", "}", "{setting.token}", '"', "\\", "</p>", "%2e", "é"]
)


@given(ANY_TEXT)
def test_a_value_is_put_in_once_and_as_it_stands(value: str) -> None:
    assert render(parse("<{text}>"), {"text": value, "key": "other"}) == f"<{value}>"
    assert render_json("{text}", {"text": value}) == value


@given(ANY_TEXT, ANY_TEXT)
def test_a_body_stays_json_with_the_same_keys_whatever_it_is_filled_with(text: str, key: str) -> None:
    filled = render_json({"note": {"body": "Ref {key}: {text}", "private": True}}, {"text": text, "key": key})

    assert json.loads(json.dumps(filled)) == {"note": {"body": f"Ref {key}: {text}", "private": True}}


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_html_of_a_text_holds_only_our_tags_and_says_the_same(text: str) -> None:
    seen: list[str] = []
    tags: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)
            assert not attrs

        def handle_data(self, data: str) -> None:
            seen.append(data)

    reader = Reader(convert_charrefs=True)
    reader.feed(render(parse("{text|html}"), {"text": text}) or "")
    reader.close()

    assert tags <= {"p", "br"}
    assert "".join("".join(seen).split()) == "".join(text.split())


@given(st.text(max_size=30))
def test_a_value_is_one_step_of_a_path_or_refused(value: str) -> None:
    try:
        path = path_of(parse("/tickets/{id}/notes"), {"id": value})
    except (AddressRefused, UnicodeEncodeError):
        return
    _, first, step, last = path.split("/")
    assert (first, last) == ("tickets", "notes")
    assert unquote(step) == value
    assert step not in ("", ".", "..")


@pytest.mark.parametrize("value", ["", ".", "..", "../admin", "a/../b", "a\\..\\b", "a\nb", "a\x00"])
def test_a_value_that_would_leave_the_path_is_refused(value: str) -> None:
    with pytest.raises(AddressRefused):
        path_of(parse("/tickets/{id}"), {"id": value})


def test_two_values_cannot_make_a_step_up_together() -> None:
    with pytest.raises(AddressRefused):
        path_of(Template((*parse("/a/{x}").parts, *parse(".").parts)), {"x": "."})


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_a_value_is_one_parameter(value: str) -> None:
    query = query_of({"q": "{v}", "$filter": "x"}, {"v": value})

    assert [pair.partition("=")[0] for pair in query.split("&")] == ["q", "%24filter"]
    assert unquote(query.split("&")[0].partition("=")[2]) == value
