"""What does not fit an engine is cut at a sentence with a visible note, or refused, as the use case says."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.engines.echo import EchoEngine
from graftwork.core.errors import ItemTooLong
from graftwork.core.fitting import cut_at_sentence, fit
from graftwork.core.prompt import item_block, plain
from graftwork.core.types import ItemContent, Turn
from graftwork.core.usecase import UseCase

LONG = " ".join(f"Sentence number {n} says little." for n in range(4_000))[:100_000]


class Uncounting(EchoEngine):
    """An engine that cannot count, as servers with OpenAI's protocol are: bytes are taken for tokens."""

    async def count_tokens(self, text: str) -> int | None:
        return None


def use_case(too_long: str = "truncate", kind: str = "text", max_tokens: int = 32) -> UseCase:
    return UseCase.model_validate(
        {
            "name": "note_reply",
            "title": "Reply",
            "input": {"fields": {"text": {"type": kind}}},
            "output": {"max_tokens": max_tokens},
            "instructions": {"system": "Answer."},
            "limits": {"too_long": too_long},
        }
    )


def fitted(case: UseCase, value: object, engine: EchoEngine) -> tuple[object, tuple]:
    content, notices = asyncio.run(fit(case, ItemContent({"text": value}), engine, instructions="Answer."))  # type: ignore[dict-item]
    return content.fields["text"], notices


@pytest.mark.parametrize("engine", [EchoEngine(context_tokens=1024), Uncounting(context_tokens=1024)])
def test_a_message_of_100_000_characters_is_cut_at_a_sentence_and_the_reviewer_told(engine):
    text, notices = fitted(use_case(), LONG, engine)
    assert LONG.startswith(text)
    assert text.endswith("says little.")
    assert [notice.code for notice in notices] == ["truncated"]
    assert f"it saw {len(text):,} of 100,000 characters" in notices[0].text
    assert len(text) > 1_000


def test_the_same_message_is_refused_where_the_use_case_says_so():
    with pytest.raises(ItemTooLong) as caught:
        fitted(use_case("refuse"), LONG, EchoEngine(context_tokens=1024))
    assert (caught.value.characters, caught.value.limit_tokens) == (100_000, 1024)
    assert 'too_long = "truncate"' in caught.value.hint


@pytest.mark.parametrize("too_long", ["truncate", "refuse"])
def test_what_fits_is_left_alone_and_not_spoken_of(too_long):
    assert fitted(use_case(too_long), "Short.", EchoEngine(context_tokens=1024)) == ("Short.", ())


def test_an_engine_that_names_no_context_gets_all_of_it():
    assert fitted(use_case("refuse"), LONG, EchoEngine()) == (LONG, ())


def test_a_conversation_loses_its_oldest_turns_first():
    turns = tuple(Turn("customer", f"{n}: {'word ' * 40}") for n in range(100))
    kept, notices = fitted(use_case(kind="thread"), turns, EchoEngine(context_tokens=1024))
    assert kept == turns[-len(kept) :]
    assert 5 < len(kept) < 100
    assert [notice.code for notice in notices] == ["truncated"]


def test_a_last_turn_that_is_too_long_alone_is_cut_and_keeps_its_speaker():
    [turn] = fitted(use_case(kind="thread"), (Turn("a", "old"), Turn("b", LONG)), EchoEngine(context_tokens=1024))[0]
    assert turn.speaker == "b"
    assert turn.text.endswith("says little.")


def test_turns_that_are_all_speaker_and_no_text_are_cut_too():
    turns = tuple(Turn("n" * 199, "x") for _ in range(500))
    kept, _ = fitted(use_case(kind="thread"), turns, Uncounting(context_tokens=2048))
    assert 0 < len(kept) < 500


@pytest.mark.parametrize(
    "text", [" " * 100_000 + "x", "x" * 100_000, "\n" * 99_999 + "x", "語" * 50_000, "a " + "b" * 90_000]
)
def test_a_text_without_sentences_is_cut_all_the_same(text):
    cut, notices = fitted(use_case(), text, Uncounting(context_tokens=1024))
    assert text.startswith(cut)
    assert notices[0].code == "truncated"


def test_instructions_that_leave_no_room_are_refused_rather_than_cut_for_ever():
    with pytest.raises(ItemTooLong):
        fitted(use_case(max_tokens=300), LONG, EchoEngine(context_tokens=256))


@given(
    st.lists(st.tuples(st.text(max_size=30), st.text(max_size=200)), min_size=1, max_size=20),
    st.integers(min_value=300, max_value=600),
)
def test_what_comes_out_fits_or_is_refused(turns, context_tokens):
    case, engine = use_case(kind="thread"), Uncounting(context_tokens=context_tokens)
    value = tuple(Turn(speaker, text) for speaker, text in turns)
    try:
        kept, notices = fitted(case, value, engine)
    except ItemTooLong:
        return
    size_bytes = len(f"Answer.\n{item_block('', {'text': kept})}".encode())
    assert size_bytes // 3 <= context_tokens - 32 - 48 or size_bytes <= context_tokens - 32 - 48
    assert (len(plain(kept)) < len(plain(value))) == bool(notices)


@pytest.mark.parametrize(
    ("text", "characters", "kept"),
    [
        ("One. Two. Three.", 16, "One. Two. Three."),
        ("One. Two. Three.", 12, "One. Two."),
        ("One. Two. Three.", 9, "One."),  # the sentence ends, but no space says so
        ("Is it? Yes! No", 12, "Is it? Yes!"),
        ("He said 'No.' Then left", 16, "He said 'No.'"),
        ("version 1.5 of it all here", 14, "version 1.5"),
        ("one two three", 9, "one two"),
        ("a bbbbbbbbbbbbbbb", 10, "a bbbbbbbb"),
        ("第一句。第二句。第三句。", 9, "第一句。第二句。"),
        ("          x", 6, ""),
        ("word", 0, ""),
        ("", 5, ""),
    ],
)
def test_the_cut_is_at_a_sentence_or_a_word_in_the_last_half(text, characters, kept):
    assert cut_at_sentence(text, characters).strip() == kept


@given(st.text(), st.integers(min_value=0, max_value=100))
def test_a_cut_is_a_start_of_the_text_and_never_longer_than_asked(text, characters):
    cut = cut_at_sentence(text, characters)
    assert text.startswith(cut)
    assert len(cut) <= characters or cut == text
