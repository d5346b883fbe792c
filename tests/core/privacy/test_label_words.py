"""Words that a pattern cannot do without: where one of them is needed and missing, the pattern would not match."""

import random
import re

import pytest
import re2

from graftwork.core.privacy.finding import Finding
from graftwork.core.privacy.label_words import Word, folded, words_of
from graftwork.core.privacy.normalise import normalise
from graftwork.core.privacy.patterns import PatternSet, _spans
from graftwork.core.privacy.recognizers.catalog import PATTERN_RECOGNIZERS

ALL = PatternSet(PATTERN_RECOGNIZERS)
HINTS = {
    pattern.hint or pattern.regex: pattern
    for recognizer in PATTERN_RECOGNIZERS
    for pattern in recognizer.patterns
    if words_of(pattern.hint or pattern.regex) is not None
}
VALUES = ("AB-4711-22", "12 March 1979", "Xy7!kkq", "jo.ashdown", "34", "4711 0815 33", "Rome 03/04/1985")
LINKS = (": ", " ", " is ", "_number=", "s: ", '": "', "Nr. ", "\n", " for the trip ", "")
WRAPPINGS = ("{}", "the {}", "my_{}", "é{}", "{}é", "x{}", "{}x", "4{}", "İ{}", "{}İ", "-{}")


def _full_width(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def _decomposed(text: str) -> str:
    return text.replace("é", "e\u0301").replace("ü", "u\u0308").replace("ñ", "n\u0303")


def _old_signs(text: str) -> str:
    return text.replace("s", "\u017f").replace("k", "\u212a")


CASES = (str, str.upper, str.title, _full_width, _decomposed, _old_signs)


def _texts(hint: str, texts: int) -> list[str]:
    """Texts that hold labels of one hint, as it is and in forms that people write."""
    draw = random.Random(hint)
    words = sorted(word.text for word in words_of(hint) or ())
    chosen = words if len(words) <= texts else draw.sample(words, texts)
    return [
        draw.choice(WRAPPINGS).format(case(word)) + draw.choice(LINKS) + draw.choice(VALUES)
        for word in chosen
        for case in CASES
    ]


def _found_without_words(text: str) -> set[Finding]:
    normal = normalise(text)
    return {
        Finding(start, end, pattern.kind, name, pattern.reason, pattern.score)
        for name, pattern, compiled, group in ALL._rules
        for start, end in _spans(pattern, compiled, group, normal)
    }


@pytest.mark.parametrize("hint", HINTS, ids=lambda hint: re.sub(r"\W+", "_", hint)[:40])
def test_what_is_found_is_the_same_as_when_every_pattern_is_tried(hint):
    texts = _texts(hint, 18)
    for start in range(0, len(texts), 36):
        text = "\n".join(texts[start : start + 36])
        assert set(ALL.find(normalise(text))) == _found_without_words(text)


@pytest.mark.parametrize("hint", HINTS, ids=lambda hint: re.sub(r"\W+", "_", hint)[:40])
def test_one_of_the_words_stands_wherever_the_hint_matches(hint):
    words = words_of(hint)
    compiled = re2.compile(hint)
    for text in _texts(hint, 30):
        normal = normalise(text)
        if compiled.search(normal.utf8):
            assert _stands_in(folded(normal.normal), words), text


def _stands_in(text: str, words: frozenset[Word]) -> bool:
    return any(
        word.stands(text, match.start(), match.start() + len(word.text))
        for word in words
        for match in re.finditer(f"(?={re.escape(word.text)})", text)
    )


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        (r"(?i)(?:tax|vat)[ -]?no", {"taxno", "tax no", "tax-no", "vatno", "vat no", "vat-no"}),
        (r"(?i)num[eé]ro\.?", {"numero", "numéro", "numero.", "numéro."}),
        (r"(?i)(?:PIN|(?-i:PUK))", {"pin", "puk"}),
        (r"(?i)born\d+", {"born"}),
        (r"(?i)age[^,]x", {"age"}),
        (r"(?i)mar{2,3}k", {"ma"}),
        (r"(?i)weeks \pL on", {"weeks "}),
    ],
)
def test_the_words_of_a_hint_are_all_that_it_needs(hint, words):
    assert {word.text for word in words_of(hint)} == words


@pytest.mark.parametrize(
    "hint",
    [r"\d{4}", "tax", r"(?i)\d+ years", r"(?i)(?:old)?", r"(?i)[a-f]{4}", r"(?i)(?:^|\n)x", r"(?i)ab[[:alpha:]]"],
)
def test_a_hint_that_stands_for_no_few_words_has_none(hint):
    assert words_of(hint) is None


def test_a_hint_with_very_many_words_has_their_beginnings():
    many = "|".join(f"w{number}" for number in range(600))
    words = {word.text for word in words_of(rf"(?i)(?:{many}) (?:{many})")}
    assert words == {f"w{number} " for number in range(600)}


@pytest.mark.parametrize(
    ("hint", "text", "stands"),
    [
        (r"(?i)(?:\b|_)pin", "my pin", True),
        (r"(?i)(?:\b|_)pin", "my_pin", True),
        (r"(?i)(?:\b|_)pin", "opinion", False),
        (r"(?i)(?:\b|_)pin", "épin", True),
        (r"(?i)ans\b", "3 ans", True),
        (r"(?i)ans\b", "answer", False),
        (r"(?i)\bétage", "xétage", True),
    ],
)
def test_a_word_counts_where_the_edge_of_its_hint_does(hint, text, stands):
    (word,) = words_of(hint)
    start = text.index(word.text)
    assert word.stands(text, start, start + len(word.text)) is stands
