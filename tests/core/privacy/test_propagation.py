"""A value found once is found everywhere."""

import time

import pytest

from graftwork.core.privacy.assembly import detector_for


@pytest.fixture(scope="module")
def detector():
    return detector_for(ner=False)


def spans(detector, text, known=()):
    return [text[found.start : found.end] for found in detector.find(text, known).findings]


def test_the_last_name_alone_is_found_after_the_full_name(detector):
    found = spans(detector, "Charlie Douglasson wrote. we asked douglasson again, and DOUGLASSON agreed.")
    assert found == ["Charlie Douglasson", "douglasson", "DOUGLASSON"]


def test_a_name_that_is_a_word_is_found_again_only_with_its_capital(detector):
    found = spans(detector, "Mr Peter White wrote. We asked White about the white paper.")
    assert found == ["Peter White", "White"]


def test_a_name_inside_a_longer_word_is_left_alone(detector):
    assert spans(detector, "Mr Karl Strobel wrote about strobeling.") == ["Karl Strobel"]


def test_a_value_of_the_thread_is_found_where_nothing_else_shows_it(detector):
    assert spans(detector, "ask zorbanika about it", known=[("Ana Zorbanika", "person")]) == ["zorbanika"]
    assert spans(detector, "ask zorbanika about it please and thanks", known=[]) != ["zorbanika about"]


def test_a_possessive_is_found(detector):
    found = spans(detector, "Thandeka Mokoenabe called. It is thandeka's phone.")
    assert found == ["Thandeka Mokoenabe", "thandeka"]


def test_ten_thousand_entities_in_one_document_take_seconds(detector):
    text = " and then ".join(f"Mr Kelum{at:05d} Vandra{at:05d} called".translate(LETTERS) for at in range(10_000))
    started = time.process_time()
    found = detector.find(text).findings
    assert time.process_time() - started < 6
    assert len(found) >= 10_000


LETTERS = str.maketrans("0123456789", "abcdefghij")
