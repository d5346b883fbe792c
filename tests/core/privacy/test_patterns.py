"""Patterns in one linear-time pass: nothing is lost when it runs out of memory, and no input makes it slow."""

import random
import time

import pytest
import re2

from graftwork.core.privacy import patterns
from graftwork.core.privacy.normalise import normalise
from graftwork.core.privacy.overlaps import best
from graftwork.core.privacy.patterns import Pattern, PatternRecognizer, PatternSet
from graftwork.core.privacy.recognizers.catalog import PATTERN_RECOGNIZERS

ALL = PatternSet(PATTERN_RECOGNIZERS)
PROSE = (
    "The committee met on Tuesday in the town hall and decided, after a long discussion about the account of the case, "
    "to postpone the vote until spring. "
)
DENSE = (
    "Call +49 30 23125 011 or mail jo@example.com; card 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00, "
    "passport number XG9382049, password: Hunter2!, from 203.0.113.77, born on 14 March 1979. "
)


def _found(text: str) -> list[tuple[str, str]]:
    normal = normalise(text)
    return [(finding.kind, normal.normal[finding.start : finding.end]) for finding in best(ALL.find(normal))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jo@example.com", [("mail", "jo@example.com")]),
        ("see https://example.com/?u=jo@example.com", [("mail", "jo@example.com")]),
        ("https://jo:tulip99@db.example.com/x", [("password", "tulip99")]),
        ("order number 4111 1111 1111 1111", [("card", "4111 1111 1111 1111")]),
        ("phone: 078-05-1120", [("national_id", "078-05-1120")]),
        ("ID 123e4567-e89b-12d3-a456-426614174000", [("id", "123e4567-e89b-12d3-a456-426614174000")]),
        ("call 212-555-0123, ref 4711-0815", [("phone", "212-555-0123"), ("id", "4711-0815")]),
        ("born on 2001-02-03", [("date_of_birth", "2001-02-03")]),
        ("MAC 00:1B:44:11:3A:B7", [("mac", "00:1B:44:11:3A:B7")]),
        ("account DE89370400440532013000", [("iban", "DE89370400440532013000")]),
        ("passport 4111111111111111", [("card", "4111111111111111")]),
    ],
)
def test_of_two_that_overlap_the_more_certain_stands(text, expected):
    found = _found(text)
    assert [entry for entry in expected if entry not in found] == []


def test_every_value_of_a_dense_text_is_found_with_its_kind():
    kinds = {kind for kind, _ in _found(DENSE)}
    assert {"phone", "mail", "card", "iban", "passport", "password", "ip", "date_of_birth"} <= kinds


def test_the_hint_of_a_pattern_matches_wherever_the_pattern_does():
    text = normalise(DENSE + PROSE)
    possible = set(ALL._possible(text))
    for index, (_, _, compiled, _) in enumerate(ALL._rules):
        assert compiled.search(text.utf8) is None or index in possible


def test_a_set_that_runs_out_of_memory_loses_nothing(monkeypatch):
    """RE2 then reports that nothing matched: every pattern has to be tried."""
    starved = PatternSet(PATTERN_RECOGNIZERS)

    class Exhausted:
        def Match(self, utf8: bytes) -> None:  # noqa: N802 - RE2's name
            return None

    for one in starved._passes:
        monkeypatch.setattr(one, "_set", Exhausted())
    text = normalise(DENSE)
    assert set(starved.find(text)) == set(ALL.find(text))


def test_little_memory_is_slow_but_finds_the_same(monkeypatch):
    monkeypatch.setattr(patterns, "SET_MEMORY_BYTES", 4 * 2**20)
    small = PatternSet(PATTERN_RECOGNIZERS)
    text = normalise((PROSE + DENSE) * 20)
    assert set(small.find(text)) == set(ALL.find(text))


@pytest.mark.parametrize(
    "piece", ["1", "a@", "1 ", "123-", "4111 ", "a.", "'", "A1", "(", "password ", "http://a.b/", "<<", "GB29 NWBK "]
)
def test_a_megabyte_of_one_thing_is_read_in_linear_time(piece):
    text = normalise(piece * (1_000_000 // len(piece)))
    started = time.perf_counter()
    for _ in ALL.find(text):
        pass
    assert time.perf_counter() - started < 20  # a busy machine; each takes 3 s at most on an idle one


def test_a_value_behind_a_megabyte_of_digits_is_found():
    digits = "".join(random.Random(1).choices("0123456789", k=1_000_000))
    assert ("mail", "jo@example.com") in _found(f"{digits} jo@example.com")


def test_a_value_behind_five_megabytes_of_prose_is_found():
    text = normalise(PROSE * (5_000_000 // len(PROSE)) + DENSE)
    assert {"card", "iban", "passport"} <= {finding.kind for finding in ALL.find(text)}


def test_characters_of_several_bytes_do_not_move_a_finding():
    text = normalise("日本語 é \U0001f469 jo@example.com, 日本 203.0.113.77")
    assert [text.normal[f.start : f.end] for f in best(ALL.find(text))] == ["jo@example.com", "203.0.113.77"]


def test_half_a_surrogate_pair_breaks_nothing():
    assert ("mail", "jo@example.com") in _found("\ud800 jo@example.com")


def test_the_part_named_value_is_the_finding():
    recognizer = PatternRecognizer("test", (Pattern("id", r"no\. (?P<value>\d+)", "a number"),))
    (finding,) = PatternSet((recognizer,)).find(normalise("see no. 42"))
    assert (finding.start, finding.end, finding.recognizer) == (8, 10, "test")


def test_what_the_check_refuses_is_no_finding():
    recognizer = PatternRecognizer(
        "test", (Pattern("id", r"\d+", "an even number", lambda value: value[-1] in "02468"),)
    )
    assert [f.start for f in PatternSet((recognizer,)).find(normalise("11 12 13"))] == [3]


def test_no_pattern_breaks_the_syntax_of_re2_or_lacks_a_reason():
    for recognizer in PATTERN_RECOGNIZERS:
        for pattern in recognizer.patterns:
            assert pattern.reason
            assert re2.compile(pattern.regex)
            assert 0 < pattern.score < 1
