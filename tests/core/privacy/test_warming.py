"""What a detector reads to get warm."""

from graftwork.core.privacy.warming import warming_texts

_WORDS = [f"word{chr(97 + at % 26)}{chr(97 + at // 26)}" for at in range(600)]


def test_every_word_is_read() -> None:
    read = "".join(warming_texts(_WORDS))
    assert [word for word in _WORDS if word not in read] == []


def test_pieces_are_short_however_many_words_there_are() -> None:
    assert max(map(len, warming_texts(_WORDS))) <= 2_000


def test_a_language_without_frequent_words_has_no_texts() -> None:
    assert list(warming_texts([])) == []
