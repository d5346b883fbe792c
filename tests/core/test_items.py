"""A row is checked field by field; what is wrong is named by field and reason, never quoted."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.errors import RowRejected
from graftwork.core.items import read_row
from graftwork.core.types import Turn
from graftwork.core.usecase import UseCase


def use_case(**spec: object) -> UseCase:
    return UseCase.model_validate(
        {"name": "n", "title": "N", "input": {"fields": {"f": spec}}, "instructions": {"system": "Do."}}
    )


def read(value: object, **spec: object) -> object:
    return read_row(use_case(**spec), {"f": value}, line=7).content.fields["f"]


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("text", "hello", "hello"),
        ("text", 0, "0"),
        ("text", 1.5, "1.5"),
        ("text", " kept as it is ", " kept as it is "),
        ("number", 3, 3),
        ("number", "3.5", 3.5),
        ("number", " 4 ", 4.0),
        ("number", 0, 0),
        ("boolean", True, True),
        ("boolean", False, False),
        ("boolean", "TRUE", True),
        ("boolean", " false ", False),
        ("thread", "hi", (Turn("customer", "hi"),)),
        ("thread", [{"from": "agent", "text": "hi"}, {"text": "yo"}], (Turn("agent", "hi"), Turn("customer", "yo"))),
        ("thread", [{"text": ""}, {"text": "x"}], (Turn("customer", ""), Turn("customer", "x"))),
    ],
)
def test_a_value_of_the_right_kind_is_taken(kind, raw, value):
    read_value = read(raw, type=kind)
    assert (read_value, type(read_value)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "raw", "reason"),
    [
        ("text", None, "is missing or empty"),
        ("text", "", "is missing or empty"),
        ("text", " \n\t", "is missing or empty"),
        ("text", [], "is missing or empty"),
        ("text", True, "must be a text"),
        ("text", ["x"], "must be a text"),
        ("text", {"x": 1}, "must be a text"),
        ("text", "a\x00b", "NUL"),
        ("text", "a\ud800b", "surrogate"),
        ("text", "x" * 200_001, "over 200000 characters"),
        ("number", "three", "must be a number"),
        ("number", True, "must be a number"),
        ("number", "nan", "finite"),
        ("number", "-inf", "finite"),
        ("number", 10**400, "finite"),
        ("number", "9" * 5_000, "finite"),
        ("number", [1], "must be a number"),
        ("boolean", 1, "must be a boolean"),
        ("boolean", "yes", "must be a boolean"),
        ("thread", 5, "must be a text or a list of turns"),
        ("thread", {"text": "x"}, "must be a text or a list of turns"),
        ("thread", ["x"], "turn 1 of `f` must be an object"),
        ("thread", [{"text": "x"}, {"from": "a"}], "turn 2 of `f` must be an object"),
        ("thread", [{"from": 1, "text": "x"}], "`from` in turn 1"),
        ("thread", [{"from": "n" * 201, "text": "x"}], "`from` in turn 1"),
        ("thread", [{"from": "a\x00", "text": "x"}], "NUL"),
        ("thread", [{"text": ""}, {"text": " "}], "is missing or empty"),
    ],
)
def test_a_value_of_another_kind_is_named_by_field_and_line(kind, raw, reason):
    with pytest.raises(RowRejected, match=reason) as caught:
        read(raw, type=kind)
    assert caught.value.line == 7
    assert "`f`" in caught.value.reason


@pytest.mark.parametrize(("raw", "value"), [(None, None), ("", None), ([], None), ("  ", None), ("x", "x")])
def test_a_field_that_is_not_required_may_be_empty(raw, value):
    assert read(raw, required=False) == value


def test_the_first_alias_that_holds_something_is_taken():
    case = use_case(aliases=["g", "h"])
    assert read_row(case, {"f": "", "g": None, "h": "here"}, line=1).content.fields == {"f": "here"}
    assert read_row(case, {"f": "first", "h": "here"}, line=1).content.fields == {"f": "first"}


@pytest.mark.parametrize(("row", "external_id", "thread"), [
    ({"id": "a"}, "a", "a"),
    ({"id": 7}, "7", "7"),
    ({"id": " a ", "thread": "t"}, "a", "t"),
    ({"id": "", "thread": 9}, "in-row-3", "9"),
    ({}, "in-row-3", "in-row-3"),
])  # fmt: skip
def test_a_row_is_named_by_its_id_or_its_line(row, external_id, thread):
    item = read_row(use_case(), {"f": "x", **row}, line=3, id_prefix="in-")
    assert (item.external_id, item.thread) == (external_id, thread)


@pytest.mark.parametrize("column", ["id", "thread"])
@pytest.mark.parametrize("value", [True, 1.5, ["a"], {"a": 1}, "x" * 201, "a\x00", "\udc00"])
def test_an_id_that_cannot_name_a_row_is_refused(column, value):
    with pytest.raises(RowRejected, match=f"`{column}`"):
        read_row(use_case(), {"f": "x", column: value}, line=1)


def test_columns_that_are_not_declared_are_left_out():
    assert read_row(use_case(), {"f": "x", "secret": "y"}, line=1).content.fields == {"f": "x"}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "from", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(values, st.sampled_from(["text", "thread", "number", "boolean"]), st.booleans())
def test_any_value_is_taken_or_rejected_and_what_is_taken_can_be_stored(value, kind, required):
    try:
        taken = read(value, type=kind, required=required)
    except RowRejected:
        return
    if isinstance(taken, tuple):
        json.dumps([[turn.speaker, turn.text] for turn in taken]).encode()
    else:
        json.dumps(taken, ensure_ascii=False).encode()
