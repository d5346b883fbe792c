"""What a person changed, field by field: taking out the first item of a list is one change."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graftwork.core.extraction.changes import field_changes

DRUGS = [{"name": "ibuprofen", "mg": 400}, {"name": "heparin", "mg": 20}, {"name": "aspirin", "mg": 100}]


def told(before, after):
    return [(change.kind, change.path, change.before, change.after) for change in field_changes(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 1}, {"a": True}, [("changed", "/a", 1, True)]),
        ({"a": None}, {"a": 2}, [("changed", "/a", None, 2)]),
        ({"a": None}, {}, [("removed", "/a", None, None)]),
        ({}, {"a/b": 1}, [("added", "/a~1b", None, 1)]),
        ({"a": 1}, [1], [("changed", "", {"a": 1}, [1])]),
        ({"d": DRUGS}, {"d": DRUGS[1:]}, [("removed", "/d/0", DRUGS[0], None)]),
        ({"d": DRUGS[1:]}, {"d": DRUGS}, [("added", "/d/0", None, DRUGS[0])]),
        (
            {"d": DRUGS},
            {"d": [{"name": "heparin", "mg": 40}, DRUGS[2], {"name": "zinc", "mg": 5}]},
            [
                ("removed", "/d/0", DRUGS[0], None),
                ("changed", "/d/0/mg", 20, 40),
                ("added", "/d/2", None, {"name": "zinc", "mg": 5}),
            ],
        ),
        (["left knee"], ["left knees"], [("changed", "/0", "left knee", "left knees")]),
        (["left knee"], ["asthma"], [("removed", "/0", "left knee", None), ("added", "/0", None, "asthma")]),
    ],
)
def test_changes_are_those_that_a_person_made(before, after, changes):
    assert told(before, after) == changes


def test_long_lists_are_paired_in_their_order():
    before, after = [{"n": n} for n in range(500)], [{"n": -n - 1} for n in range(500)]
    assert len(field_changes(before, after)) == 500


def test_nothing_of_the_values_shows_in_a_repr():
    assert "asthma" not in repr(field_changes({"a": "asthma"}, {"a": "gout"}))


values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "left knee", "left knees", "gout"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("ab/~"), inner, max_size=3),
    max_leaves=12,
)


def steps(path):
    return [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]


def at(value, path):
    for step in steps(path):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


@settings(max_examples=300)
@given(values, values)
def test_every_path_leads_to_what_the_change_says(before, after):
    kept = copy.deepcopy((before, after))
    for change in field_changes(before, after):
        if change.kind != "added":
            assert change.before == (at(before, change.path) if change.kind == "removed" else change.before)
        if change.kind != "removed":
            assert change.after == at(after, change.path)
    assert (before, after) == kept
    assert field_changes(after, after) == []
