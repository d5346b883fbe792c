"""Windows cover a text, and what they give becomes one result with its conflicts shown."""

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graftwork.core.extraction.validating import extract
from graftwork.core.extraction.windows import Window, merge, windows
from graftwork.core.types import Notice

texts = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(["A word.", " ", "\n", "\n\n", "# Head\n", "x" * 30, "。", "\f"]), max_size=60).map(
        "".join
    ),
)


@settings(max_examples=300)
@given(texts, st.integers(1, 120), st.integers(0, 200), st.lists(st.integers(0, 300), max_size=4))
def test_windows_cover_the_text_in_order_within_their_room(text, room, overlap, pages):
    found = windows(text, room_characters=room, overlap_characters=overlap, pages=pages)
    assert found[0].start == 0
    assert found[-1].end == len(text)
    assert all(window.end - window.start <= room for window in found)
    assert all(one.start < other.start <= one.end < other.end for one, other in pairwise(found))


def test_a_text_that_fits_is_one_window():
    assert windows("short", room_characters=5) == [Window(0, 5)]
    assert windows("", room_characters=5) == [Window(0, 0)]


def test_no_room_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="room"):
        windows("text", room_characters=0)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("a" * 60 + ". Next one. b\nc\n\nd\n# Head\ne " + "f" * 60, "# Head"),
        ("a" * 60 + ". Next one. b\nc\n\nd e " + "f" * 60, "d e"),
        ("a" * 60 + ". Next one. b\nc e " + "f" * 60, "c e"),
        ("a" * 60 + ". Next one. b c " + "f" * 60, "b c"),
        ("a" * 60 + " b c " + "f" * 60, "f" * 60),
    ],
)
def test_a_window_ends_at_the_best_place_in_the_second_half_of_its_room(text, cut):
    first = windows(text, room_characters=100, overlap_characters=0)[0]
    assert text[first.end :].startswith(cut)


def test_a_page_goes_before_a_paragraph():
    text = "a" * 60 + "\n\n" + "b" * 10 + "c" * 60
    assert windows(text, room_characters=100, overlap_characters=0, pages=[0, 72])[0].end == 72


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
SCHEMA = {
    "type": "object",
    "required": ["age"],
    "properties": {
        "age": WHOLE,
        "name": TEXT,
        "findings": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"what": TEXT, "on": TEXT, "tags": {"type": "array", "items": TEXT}},
            },
        },
    },
}


def said(quote, value=None):
    return {"quote": quote, "value": quote if value is None else value}


def part(text, start, end, **given):
    return Window(start, end), extract(given, SCHEMA, {"report": text[start:end]}, codes={})


def merged(text, *parts):
    return merge([part(text, *where, **given) for where, given in parts], SCHEMA, "report")


def words(found, text):
    return {entry.path: text[entry.start : entry.end] for entry in found.evidence if entry.start is not None}


LONG = "Ana Ruiz, aged 40. Cyst removed on Monday. Then a fracture. Ana Ruiz was said to be 41. A cyst again."


def test_offsets_are_those_of_the_whole_text():
    half = LONG.index("Then")
    found = merged(
        LONG,
        ((0, half), {"age": said("aged 40", 40)}),
        ((half, len(LONG)), {"name": said("Ana Ruiz"), "findings": [{"what": said("fracture")}]}),
    )
    assert words(found, LONG) == {"/age": "aged 40", "/name": "Ana Ruiz", "/findings/0/what": "fracture"}


def test_only_the_field_that_was_read_by_windows_is_moved():
    schema = {"type": "object", "properties": {"who": TEXT}}
    found = extract({"who": said("Ana Ruiz")}, schema, {"title": "For Ana Ruiz", "report": "a part"}, codes={})
    assert merge([(Window(50, 56), found)], schema, "report").evidence[0].start == 4
    assert merge([(Window(50, 56), found)], schema).evidence[0].start == 54


def test_a_value_goes_before_null_and_keeps_its_place():
    found = merged(LONG, ((0, 10), {"age": None}), ((0, 20), {"age": said("aged 40", 40)}))
    assert found.value["age"] == 40
    assert words(found, LONG) == {"/age": "aged 40"}


def test_of_nulls_the_reason_that_says_more_is_kept():
    found = merged(LONG, ((0, 10), {"age": None}), ((0, 20), {"age": said("aged 99", 99)}))
    assert found.evidence[0].reason == "its words are not in the text"


def test_different_values_are_a_conflict_that_names_the_field_and_not_the_content():
    half = LONG.index("Then")
    found = merged(LONG, ((0, half), {"age": said("aged 40", 40)}), ((half, len(LONG)), {"age": said("be 41", 41)}))
    assert found.value["age"] == 40
    assert found.evidence[0].others == ("41",)
    assert [notice.code for notice in found.notices] == ["conflict"]
    assert "age" in found.notices[0].text
    assert "41" not in found.notices[0].text


def test_the_value_of_most_windows_is_kept_and_spelling_makes_no_conflict():
    sides = ["left knee", "Right knee", "right  knee"]
    text = "; ".join(sides)
    starts = [0, 11, 23]
    parts = [((start, len(text)), {"name": said(side)}) for start, side in zip(starts, sides, strict=True)]
    found = merged(text, *parts)
    assert found.value["name"] == "Right knee"
    assert found.evidence[1].others == (json.dumps("left knee"),)
    assert merged(text, *parts[1:]).notices == ()


def test_what_two_windows_saw_in_their_overlap_is_listed_once():
    cyst = {"what": said("Cyst removed", "Cyst"), "on": said("Monday")}
    less = {"what": said("Cyst removed", "cyst"), "on": None, "tags": [said("removed")]}
    found = merged(LONG, ((0, 45), {"findings": [cyst]}), ((10, 60), {"findings": [less]}))
    assert found.value["findings"] == [{"what": "Cyst", "on": "Monday", "tags": ["removed"]}]
    assert words(found, LONG)["/findings/0/on"] == "Monday"


def test_one_name_at_two_places_with_other_facts_is_two_items():
    first = {"what": said("Cyst"), "on": said("Monday")}
    later = {"what": said("cyst")}
    found = merged(LONG, ((0, 45), {"findings": [first]}), ((60, len(LONG)), {"findings": [later]}))
    assert len(found.value["findings"]) == 2
    assert len(merged(LONG, *[((60, len(LONG)), {"findings": [later]})] * 2).value["findings"]) == 1


def test_what_was_left_out_is_counted_together():
    parts = [((0, 40), {"name": said("Bob Hill"), "findings": [{"what": said("gout")}]})] * 2
    found = merged(LONG, *parts)
    assert [notice.code for notice in found.notices] == ["no_evidence"]
    assert "name (2)" in found.notices[0].text


def test_a_window_without_a_usable_answer_is_said_beside_what_the_others_gave():
    whole = (Window(0, 20), extract("garbage", SCHEMA, {"report": LONG[:20]}, codes={}))
    found = merge([whole, part(LONG, 0, 20, age=said("aged 40", 40))], SCHEMA, "report")
    assert found.value["age"] == 40
    assert [notice.code for notice in found.notices] == ["invalid_output"]
    assert isinstance(found.notices[0], Notice)


leaves = st.sampled_from(
    [None, said("Ana Ruiz"), said("aged 40", 40), said("Cyst"), said("cyst"), said("gout"), "fracture", 3]
)
answers = st.fixed_dictionaries(
    {},
    optional={
        "age": leaves,
        "name": leaves,
        "findings": st.lists(
            st.fixed_dictionaries({"what": leaves, "on": leaves, "tags": st.lists(leaves, max_size=2)}), max_size=3
        ),
    },
)


@given(answers)
def test_one_window_merged_is_what_it_was(answer):
    found = extract(answer, SCHEMA, {"report": LONG}, codes={})
    assert merge([(Window(0, len(LONG)), found)], SCHEMA, "report") == found


@given(st.lists(answers, min_size=1, max_size=4))
def test_merged_windows_show_the_words_of_their_values(given_answers):
    parts = []
    for answer, window in zip(given_answers, windows(LONG, room_characters=40, overlap_characters=10), strict=False):
        text = LONG[window.start : window.end]
        parts.append((window, extract(answer, SCHEMA, {"report": text}, codes={})))
    found = merge(parts, SCHEMA, "report")
    assert found == merge(parts, SCHEMA, "report")
    before = {
        LONG[window.start + entry.start : window.start + entry.end]
        for window, read in parts
        for entry in read.evidence
        if entry.start is not None
    }
    assert set(words(found, LONG).values()) <= before
