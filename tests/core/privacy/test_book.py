"""A book gives each entity one placeholder, and each placeholder one value, for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.privacy.book import Book
from graftwork.core.privacy.finding import KINDS
from graftwork.core.privacy.placeholders import Placeholder
from support.books import placeholder_for

NAMES = st.lists(
    st.sampled_from(["Ann", "Bo", "Cy", "Lee", "May", "Ann Lee", "Bo Lee", "A. Lee", "Ann May"]), max_size=8
)


def test_indexes_begin_at_one_for_each_label():
    book = Book()
    assert placeholder_for(book, "a@example.com", "mail") == "[MAIL_1]"
    assert placeholder_for(book, "b@example.com", "mail") == "[MAIL_2]"
    assert placeholder_for(book, "55", "id") == "[ID_1]"


def test_the_fullest_form_seen_is_what_comes_back():
    book = Book()
    placeholder_for(book, "Charlie", "person")
    assert book.value_of(Placeholder("PERSON", 1)) == "Charlie"
    placeholder_for(book, "Charlie Douglas", "person")
    assert book.value_of(Placeholder("PERSON", 1)) == "Charlie Douglas"
    placeholder_for(book, "Douglas", "person")
    assert book.value_of(Placeholder("PERSON", 1)) == "Charlie Douglas"


def test_what_was_never_minted_has_no_value():
    book = Book()
    placeholder_for(book, "Charlie", "person")
    assert book.value_of(Placeholder("PERSON", 9)) is None
    assert book.value_of(Placeholder("MAIL", 1)) is None


def test_a_book_of_another_thread_knows_nothing():
    ours, theirs = Book(), Book()
    placeholder_for(ours, "Charlie Douglas", "person")
    placeholder_for(theirs, "Martha Jones", "person")
    assert theirs.value_of(Placeholder("PERSON", 1)) == "Martha Jones"
    assert ours.value_of(Placeholder("PERSON", 1)) == "Charlie Douglas"


def test_what_expired_is_not_given_to_another_value():
    book = Book(last_indexes={"PERSON": 4})
    assert placeholder_for(book, "Charlie", "person") == "[PERSON_5]"
    assert book.last_indexes == {"PERSON": 5}


def test_changes_are_told_once_and_as_they_are_made():
    book = Book()
    placeholder_for(book, "Charlie", "person")
    placeholder_for(book, "Charlie", "person")
    assert len(book.take_changes()) == 1
    assert not book.take_changes()
    placeholder_for(book, "Charlie Douglas", "person")
    assert [entry.value for entry in book.take_changes()] == ["Charlie Douglas"]


def test_no_repr_shows_a_value():
    book = Book()
    placeholder_for(book, "Zwetschge", "person")
    shown = repr(book) + repr(book.entries) + repr(book.take_changes()) + str(book.entries[0])
    assert "Zwetschge" not in shown
    assert "PERSON_1" in shown


def test_known_values_are_for_the_detector_to_find_again():
    book = Book()
    placeholder_for(book, "Charlie Douglas", "person")
    placeholder_for(book, "[PERSON_1]", "literal")
    assert book.known_values() == [("Charlie Douglas", "person")]


@given(NAMES, NAMES)
def test_a_book_that_was_stored_goes_on_as_if_it_had_not_been(first, second):
    whole, before = Book(), Book()
    for name in first:
        assert placeholder_for(whole, name, "person") == placeholder_for(before, name, "person")
    after = Book(before.entries, secret=before.secret)
    for name in second:
        assert placeholder_for(whole, name, "person") == placeholder_for(after, name, "person")
    assert {e.placeholder: e.value for e in whole.entries} == {e.placeholder: e.value for e in after.entries}


@given(st.lists(st.tuples(st.text(max_size=6), st.sampled_from(KINDS)), max_size=12))
def test_a_mention_seen_again_has_the_placeholder_it_had(values):
    book = Book()
    for value, kind in values:
        if kind != "person":
            assert placeholder_for(book, value, kind) == placeholder_for(book, value, kind)
    assert len({entry.placeholder for entry in book.entries}) == len(book.entries)


def test_a_surrogate_stands_for_one_value():
    book = Book()
    for value in ("a@example.com", "b@example.com"):
        placeholder_for(book, value, "mail")
    book.set_surrogate(Placeholder("MAIL", 1), "person1@mask.invalid")
    with pytest.raises(ValueError, match="one value"):
        book.set_surrogate(Placeholder("MAIL", 2), "person1@mask.invalid")
    assert Book(book.entries).of_surrogate("person1@mask.invalid") == Placeholder("MAIL", 1)
