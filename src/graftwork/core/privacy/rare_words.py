"""Rare words of an English word list that are names: `bailey` was counted in lower case now and then."""

from collections.abc import Mapping

from graftwork.core.privacy.languages.pack import words

_COUNTED = 51
# A word as rare as this that has no other form and no ending of ordinary words is most often a name (`bailey`).
_RARE_COUNT = 1_200
_FORMS = ("s", "ed", "ing", "ly", "er", "y", "d", "al", "es")
_WORDLIKE = tuple(
    words(
        """tion sion ity ence ance ment ate al ous ive able ible ness ism ist ing ed ly ful less ize ise ized ised ship
        ward wards ology ogy ic ics ical ery ure ant ent man men out up off day time self selves upon with"""
    )
)


def may_be_a_name(word: str, counts: Mapping[str, int]) -> bool:
    """Is `word` so rare and so alone that it is most often a name? `counts` are uses in lower case."""
    return (
        counts[word] < _RARE_COUNT
        and word.isalpha()
        and not word.endswith(_WORDLIKE)
        and not any(counts.get(word + form, 0) >= _COUNTED for form in _FORMS)
        and not _is_form(word, counts)
    )


def _is_form(word: str, counts: Mapping[str, int]) -> bool:
    """Is `word` made of another ordinary word: a plural, `unwise`, `newsroom`?"""
    if any(word.endswith(ending) and counts.get(word[: -len(ending)], 0) >= _RARE_COUNT for ending in _FORMS):
        return True
    if word.endswith(("ies", "ied", "ier")) and counts.get(word[:-3] + "y", 0) >= _COUNTED:
        return True
    return any(
        counts.get(word[:cut], 0) >= 2_000 and counts.get(word[cut:], 0) >= 2_000 for cut in range(3, len(word) - 2)
    )
