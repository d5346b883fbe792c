"""JSON that broke off keeps its whole parts, and only those."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.extraction.salvaging import salvage


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('Here it is:\n```json\n{"a": 1}\n```\nDone.', {"a": 1}),
        ('{"a": [{"b": 1}, {"b": 2}, {"b": 3', {"a": [{"b": 1}, {"b": 2}]}),
        ('{"a": [{"b": 1, "c": "whole", "d": "brok', {"a": []}),
        ('{"a": [{"b": [1, 2], "c": [3,', {"a": []}),
        ('{"p": {"age": {"quote": "51", "value": 5', {"p": {"age": {"quote": "51"}}}),
        ('{"a": 12', {}),
        ('{"a": 12, "b', {"a": 12}),
        ('{"a": "x, {y} [", "b": "z', {"a": "x, {y} ["}),
        ('{"a": "say \\"hi\\"", "b": [', {"a": 'say "hi"', "b": []}),
        ('{"a": 1,}', {"a": 1}),
        ('{"a": "two\nlines"}', {"a": "two\nlines"}),
        ("[1, 2", [1]),
    ],
)
def test_whole_parts_are_kept(text, value):
    assert salvage(text) == value


@pytest.mark.parametrize("text", ["", "no json", "}{]", "[" * 100_000, "null", "12"])
def test_what_holds_none_is_none_or_empty(text):
    assert salvage(text) in (None, {}, [])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=3), json_values, max_size=3), st.integers(min_value=0, max_value=200))
def test_any_beginning_of_an_object_is_read_without_an_error(value, cut):
    text = json.dumps(value)
    assert salvage(text) == value
    found = salvage(text[:cut])
    assert found is None or isinstance(found, dict)
    assert set(found or {}) <= set(value)
