"""Stand-ins keep their format, belong to nobody, and come back exactly."""

import ipaddress
import re
from datetime import date

import phonenumbers
import pytest
from stdnum import luhn
from stdnum.iso7064 import mod_97_10

from graftwork.core.privacy.book import Book
from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.mask import mask
from graftwork.core.privacy.restore import Restorer, restore
from graftwork.core.privacy.surrogates import Surrogates, shift_days

ALL = Surrogates(frozenset({"mail", "phone", "card", "iban", "ip", "url", "date", "date_of_birth"}))
SECRET = bytes(range(32))


def masked(text: str, values: dict[str, Kind], book: Book) -> str:
    findings = [
        Finding(match.start(), match.end(), kind, "t", "t")
        for value, kind in values.items()
        for match in re.finditer(re.escape(value), text)
    ]
    return mask(text, findings, book, surrogates=ALL).text


@pytest.mark.parametrize(
    ("kind", "value", "is_valid"),
    [
        ("mail", "ann@example.com", lambda shown: re.fullmatch(r"[\w.]+@mask\.invalid", shown)),
        ("phone", "+49 30 1234567", lambda shown: phonenumbers.is_possible_number(phonenumbers.parse(shown))),
        ("card", "4111 1111 1111 1111", lambda shown: luhn.is_valid(shown.replace(" ", "")) and shown.count(" ") == 3),
        ("card", "4111111111111111", luhn.is_valid),
        (
            "iban",
            "DE89 3704 0044 0532 0130 00",
            lambda shown: mod_97_10.is_valid((shown[5:] + shown[:4]).replace(" ", "")),
        ),
        ("ip", "8.8.8.8", lambda shown: not ipaddress.ip_address(shown).is_global),
        ("ip", "2a00::1", lambda shown: not ipaddress.ip_address(shown).is_global),
        ("url", "https://a.example/x", lambda shown: shown.startswith("https://")),
        ("date", "2026-02-28", date.fromisoformat),
        ("date_of_birth", "24.12.1980", lambda shown: re.fullmatch(r"\d\d\.\d\d\.\d{4}", shown)),
    ],
)
def test_a_stand_in_keeps_its_format_and_comes_back(kind, value, is_valid):
    book = Book(secret=SECRET)
    text = f"it is {value}, he said"
    shown = masked(text, {value: kind}, book)
    assert value not in shown
    assert is_valid(shown.removeprefix("it is ").removesuffix(", he said"))
    assert restore(shown, book).text == text
    restorer = Restorer(book)
    assert "".join([*map(restorer.feed, shown), restorer.close()]) == restore(shown, book).text


def test_dates_keep_weekday_order_and_distance():
    book = Book(secret=SECRET)
    days = ["2026-01-31", "2026-02-01", "2024-02-29"]
    shown = masked(" ".join(days), dict.fromkeys(days, "date"), book).split()
    moved = [date.fromisoformat(day) for day in shown]
    real = [date.fromisoformat(day) for day in days]
    assert [day.weekday() for day in moved] == [day.weekday() for day in real]
    assert [day - moved[0] for day in moved] == [day - real[0] for day in real]
    assert moved != real


def test_every_scope_shifts_its_dates_by_its_own_secret_and_never_by_nothing():
    shifts = {shift_days(number.to_bytes(8)) for number in range(1_000)}
    assert len(shifts) > 500
    assert 0 not in shifts
    assert all(shift % 7 == 0 and abs(shift) <= 5 * 366 for shift in shifts)


@pytest.mark.parametrize("value", ["03/04/2026", "2026-02-30", "yesterday", "9999-12-31"])
def test_a_date_that_can_be_read_in_two_ways_or_in_none_keeps_its_placeholder(value):
    book = Book(secret=b"\xff" * 32)
    shown = masked(value, {value: "date"}, book)
    assert shown == "[DATE_1]" or shift_days(book.secret) < 0
    assert restore(shown, book).text == value


def test_a_stand_in_that_stands_in_the_text_already_is_not_used():
    book = Book()
    text = "person1@mask.invalid wrote to ann@example.com"
    shown = masked(text, {"ann@example.com": "mail"}, book)
    assert shown == "person1@mask.invalid wrote to [MAIL_1]"
    assert restore(shown, book).text == text


def test_a_stand_in_typed_by_the_user_is_neutralised():
    book = Book()
    assert masked("ann@example.com", {"ann@example.com": "mail"}, book) == "person1@mask.invalid"
    assert masked("who is person1@mask.invalid?", {}, book) == "who is [LITERAL_1]?"


def test_the_same_value_keeps_its_stand_in_and_other_kinds_their_placeholders():
    book = Book()
    text = "Ann: ann@example.com, ann@example.com"
    assert masked(text, {"Ann": "person", "ann@example.com": "mail"}, book) == (
        "[PERSON_1]: person1@mask.invalid, person1@mask.invalid"
    )
