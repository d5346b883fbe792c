"""The schema that the model is held to: quote before value, null allowed, an end to every list."""

import jsonschema
import pytest

from graftwork.core.extraction.schema import DEFAULT_MAX_ITEMS, schema_with_evidence
from graftwork.core.output_errors import SchemaUnsupported


def of(**properties):
    return {"type": "object", "properties": properties}


def leaf_of(schema):
    return schema_with_evidence(of(it=schema))["properties"]["it"]


def test_the_quote_stands_before_the_value():
    assert list(leaf_of({"type": "string"})["properties"]) == ["quote", "value"]
    assert leaf_of({"type": "string"})["required"] == ["quote", "value"]
    assert leaf_of({"type": "string"})["additionalProperties"] is False


@pytest.mark.parametrize(
    ("leaf", "value"),
    [
        ({"type": "string"}, {"type": ["string", "null"]}),
        ({"type": ["integer", "null"]}, {"type": ["integer", "null"]}),
        ({"type": "boolean"}, {"type": ["boolean", "null"]}),
        ({"type": "number", "minimum": 3}, {"type": ["number", "null"]}),
        ({"type": "string", "format": "date", "pattern": "^2"}, {"type": ["string", "null"]}),
        ({"enum": ["yes", "no"]}, {"type": ["string", "null"], "enum": ["yes", "no", None]}),
        ({"const": "yes"}, {"type": ["string", "null"], "enum": ["yes", None]}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": ["string", "null"]}),
        ({"oneOf": [{"const": 1}, {"const": "a"}]}, {"type": ["integer", "string", "null"], "enum": [1, "a", None]}),
        ({"anyOf": [{"type": "string"}, {"type": "number"}]}, {"type": ["string", "number", "null"]}),
        ({"allOf": [{"$ref": "#/$defs/name"}]}, {"type": ["string", "null"]}),
    ],
)
def test_a_leaf_may_be_null_and_keeps_its_type_and_choices_only(leaf, value):
    held = schema_with_evidence({**of(it=leaf), "$defs": {"name": {"type": "string"}}})
    assert held["properties"]["it"]["properties"]["value"] == value


def test_arrays_of_words_become_arrays_of_quotes_with_an_end():
    held = leaf_of({"type": "array", "items": {"type": "string"}})
    assert held["maxItems"] == DEFAULT_MAX_ITEMS
    assert list(held["items"]["properties"]) == ["quote", "value"]
    assert leaf_of({"type": "array", "items": {"type": "string"}, "maxItems": 3})["maxItems"] == 3


def test_objects_require_every_property_and_allow_no_other():
    held = leaf_of(of(a={"type": "string"}, b={"type": "number"}))
    assert held["required"] == ["a", "b"]
    assert held["additionalProperties"] is False


def test_a_judgement_stays_a_plain_value_and_so_does_all_in_it():
    assert leaf_of({"type": "string", "x-evidence": False}) == {"type": ["string", "null"]}
    held = leaf_of({"type": "array", "x-evidence": False, "items": {"type": "string"}})
    assert held["items"] == {"type": ["string", "null"]}


def test_a_verbatim_text_is_written_once_and_a_verbatim_number_is_quoted_as_ever():
    assert leaf_of({"type": "string", "x-evidence": "verbatim"}) == {"type": ["string", "null"]}
    assert "quote" in leaf_of({"type": "integer", "x-evidence": "verbatim"})["properties"]
    assert "quote" in leaf_of({"enum": ["a"], "x-evidence": "verbatim"})["properties"]


def test_references_are_put_in_and_their_own_words_kept():
    schema = {
        **of(who={"$ref": "#/$defs/person", "description": "the patient"}),
        "$defs": {"person": of(name={"type": "string"})},
    }
    held = schema_with_evidence(schema)
    assert held["properties"]["who"]["description"] == "the patient"
    assert list(held["properties"]["who"]["properties"]) == ["name"]
    assert "$defs" not in held


def test_what_comes_out_is_a_json_schema():
    held = schema_with_evidence(of(a=of(b={"type": "array", "items": of(c={"enum": [1, 2]})})))
    jsonschema.Draft202012Validator.check_schema(held)


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"type": "string"}, "/"),
        (of(a={}), "/properties/a"),
        (of(a={"type": "object"}), "/properties/a"),
        (of(a={"type": "array"}), "/properties/a"),
        (of(a={"type": ["object", "string"]}), "/properties/a"),
        (of(a={"oneOf": [of(b={"type": "string"}), of(c={"type": "string"})]}), "/properties/a"),
        (of(a={"type": "array", "items": {"type": "array", "items": {"type": "string"}}}), "/properties/a"),
        (of(**{"a/b": {"$ref": "#/$defs/no"}}), "/properties/a~1b"),
        (
            {**of(a={"$ref": "#/$defs/n"}), "$defs": {"n": of(next={"$ref": "#/$defs/n"})}},
            "/properties/a/properties/next",
        ),
        ({**of(a={"$ref": "#/$defs/n"}), "$defs": {"n": {"$ref": "#/$defs/n"}}}, "/properties/a"),
    ],
)
def test_a_schema_that_cannot_be_done_says_where(schema, path):
    with pytest.raises(SchemaUnsupported) as error:
        schema_with_evidence(schema)
    assert error.value.path == path
    assert error.value.code == "extraction.schema"
    assert path in error.value.message


def test_one_definition_may_be_used_twice():
    schema = {
        **of(a={"$ref": "#/$defs/n"}, b={"type": "array", "items": {"$ref": "#/$defs/n"}}),
        "$defs": {"n": of(x={"type": "string"})},
    }
    assert list(schema_with_evidence(schema)["properties"]) == ["a", "b"]
