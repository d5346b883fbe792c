"""Who is who: mentions of one person together, two people never."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.privacy.book import Book, Mention
from graftwork.core.privacy.entities import key_of, name_of
from support.books import placeholder_for


def person(book: Book, *values: str | tuple[str, str]) -> list[str]:
    """The placeholders of the mentions of one text, without their brackets' label: `1 1 2`."""
    mentions = [
        Mention(value, "person") if isinstance(value, str) else Mention(value[0], "person", value[1])
        for value in values
    ]
    return [str(placeholder.index) for placeholder in book.place(mentions)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Charlie Douglas", "Charlie"),
        ("Charlie Douglas", "Douglas"),
        ("Charlie Douglas", "CHARLIE DOUGLAS"),
        ("Charlie Douglas", "charlie  douglas"),
        ("Charlie Douglas", "C. Douglas"),
        ("C. Douglas", "Charlie Douglas"),
        ("Charlie Douglas", "Douglas, Charlie"),
        ("Charlie Douglas", "Charlie B. Douglas"),
        ("Charlie Benjamin Douglas", "Charlie B. Douglas"),
        ("Zoë Müller", "Zoe Muller"),
        ("Zoë Müller", "ZOË MÜLLER"),
        ("Jan van der Berg", "van der Berg"),
        ("Charlie", "Charlie Douglas"),
        ("Charlie\u200b Douglas", "Charlie Douglas"),
    ],
)
def test_mentions_of_one_person_get_one_placeholder(first, second):
    assert person(Book(), first, second) == ["1", "1"]
    book = Book()
    assert person(book, first) + person(book, second) == ["1", "1"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Charlie Douglas", "Charlie Smith"),
        ("Charlie Douglas", "Martha Douglas"),
        ("Charlie Douglas", "Charlotte"),
        ("Charlie Benjamin Douglas", "Charlie George Douglas"),
        ("Charlie Douglas", "Charlie Douglas Jr"),
        ("C. Douglas", "Martha Douglas"),
        ("Anna-Marie Berg", "Marie"),
    ],
)
def test_different_people_get_different_placeholders(first, second):
    assert person(Book(), first, second) == ["1", "2"]


PARTS = st.sampled_from(["Ann", "Anna", "Bo", "Lee", "Ray", "May", "A.", "B."])


@given(st.lists(st.lists(PARTS, min_size=1, max_size=3, unique=True).map(" ".join), max_size=10), st.booleans())
def test_no_two_names_that_cannot_be_one_person_ever_share_a_placeholder(names, at_once):
    book = Book()
    given = person(book, *names) if at_once else [person(book, name)[0] for name in names]
    for one, its in zip(names, given, strict=True):
        for other, theirs in zip(names, given, strict=True):
            first, second = name_of(one).words, name_of(other).words
            if its == theirs and len(first) > 1 and len(second) > 1:
                assert first[-1] == second[-1]
                assert first[0][0] == second[0][0]


def test_mr_and_mrs_douglas_are_two_people_and_douglas_alone_is_neither():
    book = Book()
    assert person(book, ("Douglas", "m"), ("Douglas", "f"), ("Douglas", "m")) == ["1", "2", "1"]
    assert person(book, "Douglas", "Douglas") == ["3", "3"]


def test_which_of_mr_and_mrs_douglas_charlie_is_would_be_a_guess():
    assert person(Book(), "Charlie Douglas", ("Douglas", "f"), ("Douglas", "m")) == ["1", "2", "3"]
    assert person(Book(), "Charlie Douglas", ("Douglas", "f")) == ["1", "1"]


def test_charlie_with_two_charlies_known_gets_a_placeholder_of_its_own():
    book = Book()
    assert person(book, "Charlie Douglas", "Charlie Smith", "Charlie", "Charlie") == ["1", "2", "3", "3"]
    assert person(book, "Charlie Brown") == ["4"]
    assert person(book, "Charlie") == ["3"]


def test_the_charlie_of_yesterday_is_not_guessed_among_two_of_today():
    book = Book()
    person(book, "Charlie")
    assert person(book, "Charlie Douglas", "Charlie Smith") == ["2", "3"]


def test_a_short_mention_before_the_full_name_is_linked_and_numbered_in_order():
    book = Book()
    assert person(book, "Ann Lee", "Charlie", "Charlie Douglas") == ["1", "2", "2"]
    assert [entry.value for entry in book.entries] == ["Ann Lee", "Charlie Douglas"]


def test_two_short_forms_are_not_made_one_by_a_later_full_name():
    book = Book()
    assert person(book, "Charlie") + person(book, "Douglas") + person(book, "Charlie Douglas") == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("phone", "+49 30 1234-567", "0049 (30) 1234567"),
        ("phone", "+49 (0)30 1234567", "+49 30 1234567"),
        ("card", "4111 1111 1111 1111", "4111-1111-1111-1111"),
        ("iban", "DE89 3704 0044 0532 0130 00", "de89370400440532013000"),
        ("mail", "Charlie@Example.com", "charlie@example.com"),
        ("vehicle", "M-AB 123", "m ab-123"),
        ("account", "12.345", "12 345"),
        ("address", "12 Main  Street", "12 main street"),
        ("organisation", "Café Zoë", "CAFE ZOE"),
    ],
)
def test_separators_case_and_accents_do_not_make_another_value(kind, one, other):
    assert key_of(one, kind) == key_of(other, kind)
    book = Book()
    assert placeholder_for(book, one, kind) == placeholder_for(book, other, kind)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("phone", "+49 30 1234567", "+49 30 1234568"),
        ("password", "Secret1", "secret1"),
        ("key", "sk-a B", "sk-aB"),
        ("url", "https://a.example/X", "https://a.example/x"),
        ("mail", "a.b@example.com", "ab@example.com"),
        ("vehicle", "M-AB 123", "MA-B 123"),
        ("id", "1-23", "12-3"),
        ("id", "dQw4", "DqW4"),
        ("account", "12.5", "1.25"),
    ],
)
def test_what_differs_in_more_than_its_writing_is_another_value(kind, one, other):
    book = Book()
    assert placeholder_for(book, one, kind) != placeholder_for(book, other, kind)


def test_one_entity_keeps_its_first_kind():
    book = Book()
    assert placeholder_for(book, "Douglas", "person") == "[PERSON_1]"
    assert placeholder_for(book, "Douglas", "organisation") == "[PERSON_1]"
    assert placeholder_for(book, "Acme", "organisation") == "[ORGANISATION_1]"
    assert placeholder_for(book, "Acme", "person") == "[ORGANISATION_1]"
    assert placeholder_for(book, "55 12", "phone") == placeholder_for(book, "5512", "id")


def test_names_that_are_no_words_are_names_all_the_same():
    assert name_of("***").words == ("***",)
    assert person(Book(), "***", "???") == ["1", "2"]
    assert person(Book(), "", "山田", "山田 太郎") == ["1", "2", "2"]
