"""What a draft was written from, as the page shows it: pieces, places, statements, and who may read what."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.apps.desk.behind import Behind
from graftwork.apps.desk.grounds import (
    STRETCH_CHARACTERS,
    Places,
    Units,
    claims_shown,
    excerpts_shown,
    field_stretches,
    pieces,
    stretches,
    summary,
    to_check,
)
from graftwork.apps.desk.item_fields import texts_of
from graftwork.apps.desk.narrowing import MOST_PASSAGES, narrowed
from graftwork.apps.desk.notices import notices_shown
from graftwork.apps.desk.standing import Stood, stand
from graftwork.core.types import Citation, Claim, Excerpt, FieldEvidence, Grounds, ItemContent, Turn

HANDBOOK = Excerpt(1, "handbook", "leave.md", "Leave", "😀 You have 28 days. They end in March.", 0, 39, page=2)
BOARD = Excerpt(2, "board", "pay.md", "Pay of the board", "The chair gets 400 shares.", 0, 26, headings=("Gold",))
OWN = Excerpt(3, "", "report", "Report", "It was 46 bar.", 10, 24)
CITED = """
name = "handbook_reply"
title = "Answers"
[input.fields.question]
[knowledge]
sources = ["handbook", "board"]
[instructions]
system = "Answer."
"""


def lit(parts):
    return [piece.text for piece in parts if piece.lit]


def test_text_is_cut_at_its_spans_and_spans_that_touch_are_one():
    assert [(one.text, one.lit) for one in pieces("abcdefgh", [(1, 3), (2, 4), (6, 7)])] == [
        ("a", False), ("bcd", True), ("ef", False), ("g", True), ("h", False),
    ]  # fmt: skip


@pytest.mark.parametrize("span", [(3, 3), (5, 2), (-4, 0), (8, 20)])
def test_a_span_without_text_lights_nothing(span):
    assert lit(pieces("abcdefgh", [span])) == []


@given(
    st.text(alphabet="ab\n😀\r"),
    st.lists(st.tuples(st.integers(-2, 60), st.integers(-2, 60))),
    st.lists(st.integers(0, 60)),
)
def test_the_stretches_hold_the_text_whole_and_light_what_the_spans_say(text, spans, pages):
    parts = stretches(text, spans, tuple(sorted(set(pages))))
    assert "".join(piece.text for part in parts for piece in part.pieces) == text
    wanted = {place for start, end in spans for place in range(max(0, start), min(end, len(text)))}
    flags = [piece.lit for part in parts for piece in part.pieces for _ in piece.text]
    assert {place for place, flag in enumerate(flags) if flag} == wanted


def test_a_long_text_is_cut_where_lines_end_and_at_its_pages():
    line = "word " * 20 + "\n"
    text = line * 200
    page = len(line) * 90
    parts = stretches(text, [(page - 10, page + 10)], (0, page))
    assert [part.page for part in parts if part.page] == [2]
    assert all(sum(len(piece.text) for piece in part.pieces) <= STRETCH_CHARACTERS + len(line) for part in parts)
    assert all(part.pieces[-1].text.endswith("\n") for part in parts)
    assert [lit(part.pieces) for part in parts if lit(part.pieces)] == [[text[page - 10 : page]], [line[:10]]]


def test_a_text_without_lines_stays_whole():
    assert len(stretches("x" * 10_000, [])) == 1


@given(st.text(alphabet="ab😀𝔘é\r\n"), st.data())
def test_offsets_are_those_of_the_browser(text, data):
    offset = data.draw(st.integers(0, len(text)))
    if text[offset - 1 : offset + 1] == "\r\n":
        return  # inside of what is one line end there
    in_browser = text.replace("\r\n", "\n").encode("utf-16-le")
    units = Units(text)(offset)
    assert in_browser[: 2 * units].decode("utf-16-le") == text[:offset].replace("\r\n", "\n")


def test_a_statement_names_its_places_in_the_passages_and_in_the_item():
    text = "Hello. You have 28 days [1]. It was 46 bar [3]."
    claims = (
        Claim(0, 6, "states_nothing"),
        Claim(7, 28, "supported", (Citation(1, 2, 19),)),
        Claim(28, 47, "unsupported", (Citation(3, 7, 13),), ("number 46",)),
    )
    grounds = Grounds((HANDBOOK, OWN), claims)
    stood = stand(text, claims, grounds, ItemContent({}))
    shown = claims_shown(text, stood, Places(grounds, {"report": "😀" * 10 + OWN.text}, ["handbook"]))
    assert [one.text for one in shown] == ["You have 28 days [1].", "It was 46 bar [3]."]
    assert json.loads(shown[0].lights) == [["1", 3, 20]]
    assert json.loads(shown[1].lights) == [["report", 27, 33]]
    assert [text[one.start : one.end] for one in shown] == [one.text for one in shown]
    assert to_check(shown) == 1


def test_what_stands_in_a_thread_is_not_lit():
    content = ItemContent({"talk": (Turn("customer", "It was 46 bar."),), "note": "n"})
    assert texts_of(content) == {"note": "n"}


def test_the_passages_of_a_source_that_is_closed_are_not_shown():
    claims = (Claim(0, 5, "supported", (Citation(2, 0, 9), Citation(1, 2, 5))),)
    grounds = Grounds((HANDBOOK, BOARD), claims)
    open_one, closed = excerpts_shown(grounds, ["handbook"])
    assert (open_one.place, lit(open_one.pieces)) == ("handbook / page 2", ["You"])
    assert closed.pieces == ()
    assert "Pay" not in repr(closed)
    assert "Gold" not in repr(closed)
    stood = [Stood(one, one.support) for one in claims]
    [claim] = claims_shown("Some.", stood, Places(grounds, {}, ["handbook"]))
    assert claim.hidden
    assert json.loads(claim.lights) == [["1", 3, 6]]
    [claim] = claims_shown(
        "Some.", [Stood(one, one.support) for one in claims], Places(grounds, {}, ["handbook", "board"])
    )
    assert not claim.hidden


def test_evidence_of_values_and_of_statements_is_lit_in_the_field():
    grounds = Grounds(
        (OWN,),
        (Claim(0, 5, "supported", (Citation(3, 7, 9),)),),
        (FieldEvidence("/a", field="report", start=0, end=3), FieldEvidence("/b", reason="none")),
    )
    [part] = field_stretches("Old. text It was 46 bar.", "report", grounds, ())
    assert lit(part.pieces) == ["Old", "46"]
    assert lit(field_stretches("Old.", "other", grounds, ())[0].pieces) == []


def behind(use_case, readable, text):
    claims = (
        Claim(0, 21, "supported", (Citation(1, 2, 19),)),
        Claim(22, len(text), "supported", (Citation(2, 0, 26),)),
    )
    content = ItemContent({"question": "How much?"})
    return Behind(use_case, content, Grounds((HANDBOOK, BOARD), claims), text, readable)


def test_an_edit_is_not_compared_with_a_source_that_is_closed(write_usecase):
    use_case = write_usecase(CITED, "handbook_reply")
    draft = "You have 28 days [1]. The chair gets 400 shares [2]."
    probe = f"{draft} The chair gets 400 shares, it is said."

    def verdicts(readable):
        return [one.support for one in behind(use_case, readable, draft).claims(probe)]

    assert verdicts(["handbook", "board"]) == ["supported", "supported", "supported"]
    assert verdicts(["handbook"]) == ["supported", "supported", "unsupported"]


@pytest.mark.parametrize(
    ("typed", "support", "citing"),
    [
        ("You have 28 days [1].", "supported", ""),
        ("You have 28 days.", "supported", ""),
        ("You have 28 days [1][2].", "supported", ""),
        ("You have 28 days. [1]", "supported", ""),
        ("You have 28 days [2].", "miscited", "cites [2], but [1] says it"),
        ("You have 28 days. [2]", "miscited", "cites [2], but [1] says it"),
        ("You have 28 days [99].", "miscited", "there is no passage [99]; [1] says it"),
        ("You have 28 days. [99]", "miscited", "there is no passage [99]; [1] says it"),
        ("You have 28 days [1, 99].", "miscited", "there is no passage [99]"),
        ("You have 28 days [2][99].", "miscited", "there is no passage [99]; cites [2], but [1] says it"),
        ("You have 31 days [2].", "unsupported", ""),
        ("You have 31 days [99].", "unsupported", "there is no passage [99]"),
    ],
)
def test_a_marker_that_was_typed_is_held_against_what_says_it(write_usecase, typed, support, citing):
    use_case = write_usecase(CITED, "handbook_reply")
    draft = "You have 28 days of leave [1]. The chair gets 400 shares [2]."
    shown = behind(use_case, ["handbook", "board"], draft).claims(f"Hello,\n\n{typed}\n\nThey end in March [1].")
    assert [(one.support, one.citing) for one in shown] == [(support, citing), ("supported", "")]
    assert shown[0].text == typed
    assert to_check(shown) == (support != "supported")


def test_a_greeting_that_cites_no_passage_is_told_and_one_that_cites_a_passage_is_not(write_usecase):
    known = behind(write_usecase(CITED, "handbook_reply"), ["handbook", "board"], "You have 28 days [1].")
    assert [(one.text, one.citing) for one in known.claims("Hello [9],")] == [("Hello [9],", "there is no passage [9]")]
    assert known.claims("Hello [1],") == []


OWN_WORDS = Excerpt(1, "handbook", "leave.md", "Leave", "State your employee number. Leave is 28 days.", 0, 45)


@pytest.mark.parametrize(
    ("said", "support"),
    [
        ("My employee number is 88213.", "of_item"),
        ("My employee number is 88214.", "unsupported"),
        ("State your employee number.", "supported"),
        ("Leave is 28 days.", "supported"),
        ("Leave is 28 days for employee number 88213.", "supported"),
    ],
)
def test_what_only_the_item_says_is_told_apart_from_what_a_source_says(write_usecase, said, support):
    item = ItemContent({"question": "My employee number is 88213. How long is leave?"})
    known = Behind(write_usecase(CITED, "handbook_reply"), item, Grounds((OWN_WORDS,)), "Hm.", ["handbook"])
    [shown] = known.claims(said)
    assert shown.support == support
    assert not (shown.lights and support == "of_item")


def test_a_draft_that_is_checked_against_its_item_only_is_not_told_apart():
    claims = (Claim(0, 13, "supported", ()),)
    [one] = stand("It was 46 bar", claims, Grounds((OWN,), claims), ItemContent({"report": OWN.text}))
    assert one.standing == "supported"


@pytest.mark.parametrize(
    ("standings", "told"),
    [
        ([], "Nothing in the text states a fact."),
        (["supported"], "The statement is supported."),
        (["supported"] * 3, "All 3 statements are supported."),
        (["supported", "of_item"], "1 of 2 statements is supported; 1 is from the item."),
        (["supported", "supported", "of_item"], "2 of 3 statements are supported; 1 is from the item."),
        (["of_item"], "The statement is from the item."),
        (["of_item", "of_item"], "All statements are from the item."),
        (["miscited", "supported"], "1 of 2 statements cites the wrong passage."),
        (["unsupported"], "1 of 1 statement has no support in what was read."),
        (
            ["unsupported", "unsupported", "miscited", "of_item"],
            "2 of 4 statements have no support in what was read; 1 cites the wrong passage.",
        ),
    ],
)
def test_the_statements_are_summed_up_in_one_sentence(standings, told):
    places = Places(Grounds(), {}, [])
    assert summary(claims_shown("It.", [Stood(Claim(0, 3, "supported"), one) for one in standings], places)) == told


def test_statements_are_placed_in_the_text_as_it_was_typed(write_usecase):
    use_case = write_usecase(CITED, "handbook_reply")
    typed = "Hi [7]. You have 28 days [9]. You have 31 days [1]."
    shown = behind(use_case, ["handbook", "board"], "You have 28 days [1].").claims(typed)
    assert [typed[one.start : one.end] for one in shown][-1] == "You have 31 days [1]."
    assert shown[-1].support == "unsupported"


def test_what_is_untouched_keeps_its_verdict_whatever_is_typed_beside_it(write_usecase):
    use_case = write_usecase(CITED, "handbook_reply")
    draft = "You have 28 days [1]. The chair gets 400 shares [2]."
    claims = (Claim(0, 21, "unsupported", (), ("told before",)), Claim(22, 52, "supported", (Citation(2, 0, 26),)))
    known = Behind(use_case, ItemContent({"question": "?"}), Grounds((HANDBOOK, BOARD), claims), draft, ["handbook"])
    first, second, _ = known.claims(f"Hello. {draft} The end is in May.")
    assert (first.missing, first.start) == (("told before",), 7)
    assert second.support == "supported"


def test_a_long_document_is_read_only_where_it_shares_words_with_what_was_written():
    said = {n: f"Sensor {n} measured {n * 7} bar. " + "It ran. " * 20 for n in range(1, 900)}
    excerpts = [Excerpt(n, "", "report", "", text, 0, len(text)) for n, text in said.items()]
    item = ItemContent({"report": "\n".join(one.text for one in excerpts), "title": "Log"})
    near = narrowed("Sensor 226 measured 1582 bar [700].", item, excerpts)
    numbers = [one.number for one in near.excerpts]
    assert {226, 700} <= set(numbers)
    assert numbers == sorted(numbers)
    assert len(numbers) <= MOST_PASSAGES + 1
    assert "Sensor 226 measured 1582 bar" in near.content.fields["report"]
    assert len(near.content.fields["report"]) < len(item.fields["report"]) / 2
    assert near.content.fields["title"] == "Log"


def test_a_short_document_is_read_whole():
    item = ItemContent({"report": "It was 46 bar.", "n": 3})
    assert narrowed("Nothing of it.", item, [HANDBOOK, OWN]).excerpts == (HANDBOOK, OWN)
    assert narrowed("Nothing of it.", item, []).content == item


def test_notices_are_gathered_by_kind_and_the_gravest_come_first():
    told = [
        {"code": "windows", "text": "In 3 parts."},
        {"code": "removed", "text": "2 taken out."},
        {"code": "conflict", "text": "A."},
        {"code": "conflict", "text": "B."},
        {"code": "conflict", "text": "A."},
        {"code": "of_tomorrow", "text": "New."},
    ]
    shown = [(one.word, one.texts) for one in notices_shown(told, without=("removed",))]
    assert shown == [("Contradiction", ["A.", "B."]), ("Long item", ["In 3 parts."]), ("Check", ["New."])]
