"""A draft sentence by sentence: what it cites, what stands there, and what is done about the rest."""

import re
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graftwork.core.citing import checking
from graftwork.core.citing.checking import Checked, check_claims
from graftwork.core.types import Claim, Excerpt

RETURNS = (
    "You may return any item within 14 days of delivery. Worn items are not accepted. "
    "Exchange is possible within 30 days."
)
SHIPPING = (
    "Orders ship within two working days. Express delivery costs 9.90 EUR. Parcels are sent with Nordwind Logistics."
)


def excerpt(number: int, text: str, title: str = "", document: str = "") -> Excerpt:
    return Excerpt(number, "policies", document or f"{number}.md", title, text, 0, len(text))


EXCERPTS = (excerpt(1, RETURNS, "Return policy"), excerpt(2, SHIPPING, "Shipping"))


def check(text: str, **options) -> Checked:
    return check_claims(text, EXCERPTS, **options)


def only(text: str, **options) -> Claim:
    (claim,) = check(text, **options).claims
    return claim


def cited(claim: Claim) -> list[tuple[int, str]]:
    texts = {each.number: each.text for each in EXCERPTS}
    return [(one.excerpt, texts[one.excerpt][one.start : one.end]) for one in claim.citations]


@pytest.mark.parametrize(
    ("sentence", "support", "missing"),
    [
        ("Items can be returned within two weeks of delivery [1].", "supported", ()),
        ("Items can be returned within three weeks of delivery [1].", "unsupported", ("number three weeks",)),
        ("Items can be exchanged within 30 days [1].", "supported", ()),
        ("Items can be exchanged within 14 days [1].", "unsupported", ("number 14 days",)),
        ("Worn items are not accepted [1].", "supported", ()),
        ("Worn items are accepted [1].", "unsupported", ("the passage says the opposite",)),
        ("Parcels are sent with Nordwind Logistics [2].", "supported", ()),
        ("Parcels are sent with Aurora Express [2].", "unsupported", ("name Aurora Express",)),
        ('It says "worn items are not accepted" [1].', "supported", ()),
        ('It says "worn items are not refunded" [1].', "unsupported", ("quoted words",)),
        ("Express delivery costs 9,90 euros [2].", "supported", ()),
        ("Express delivery costs 9.90 dollars [2].", "unsupported", ("number 9.90 dollars",)),
        ("The office dog likes visitors [1].", "unsupported", ("too little of it is in the passage",)),
        ("Write to help@larkfield.example [1].", "unsupported", ("code help@larkfield.example",)),
    ],
)
def test_a_sentence_is_held_against_what_it_cites(sentence, support, missing):
    claim = only(sentence)
    assert claim.support == support
    assert set(missing) <= set(claim.missing)
    assert bool(claim.missing) == (support == "unsupported")


def test_a_citation_names_the_words_that_support_the_sentence():
    assert cited(only("Worn items are not accepted [1].")) == [(1, "Worn items are not accepted.")]


def test_one_sentence_may_rest_on_two_passages():
    claim = only("You may return items within 14 days of delivery, and orders ship within two working days [1][2].")
    assert claim.support == "supported"
    assert [number for number, _ in cited(claim)] == [1, 2]


def test_a_sentence_without_a_marker_is_given_its_passage_but_the_text_stays():
    done = check("Express delivery costs 9.90 EUR.")
    assert done.text == "Express delivery costs 9.90 EUR."
    assert cited(done.claims[0]) == [(2, "Express delivery costs 9.90 EUR.")]


def test_a_number_of_no_passage_is_taken_out_and_counted():
    done = check("Worn items are not accepted [1, 9]. Express delivery costs 9.90 EUR [7].")
    assert done.text == "Worn items are not accepted [1]. Express delivery costs 9.90 EUR."
    assert done.markers_unknown == 2
    assert [claim.support for claim in done.claims] == ["supported", "supported"]


@pytest.mark.parametrize(
    ("draft", "text", "unknown"),
    [
        ("Worn items are not accepted [9[99]].", "Worn items are not accepted.", 2),
        ("Worn items are not accepted [[7]9].", "Worn items are not accepted.", 2),
        ("Worn items are not accepted [9 [99]].", "Worn items are not accepted.", 2),
        ("Worn items are not accepted [1[99]].", "Worn items are not accepted [1].", 1),
        ("Worn items are not accepted 5[9]0.", "Worn items are not accepted 5 0.", 1),
        ("Worn items are not accepted [x[99]].", "Worn items are not accepted [x].", 1),
        ("Worn items are not accepted [[1]].", "Worn items are not accepted [[1]].", 0),
        ("Worn items are not accepted [99](#a).", "Worn items are not accepted [99](#a).", 0),
        ("Worn items are not accepted ]99[.", "Worn items are not accepted ]99[.", 0),
    ],
)
def test_a_marker_that_a_cut_puts_together_is_cut_too(draft, text, unknown):
    done = check(draft)
    assert (done.text, done.markers_unknown) == (text, unknown)


def test_a_draft_of_many_rounds_ends_with_the_offsets_of_its_own_text(monkeypatch):
    monkeypatch.setattr(checking, "_MOST_ROUNDS", 1)
    done = check("The dog eats parcels [1]. Worn items are not accepted [2]. Hello.")
    again = check(done.text)
    assert done.markers_moved == 1
    assert (again.text, again.claims) == (done.text, done.claims)
    removed = check("The dog eats parcels [1]. Worn items are not accepted [1].", unsupported="remove")
    (claim,) = removed.claims
    assert removed.text[claim.start : claim.end] == "Worn items are not accepted [1]."


def test_a_marker_of_the_wrong_passage_is_put_right_and_counted():
    done = check("Express delivery costs 9.90 EUR [1].")
    assert (done.text, done.markers_moved) == ("Express delivery costs 9.90 EUR [2].", 1)
    assert done.claims[0].support == "supported"


def test_a_marker_is_not_moved_where_no_passage_says_it():
    done = check("Express delivery costs 4.90 EUR [1].")
    assert (done.text, done.markers_moved) == ("Express delivery costs 4.90 EUR [1].", 0)


@pytest.mark.parametrize(
    "text",
    [
        "Dear customer,",
        "Thank you for your message.",
        "Which item is it?",
        "A colleague will help.",
        "# Returns",
        "[1]",
    ],
)
def test_courtesy_states_nothing(text):
    assert only(text).support == "states_nothing"


@pytest.mark.parametrize(
    "text",
    [
        "Thank you, and you will get 80 euros.",
        "Did Ms Ostrov promise you 80 euros?",
        "Dear Ms Ostrov,",
        "The policy does not cover office dogs.",
        "A colleague will pay you 500 EUR.",
    ],
)
def test_courtesy_with_facts_of_its_own_is_checked(text):
    assert only(text).support == "unsupported"


def test_names_and_numbers_of_the_item_are_no_inventions():
    item = ["I am Anna Ostrov, order LF-2041, and my parcel came on 3 May."]
    assert only("Dear Ms Ostrov,", item_texts=item).support == "states_nothing"
    assert only("Thank you for your order LF-2041.", item_texts=item).support == "states_nothing"
    assert only("You may return order LF-2041 within 14 days of delivery [1].", item_texts=item).support == "supported"
    assert (
        only("You may return order LF-2042 within 14 days of delivery [1].", item_texts=item).support == "unsupported"
    )


@pytest.mark.parametrize(
    ("source", "item", "draft", "missing"),
    [
        ("28 days of paid leave.", "Do I get 40 days of leave?", "You get 40 days of paid leave [1].", "40 days"),
        (
            "28 working days of paid leave.",
            "Do I get 40 days of leave?",
            "You get 40 days of paid leave [1].",
            "40 days",
        ),
        (
            "28 days of paid leave.",
            "40 working days of leave?",
            "You get 40 working days of leave [1].",
            "40 working days",
        ),
        ("28 working days of paid leave.", "28 days of leave?", "You get 28 days of paid leave [1].", "28 days"),
        (RETURNS, "Can I return the lamp within 60 days?", "Return it within 60 days of delivery [1].", "60 days"),
        ("28 working days of paid leave.", "40 days?", "You get 28 working days of paid leave [1].", ""),
        ("The warranty is 24 months.", "Is the warranty 3 years?", "The warranty is 3 years [1].", "3 years"),
        ("The warranty is 24 months.", "Is the warranty 2 years?", "The warranty is 2 years [1].", ""),
        ("The warranty is 24 months.", "Is it 90 days?", "The warranty is 90 days [1].", "90 days"),
        ("Express costs 9.90 EUR.", "Is express 4.90 €?", "Express costs 4.90 € [1].", "4.90 €"),
        ("Express costs €9.90.", "Is express 9.90 dollars?", "Express costs 9.90 dollars [1].", "9.90 dollars"),
        ("Express costs 9.90 EUR.", "Is express 9,90 €?", "Express costs 9,90 € [1].", ""),
        ("Returned kettles are refunded.", "My 5 kg kettle?", "Your 5 kg kettle is refunded when returned [1].", ""),
        ("Kettles of 9.90 EUR are refunded.", "My 5 kg kettle?", "Your 5 kg kettle is refunded [1].", ""),
    ],
)
def test_a_number_that_only_the_item_has_does_not_replace_that_of_the_passage(source, item, draft, missing):
    (claim,) = check_claims(draft, (excerpt(1, source),), item_texts=[item]).claims
    assert claim.missing == ((f"number {missing}",) if missing else ())


def test_exempt_sentences_state_nothing_unless_they_name_something():
    exempt = ["Larkfield wishes"]
    assert only("Larkfield wishes you a sunny week.", exempt=exempt).support == "states_nothing"
    assert only("The shop wishes you a sunny week.", exempt=exempt).support == "unsupported"
    assert only("Larkfield wishes you 50 EUR.", exempt=exempt).support == "unsupported"


def test_what_has_no_support_is_taken_out_and_the_list_closes_up():
    text = (
        "Dear customer,\n\nthis applies:\n- Worn items are not accepted [1].\n- The dog eats parcels [1].\n"
        "- Express delivery costs 9.90 EUR [2].\n\nWe like you a lot because of Aurora.\n\n"
        "Kind regards,\nYour support team"
    )
    done = check(text, unsupported="remove")
    assert done.text == (
        "Dear customer,\n\nthis applies:\n- Worn items are not accepted [1].\n"
        "- Express delivery costs 9.90 EUR [2].\n\n"
        "Kind regards,\nYour support team"
    )
    assert done.removed == 2
    assert all(claim.support != "unsupported" for claim in done.claims)


def test_nothing_is_left_where_only_courtesy_would_be():
    done = check("Hello!\n\nThe dog eats parcels [1].\n\nKind regards", unsupported="remove")
    assert (done.text, done.claims, done.removed) == ("", (), 1)


def test_a_draft_without_passages_has_no_support():
    (claim,) = check_claims("Worn items are not accepted [1].", ()).claims
    assert (claim.support, claim.citations) == ("unsupported", ())


def test_contents_stay_out_of_the_representation():
    assert "Worn" not in repr(check("Worn items are not accepted [1]."))


PIECES = (
    'You|may|return|items|within|14|days|not|[1]|[2]|[9]|[1, 9]|.|!|\n|\n\n|- |Dear|Nordwind|"|3 May 2024|EUR 5| '
    "|accepted|e.g.|5.|Kind regards|[|]"
)
WORDS = st.sampled_from(PIECES.split("|"))
# Without spaces brackets nest, and a cut can put a marker together.
JOINED = st.lists(st.one_of(WORDS, st.sampled_from("[]79 ,")), max_size=30).map("".join)
DRAFTS = st.one_of(st.text(max_size=120), st.lists(WORDS, max_size=30).map(" ".join), JOINED)


@given(draft=DRAFTS, source=DRAFTS, unsupported=st.sampled_from(["mark", "remove"]))
@settings(deadline=None)
def test_every_draft_is_checked_with_offsets_that_hold_and_once_is_enough(draft, source, unsupported):
    excerpts = (excerpt(1, source), excerpt(2, SHIPPING))
    done = check_claims(draft, excerpts, item_texts=[source[:20]], unsupported=unsupported)
    texts = {each.number: each.text for each in excerpts}
    for claim in done.claims:
        assert 0 <= claim.start < claim.end <= len(done.text)
        assert (claim.support == "unsupported") == bool(claim.missing)
        for one in claim.citations:
            assert 0 <= one.start < one.end <= len(texts[one.excerpt])
    again = check_claims(done.text, excerpts, item_texts=[source[:20]], unsupported=unsupported)
    assert (again.text, again.claims) == (done.text, done.claims)
    assert (again.removed, again.markers_unknown, again.markers_moved) == (0, 0, 0)
    if unsupported == "remove":
        assert all(claim.support != "unsupported" for claim in done.claims)


@given(source=DRAFTS)
@settings(deadline=None)
def test_a_draft_that_copies_its_passage_is_never_marked_for_its_facts(source):
    done = check_claims(source, (excerpt(1, source),))
    assume(not done.markers_unknown)  # what is taken out between two figures leaves others than the passage has
    claims = done.claims
    assert not [part for claim in claims for part in claim.missing if re.match("number|date|time|code", part)]


@pytest.mark.parametrize(
    "piece",
    ["You may return items within 14 days [1]. ", "[1] ", "A", "no ", '"a b c" ', "5 days, ", "May 3 ", "[9", "[9]]"],
)
def test_time_grows_with_the_length_of_the_draft(piece):
    def seconds(characters: int) -> float:
        started = time.process_time()
        check((piece * characters)[:characters])
        return time.process_time() - started

    seconds(1_000)
    short, long = seconds(10_000), seconds(100_000)
    assert long < 10
    assert long < 40 * max(short, 0.02)
