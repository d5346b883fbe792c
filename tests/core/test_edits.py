"""The edit script gives back both texts, whatever they are; long texts take neither long nor much memory."""

import random
import subprocess
import sys
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graftwork.core import edits
from graftwork.core.edits import Edit, edit_script, share_rewritten, words

texts = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(["a", "b", "c", " ", "\n", ".", "ü", "…"]), max_size=40).map("".join),
)


def before(script: list[Edit]) -> str:
    return "".join(edit.text for edit in script if edit.operation != "insert")


def after(script: list[Edit]) -> str:
    return "".join(edit.text for edit in script if edit.operation != "delete")


def bare(text: str) -> list[str]:
    return [word for word in words(text) if not word.isspace()]


@given(texts)
def test_words_joined_are_the_text(text):
    assert "".join(words(text)) == text


@given(texts, texts)
def test_what_is_kept_and_deleted_is_the_draft_and_what_is_kept_and_inserted_the_final(draft, final):
    script = edit_script(draft, final)
    assert (before(script), after(script)) == (draft, final)
    assert all(edit.text for edit in script)
    assert all(one.operation != other.operation for one, other in pairwise(script))


@pytest.mark.parametrize("bound", [0, 3, 30])
@settings(max_examples=50)
@given(draft=texts, final=texts)
def test_both_texts_come_back_also_where_they_are_too_long_for_the_shortest_script(bound, draft, final):
    old, edits.MAX_PAIRS = edits.MAX_PAIRS, bound
    try:
        script = edit_script(draft, final)
    finally:
        edits.MAX_PAIRS = old
    assert (before(script), after(script)) == (draft, final)


@given(texts, texts)
def test_the_share_lies_between_0_and_1_and_is_0_only_where_no_word_changed(draft, final):
    share = share_rewritten(draft, final)
    assert 0 <= share <= 1
    assert (share == 0) == (bare(draft) == bare(final))


@pytest.mark.parametrize(
    ("draft", "final", "share"),
    [
        ("", "", 0.0),
        ("one two", "one two", 0.0),
        ("one two", "one\n\n  two ", 0.0),
        ("one two", "one three", 0.5),
        ("one two", "", 1.0),
        ("", "one", 1.0),
        ("one two three four", "one two three five", 0.25),
        ("Yes.", "Yes!", 0.5),
    ],
)
def test_the_share_is_that_of_the_words_that_changed(draft, final, share):
    assert share_rewritten(draft, final) == share


@pytest.mark.parametrize(
    ("draft", "final", "script"),
    [
        ("a b", "a b", [("keep", "a b")]),
        ("a b c", "a c", [("keep", "a "), ("delete", "b "), ("keep", "c")]),
        ("a", "b", [("delete", "a"), ("insert", "b")]),
        ("", "b", [("insert", "b")]),
        ("", "", []),
    ],
)
def test_the_script_of_a_small_edit_is_what_a_person_would_say(draft, final, script):
    assert [(edit.operation, edit.text) for edit in edit_script(draft, final)] == script


def _long(kind: str) -> tuple[str, str]:
    dice, vocabulary = random.Random(1), [f"w{number}" for number in range(3000)]
    draft = [dice.choice(vocabulary) for _ in range(20_000)]
    if kind == "rewritten":
        return " ".join(draft), " ".join(dice.choice(vocabulary) for _ in range(20_000))
    if kind == "one word in a hundred":
        return " ".join(draft), " ".join("new" if n % 100 == 0 else word for n, word in enumerate(draft))
    lines = [" ".join(draft[n : n + 20]) + "." for n in range(0, 20_000, 20)]
    edited = [line.replace("w1", "v1", 1) if n % 3 == 0 else line for n, line in enumerate(lines)]
    return "\n".join(lines), "\n".join(edited)


@pytest.mark.parametrize("kind", ["rewritten", "one word in a hundred", "a word in each third sentence"])
def test_two_texts_of_20_000_words_take_under_a_second(kind):
    draft, final = _long(kind)
    started = time.perf_counter()
    script = edit_script(draft, final)
    share_rewritten(draft, final)
    assert time.perf_counter() - started < 1
    assert (before(script), after(script)) == (draft, final)


def test_a_word_changed_in_a_very_long_text_is_still_one_small_edit():
    draft, _ = _long("rewritten")
    final = draft.replace(" w7 ", " w7new ", 1)
    assert [edit.operation for edit in edit_script(draft, final)] == ["keep", "delete", "insert", "keep"]


def test_two_texts_of_the_longest_size_stay_within_150_megabytes():
    code = """
import random, resource
from graftwork.core.edits import edit_script
dice = random.Random(1)
draft, final = (" ".join(str(dice.random())[2:6] for _ in range(40_000)) for _ in range(2))
start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
edit_script(draft, final)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start) // 1024)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert int(done.stdout) < 150
