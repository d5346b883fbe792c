"""An item's own passages: numbered, cut at sentences, and found again in the field by their offsets."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.citing.checking import check_claims
from graftwork.core.citing.excerpt_block import excerpt_block
from graftwork.core.citing.item_excerpts import item_excerpts
from graftwork.core.prompt import plain
from graftwork.core.types import Excerpt, ItemContent, Turn


def test_each_field_is_a_passage_under_its_label():
    found = item_excerpts(
        ItemContent({"name": "Kestrel 5", "weight": 1.3, "note": None, "spare": " "}), {"name": "Name"}
    )
    assert [(one.number, one.document, one.title, one.text) for one in found] == [
        (1, "name", "Name", "Kestrel 5"),
        (2, "weight", "weight", "1.3"),
    ]
    assert all(one.of_item for one in found)


def test_a_long_report_is_cut_at_sentences_and_keeps_its_pages():
    text = "The first page says little. " * 40 + "\n\n" + "The second page says more. " * 40
    begins = (0, text.index("The second"))
    found = item_excerpts(ItemContent({"report": text}, {"report": begins}), {}, characters=300)
    assert len(found) > 5
    assert all(len(one.text) <= 300 and one.text.endswith(".") for one in found)
    assert {one.page for one in found} == {1, 2}
    assert all((one.page == 2) == (one.start >= begins[1]) for one in found)


def test_a_conversation_keeps_its_speakers():
    (one,) = item_excerpts(ItemContent({"chat": (Turn("Anna", "It broke."), Turn("Agent", "When?"))}), {"chat": "Chat"})
    assert one.text == "Anna: It broke.\n\nAgent: When?"


@given(st.text(max_size=400), st.integers(20, 200))
def test_passages_are_slices_of_the_field_and_leave_no_word_out(text, characters):
    found = item_excerpts(ItemContent({"field": text}), {}, characters=characters)
    assert all(one.text == plain(text)[one.start : one.end] and 0 < len(one.text) <= characters for one in found)
    assert all(one.end <= two.start for one, two in pairwise(found))
    assert "".join("".join(one.text for one in found).split()) == "".join(text.split())


def test_passages_are_shown_with_number_headings_and_page():
    block = excerpt_block(
        [
            Excerpt(1, "hr", "leave.md", "Leave", "28 days.", 0, 8, page=3, headings=("Holidays", "Amount")),
            Excerpt(2, "hr", "pay.md", "", "On the 25th.", 0, 12),
        ]
    )
    assert block == "[1] Leave > Holidays > Amount, page 3\n28 days.\n\n[2] pay.md\nOn the 25th."


LAMP = ItemContent(
    {"name": "Kestrel 5", "weight": "1.3 kg", "light": "800 lumen", "colour": "sea green", "price": "49 EUR"}
)
COPY = "The sea green Kestrel 5 gives 800 lumen, weighs just 1.3 kg and costs 49 euros."


def test_a_sentence_may_draw_on_all_attributes_at_once():
    (claim,) = check_claims(COPY, item_excerpts(LAMP, {})).claims
    assert claim.support == "supported"
    assert {one.excerpt for one in claim.citations} == {1, 2, 3, 4, 5}


def test_an_attribute_that_the_item_does_not_have_is_named():
    (claim,) = check_claims(COPY.replace("1.3", "1.2"), item_excerpts(LAMP, {})).claims
    assert claim.missing == ("number 1.2 kg",)
