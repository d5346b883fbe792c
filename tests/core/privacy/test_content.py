"""An item is searched as one text and masked piece by piece."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.privacy.book import Book
from graftwork.core.privacy.content import WholeText, mask_content, masking
from graftwork.core.privacy.finding import Finding
from graftwork.core.types import ItemContent, Turn


def star(text: str, findings: Sequence[Finding]) -> tuple[str, Mapping[str, int]]:
    for one in sorted(findings, reverse=True):
        text = f"{text[: one.start]}*{text[one.end :]}"
    return text, {"person": len(findings)} if findings else {}


def masked(fields: Mapping[str, Any], *values: str) -> tuple[Mapping[str, Any], dict[str, int]]:
    content = ItemContent(fields)
    whole = WholeText(content)
    spans = []
    for value in values:
        start = whole.text.find(value)
        while start >= 0:
            spans.append(Finding(start, start + len(value), "person", "t", "r"))
            start = whole.text.find(value, start + 1)
    result, counts = mask_content(content, whole, spans, star)
    return result.fields, counts


def test_a_value_is_masked_in_every_field_and_turn_and_as_the_name_of_a_speaker():
    fields, counts = masked(
        {"text": (Turn("Anna", "I am Anna."), Turn("agent", "Hello Anna")), "subject": "Anna", "none": None}, "Anna"
    )
    assert fields == {"text": (Turn("*", "I am *."), Turn("agent", "Hello *")), "subject": "*", "none": None}
    assert counts == {"person": 4}


def test_a_number_becomes_text_only_where_something_of_it_is_masked():
    fields, _ = masked({"phone": 4366412345678, "count": 3, "urgent": True, "share": 0.5}, "4366412345678")
    assert fields == {"phone": "*", "count": 3, "urgent": True, "share": 0.5}


def test_the_name_of_a_short_field_is_context_and_never_masked():
    assert WholeText(ItemContent({"customer_name": "anna"})).text == "customer name: anna"
    fields, _ = masked({"customer_name": "x"}, "name: x")
    assert fields == {"customer_name": "*"}


def test_a_finding_over_the_edge_of_two_pieces_is_cut_at_the_edge():
    content = ItemContent({"text": (Turn("a", "one"), Turn("b", "two"))})
    whole = WholeText(content)
    result, _ = mask_content(content, whole, [Finding(0, len(whole.text), "person", "t", "r")], star)
    assert result.fields["text"] == (Turn("*", "*"), Turn("*", "*"))


PLAIN = st.text().filter(lambda text: "\x1e" not in text)


@given(st.dictionaries(st.sampled_from("abc"), st.one_of(PLAIN, st.none(), st.integers(), st.booleans(), st.lists(
    st.builds(Turn, PLAIN, PLAIN)).map(tuple))))  # fmt: skip
def test_without_findings_an_item_stays_as_it_is(fields):
    assert masked(fields)[0] == fields


def test_a_text_that_holds_the_edge_itself_does_not_shift_the_others():
    fields, _ = masked({"a": "x\n\x1e\ny", "b": "Anna"}, "Anna")
    assert fields == {"a": "x\n\ufffd\ny", "b": "*"}


def test_a_kept_field_is_left_and_a_field_that_is_a_value_is_masked_whole():
    content = ItemContent({"language": "English", "customer": " Odo Tarn ", "text": "English, said Odo Tarn"})
    whole = WholeText(content, {"language": "keep", "customer": "person"})
    found = [Finding(10, 17, "group", "t", "r")]
    assert whole.text[10:17] == "English"
    assert whole.stated == [("Odo Tarn", "person")]
    (ruled,) = whole.ruled(found)
    assert (whole.text[ruled.start : ruled.end], ruled.kind) == ("Odo Tarn", "person")


def test_what_stands_in_no_ruled_field_stays_found():
    whole = WholeText(ItemContent({"language": "English", "text": "ask Odo Tarn"}), {"language": "keep"})
    start = whole.text.index("Odo")
    found = Finding(start, start + 8, "person", "t", "r")
    assert whole.ruled([found]) == [found]


def test_a_kind_that_keeps_its_format_becomes_a_value_of_that_form():
    content = ItemContent({"born": "1980-12-24", "mail": "odo@example.com"})
    whole = WholeText(content, {"born": "date_of_birth", "mail": "mail"})
    result, counts = mask_content(content, whole, whole.ruled([]), masking(Book(), ["date_of_birth"]))
    born = str(result.fields["born"])
    assert date.fromisoformat(born) != date(1980, 12, 24)
    assert date.fromisoformat(born).weekday() == date(1980, 12, 24).weekday()
    assert result.fields["mail"] == "[MAIL_1]"
    assert counts == {"date_of_birth": 1, "mail": 1}
