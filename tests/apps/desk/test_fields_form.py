"""A JSON draft as a form: what each part of a schema becomes, and what is kept."""

import json

import pytest

from graftwork.apps.desk.behind import Behind
from graftwork.apps.desk.fields_form import MOST_CHOICES, form_of, leaves
from graftwork.apps.desk.review_page import as_stored
from graftwork.core.extraction.codes import CodeList
from graftwork.core.finishing import output_problem
from graftwork.core.types import FieldEvidence, Grounds, ItemContent

FACTS = """
name = "facts"
title = "Facts"
[input.fields.report]
[output]
type = "json"
evidence = true
[output.schema]
type = "object"
required = ["age"]
[output.schema.properties.age]
type = "integer"
[output.schema.properties.city]
type = "string"
[instructions]
system = "x"
"""


def schema(**properties):
    return {"type": "object", "properties": properties}


def one(part, text='{"a": null}', **more):
    return form_of(schema(a=part), text, {}, **more).children[0]


@pytest.mark.parametrize(
    ("part", "value", "kind"),
    [
        ({"type": "string"}, "x", "text"),
        ({"type": ["string", "null"]}, None, "text"),
        ({"type": "string"}, "word " * 30, "long_text"),
        ({"type": "string"}, "two\rlines", "long_text"),
        ({"type": "string", "format": "date"}, "2024-03-05", "date"),
        ({"type": "string", "format": "email"}, "a@example.com", "text"),
        ({"type": "integer"}, 3, "number"),
        ({"type": "boolean"}, True, "boolean"),
        ({"enum": ["a", 2, None]}, 2, "choice"),
        ({"const": "fixed"}, "fixed", "choice"),
        ({"properties": {"b": {"type": "string"}}}, {}, "object"),
        ({"type": "array", "items": {"type": "string"}}, [], "array"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, 3, "number"),
        ({"$ref": "#/$defs/thing"}, {}, "object"),
        # what a form has no means for is held as JSON
        ({"type": ["string", "integer"]}, 3, "json"),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, 3, "json"),
        ({"type": "object"}, {"free": 1}, "json"),
        ({"type": "array", "prefixItems": [{}], "items": {}}, [1], "json"),
        ({"$ref": "#/$defs/missing"}, 3, "json"),
        ({"$ref": "https://example.com/schema"}, 3, "json"),
        (True, 3, "json"),
        ({"type": "string"}, ["not", "a", "string"], "json"),
    ],
)
def test_each_part_of_a_schema_has_its_control(part, value, kind):
    root = schema(a=part) | {"$defs": {"thing": schema(b={"type": "string"})}}
    node = form_of(root, json.dumps({"a": value}), {}).children[0]
    assert node.kind == kind
    assert json.loads(node.json) == value


@pytest.mark.parametrize("text", ["", "{", "[1]", '"a"', "null", "[" * 100_000])
def test_what_is_no_json_object_has_no_form(text):
    assert form_of(schema(a={"type": "string"}), text, {}) is None


def test_without_properties_there_is_no_form():
    assert form_of(None, "{}", {}) is None
    assert form_of({"type": "object"}, '{"a": 1}', {}) is None


def test_a_schema_that_refers_to_itself_ends():
    tree = {
        "type": "object",
        "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/tree"}}, "name": {"type": "string"}},
    }
    form = form_of(schema(a={"$ref": "#/$defs/tree"}) | {"$defs": {"tree": tree}}, '{"a": {"kids": [{}]}}', {})
    kids = form.children[0].children[0]
    assert (kids.kind, kids.blank.kind) == ("array", "json")


def test_keys_beyond_the_schema_are_kept():
    form = form_of(schema(a=schema(b={"type": "string"})), '{"a": {"b": "x", "c": [1]}, "d": 12345678901234567890}', {})
    assert json.loads(form.rest) == {"d": 12345678901234567890}
    assert json.loads(form.children[0].rest) == {"c": [1]}


def test_a_value_that_is_not_there_is_told_from_null():
    assert one({"type": "string"}, "{}").json == ""
    assert one({"type": "string"}, '{"a": null}').json == "null"


@pytest.mark.parametrize(
    ("part", "required", "nulls", "empty"),
    [
        ({"type": "string"}, False, False, ""),
        ({"type": "string"}, True, False, '""'),
        ({"type": "integer"}, True, False, "null"),
        ({"type": ["integer", "null"]}, True, False, "null"),
        ({"type": ["integer", "null"]}, False, False, "null"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, False, False, "null"),
        ({"type": "string"}, False, True, "null"),
    ],
)
def test_an_emptied_control_writes_what_the_schema_allows(part, required, nulls, empty):
    root = schema(a=part) | {"required": ["a"] * required}
    [node] = form_of(root, '{"a": "x"}', {}, nulls=nulls).children
    assert node.empty == empty


def test_options_are_json_so_that_numbers_stay_numbers():
    node = one({"enum": [1, "1", None]}, '{"a": 1}')
    assert [option for option, _ in node.choices] == ["1", '"1"']
    assert node.text == "1"
    assert one({"enum": ["x"]}, '{"a": "other"}').choices[-1] == ('"other"', "other")
    assert one({"type": "boolean"}, '{"a": false}').shown == "no"


def test_codes_are_picked_by_their_meaning_while_they_are_few():
    part = {"type": "string", "x-codes": "causes"}
    few = one(part, '{"a": "W1"}', codes={"causes": CodeList({"W1": "fall at work", "T1": ""})})
    assert (few.kind, few.shown) == ("choice", "W1 · fall at work")
    assert few.choices[1] == ('"T1"', "T1")
    many = CodeList({f"C{n}": "" for n in range(MOST_CHOICES + 1)})
    assert one(part, '{"a": "C1"}', codes={"causes": many}).kind == "text"
    assert one(part, '{"a": "C1"}').kind == "text"


def test_elements_are_numbered_and_a_new_one_is_blank():
    form = form_of(schema(a={"type": "array", "items": schema(b={"type": "string"})}), '{"a": [{"b": "x"}, {}]}', {})
    [array] = form.children
    assert [(node.label, node.number, node.path) for node in array.children] == [("A", 1, "/a/0"), ("A", 2, "/a/1")]
    assert [leaf.path for leaf in leaves(form)] == ["/a/0/b", "/a/1/b"]
    assert (array.blank.children[0].json, array.blank.children[0].path) == ("", "/a/-/b")


def test_ids_are_unique_and_hold_no_space():
    names = schema(**{name: {"type": "string"} for name in ("a b", "a/b", "a~b", "a", "b")})
    ids = [leaf.control_id for leaf in leaves(form_of(names, "{}", {}))]
    assert len(set(ids)) == 5
    assert not any(character.isspace() for one in ids for character in one)


def test_a_value_shows_its_evidence_its_reason_and_what_contradicts_it():
    evidence = {
        "/a": (FieldEvidence("/a", field="report", start=0, end=2, others=('"x"', "47", "bad")), '[["report",0,2]]'),
        "/b": (FieldEvidence("/b", reason="not said"), ""),
    }
    a, b = form_of(schema(a={"type": "integer"}, b={"type": "string"}), '{"a": 46, "b": null}', evidence).children
    assert (a.lights, a.others) == ('[["report",0,2]]', [('"x"', "x"), ("47", "47"), ("bad", "bad")])
    assert (b.reason, b.lights) == ("not said", "")


@pytest.fixture
def facts(write_usecase):
    use_case = write_usecase(FACTS, "facts")
    evidence = (
        FieldEvidence("/age", field="report", start=0, end=2),
        FieldEvidence("/city", reason="not said"),
    )
    before = '{\n  "age": 46,\n  "city": null\n}'
    return Behind(use_case, ItemContent({"report": "46 years."}), Grounds(evidence=evidence), before, ())


def test_evidence_stays_with_a_value_only_while_it_is_the_same(facts):
    def shown(text):
        return [(node.lights, node.reason) for node in facts.form(text).children]

    assert shown(facts.before) == [('[["report", 0, 2]]', ""), ("", "not said")]
    assert shown('{"city": null, "age": 46}') == shown(facts.before)
    assert shown('{"age": 47, "city": "Bern"}') == [("", ""), ("", "")]
    assert shown('{"age": true}') == [("", ""), ("", "")]


def test_values_that_were_not_found_may_be_sent_as_null(facts):
    rules = facts.use_case.output.json_schema
    assert output_problem(rules, '{"age": null}') is not None
    assert output_problem(rules, '{"age": null}', nulls=True) is None
    assert output_problem(rules, "null", nulls=True) is not None
    assert output_problem(rules, "{}", nulls=True) is not None
    assert output_problem(rules, '{"age": "46"}', nulls=True) is not None


def test_another_order_or_layout_is_no_edit(facts):
    draft = '{"age": 46, "city": null}'
    assert as_stored(facts.use_case, draft, '{"city":null,\n"age":46}') == draft
    assert as_stored(facts.use_case, draft, '{"age": 46}') == '{"age": 46}'
    assert as_stored(facts.use_case, "{broken", '{"age": 46}') == '{"age": 46}'
    assert as_stored(facts.use_case, draft, "{broken") == "{broken"
