"""Answers that no honest model gives: read in a moment, and never a text that cannot be stored."""

import json
import time

import pytest

from graftwork.core.extraction.salvaging import salvage
from graftwork.core.extraction.validating import extract

SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}}


@pytest.mark.parametrize(
    "text", ["{" * 50_000, "[" * 50_000, '{"a":[' * 20_000, '{"a":' * 20_000 + "1,", "[1," * 50_000]
)
def test_brackets_without_end_are_given_up_at_once(text):
    began = time.monotonic()
    salvage(text)
    assert time.monotonic() - began < 5


def test_an_answer_that_broke_off_in_its_thousandth_item_keeps_those_before():
    whole = '{"items": [' + ", ".join('{"name": "a"}' for _ in range(1_000))
    assert len(salvage(f'{whole}, {{"na')["items"]) == 1_000


@pytest.mark.parametrize("half", ["\\udc00", "\\ud83d"])
def test_half_a_letter_is_never_kept_in_a_value(half):
    answer = salvage(f'{{"name": {{"quote": "acute appendicitis", "value": "acute {half} appendicitis"}}}}')
    found = extract(answer, SCHEMA, {"report": "The diagnosis was acute appendicitis."}, codes={})
    json.dumps(found.value, ensure_ascii=False).encode()
