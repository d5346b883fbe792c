"""Ordinary words, and rare words that are names."""

import sys

import pytest

from graftwork.core.privacy.lexicon import EMPTY, load_lexicon


@pytest.mark.parametrize("word", ["house", "government", "applicants", "misappropriation", "reinstatement"])
def test_a_word_of_the_language_is_known(word):
    assert load_lexicon("en").knows(word)


@pytest.mark.parametrize("word", ["strobelmann", "bailey", "dexter", "teradyna"])
def test_a_name_is_not_known(word):
    assert not load_lexicon("en").knows(word)


def test_only_a_frequent_word_is_common():
    assert "house" in load_lexicon("en").common
    assert "cassation" not in load_lexicon("en").common


def test_a_language_without_a_list_has_no_words():
    assert load_lexicon("xx") is EMPTY


def test_the_words_of_a_language_take_at_most_12_mb():
    lexicon = load_lexicon("en")
    words = set(lexicon.ordinary) | lexicon.common
    assert sys.getsizeof(lexicon.ordinary) + sum(map(sys.getsizeof, words)) < 12 * 2**20
