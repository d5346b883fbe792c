"""The samples that ship with the use cases: rows that are read, expected answers that fit, and nobody's real data."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import graftwork.usecases
from graftwork.core.grounding import checked_json
from graftwork.core.items import read_row
from graftwork.core.prompt import plain
from graftwork.core.scoring.expected import Expected, read_expected
from graftwork.core.scoring.normal import holds
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_file import load

FOLDER = Path(graftwork.usecases.__file__).parent
NAMES = sorted(file.stem for file in FOLDER.glob("*.toml"))
MAIL = re.compile(r"[\w.+-]+@([\w.-]+\w)")
LINK = re.compile(r"https?://([\w.-]+\w)")
RESERVED = re.compile(r"(^|\.)example(\.(com|org|net))?$")
# Ten and more digits in a row, with the marks that people put between them: telephone, card and account numbers.
LONG_NUMBER = re.compile(r"\+?\d(?:[ ./()-]{0,2}\d){9,}")
# Telephone numbers that Ofcom and the North American Numbering Plan keep for fiction.
FICTION = re.compile(r"(?:(?:0|\+44)(?:1632960|2079460|117496|1134960)|\+?1?\d{3}55501)\d{2,3}")
DATES = re.compile(r"\d{4}-\d{2}-\d{2}(?: ?[-/] ?\d{4}-\d{2}-\d{2})?|\d{2}[./]\d{2}[./]\d{4}")


@cache
def _use_case(name: str) -> UseCase:
    return load(FOLDER / f"{name}.toml")


@cache
def _rows(name: str) -> list[dict[str, Any]]:
    text = (FOLDER / f"{name}.sample.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _with_expected(name: str) -> Iterator[tuple[dict[str, Any], Expected]]:
    for number, row in enumerate(_rows(name), 1):
        yield row, read_expected(row.get("expected"), number)


def _leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(inner, f"{pointer}/{key}")
    else:
        yield pointer, value


def _property(schema: Any, pointer: str) -> Any:
    """The part of a schema that describes what stands at a JSON pointer of a value."""
    for key in pointer.split("/")[1:]:
        schema = schema["items"] if key.isdigit() else schema["properties"][key]
    return schema


def _codes(use_case: UseCase, name: str) -> list[str]:
    lines = use_case.code_texts[name].splitlines()
    return [line.partition("\t")[0] for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("name", NAMES)
def test_a_packaged_use_case_has_a_sample_of_twenty_rows_or_more_that_it_reads(name):
    rows = _rows(name)
    items = [read_row(_use_case(name), row, line=number) for number, row in enumerate(rows, 1)]
    assert len(items) >= 20
    assert all(row.get(_use_case(name).input.id) for row in rows)
    assert len({item.external_id for item in items}) == len(items)


@pytest.mark.parametrize("name", NAMES)
def test_every_row_says_what_a_good_draft_holds(name):
    for row, expected in _with_expected(name):
        assert expected != Expected(), row["id"]


@pytest.mark.parametrize("name", NAMES)
def test_expected_fields_are_what_the_schema_allows_with_codes_that_exist(name):
    use_case = _use_case(name)
    for row, expected in _with_expected(name):
        assert (expected.fields is None) or use_case.output.type == "json", row["id"]
        if expected.fields is None:
            continue
        jsonschema.Draft202012Validator(use_case.output.json_schema).validate(dict(expected.fields))
        for pointer, value in _leaves(dict(expected.fields)):
            listed = _property(use_case.output.json_schema, pointer).get("x-codes")
            assert listed is None or value in _codes(use_case, listed), f"{row['id']} {pointer}"


@pytest.mark.parametrize("name", NAMES)
def test_expected_evidence_names_values_and_stands_in_the_item(name):
    use_case = _use_case(name)
    for row, expected in _with_expected(name):
        if expected.evidence is None:
            continue
        item = read_row(use_case, row, line=1)
        text = "\n".join(plain(value) for value in item.content.fields.values())
        assert expected.fields is not None
        values = dict(_leaves(dict(expected.fields)))
        for pointer, words in expected.evidence.items():
            assert pointer in values, f"{row['id']} {pointer}"
            if not use_case.knowledge.sources:
                assert words in text, f"{row['id']} {pointer}"
            assert _property(use_case.output.json_schema, pointer).get("x-evidence", True), pointer


@pytest.mark.parametrize("name", NAMES)
def test_every_value_that_needs_evidence_has_it_where_a_row_names_any(name):
    use_case = _use_case(name)
    for row, expected in _with_expected(name):
        if expected.evidence and expected.fields is not None:
            for pointer, _ in _leaves(dict(expected.fields)):
                needed = _property(use_case.output.json_schema, pointer).get("x-evidence", True)
                assert not needed or pointer in expected.evidence, f"{row['id']} {pointer}"


@pytest.mark.parametrize("name", ["claims_extraction", "compliance_review"])
def test_the_expected_fields_are_taken_over_whole_where_a_model_gives_them(name):
    use_case = _use_case(name)
    for row, expected in _with_expected(name):
        item = read_row(use_case, row, line=1).content
        answer = _quoted(dict(expected.fields or {}), expected.evidence or {})
        checked = checked_json(use_case, item, (item,), (json.dumps(answer),))
        found = [one for one in _leaves(json.loads(checked.text)) if one[1] is not None]
        assert found == list(_leaves(dict(expected.fields or {}))), row["id"]
        assert not checked.notices, row["id"]


def _quoted(value: Any, evidence: Any, pointer: str = "") -> Any:
    """A JSON as an engine gives it: each value that needs evidence is an object with its quote."""
    if isinstance(value, dict):
        return {key: _quoted(inner, evidence, f"{pointer}/{key}") for key, inner in value.items()}
    if isinstance(value, list):
        return [_quoted(inner, evidence, f"{pointer}/{at}") for at, inner in enumerate(value)]
    return {"quote": evidence[pointer], "value": value} if pointer in evidence else value


@pytest.mark.parametrize("name", NAMES)
def test_expected_documents_are_files_of_the_sources(name):
    sources = FOLDER / f"{name}.sources"
    for row, expected in _with_expected(name):
        for document in expected.documents or ():
            assert (sources / document).is_file(), f"{row['id']} {document}"


@pytest.mark.parametrize("name", NAMES)
def test_an_expected_text_holds_the_expected_facts_and_none_of_the_forbidden_words(name):
    for row, expected in _with_expected(name):
        if expected.text is None:
            continue
        for fact in expected.facts or ():
            assert any(holds(expected.text, one) for one in fact), f"{row['id']} {fact}"
        for words in expected.forbidden or ():
            assert not holds(expected.text, words), f"{row['id']} {words}"


def test_expected_copy_holds_every_attribute_but_those_that_nobody_knows():
    for row, expected in _with_expected("product_description"):
        assert expected.text is not None
        assert expected.slots is not None
        for name, value in expected.slots.items():
            if value not in ("yes", "no", "unknown"):
                assert holds(expected.text, str(value)), f"{row['id']} {name}"


def test_expected_campaign_texts_keep_the_house_style():
    lengths = {"social post": (20, 45), "banner": (1, 12), "poster": (1, 20), "text message": (1, 30)}
    lengths |= {"newsletter": (40, 80), "e-mail": (60, 110), "landing page": (60, 120), "letter": (60, 120)}
    for row, expected in _with_expected("marketing_copy"):
        assert expected.text is not None
        body = expected.text.partition("\n\n")[2] if expected.text.startswith("Subject:") else expected.text
        least, most = lengths[row["channel"]]
        assert least <= len(body.split()) <= most, f"{row['id']} {len(body.split())} words"
        assert "!" not in expected.text, row["id"]
        assert expected.text.endswith("Yours, Marlowe & Finch") == (
            row["channel"] in ("newsletter", "e-mail", "letter", "text message")
        ), row["id"]


def test_the_reports_are_long_contradictory_hostile_and_empty_too():
    words = [len(row["report"].split()) for row in _rows("claims_extraction")]
    assert sum(count > 2_500 for count in words) >= 3
    assert min(words) >= 250
    empty = [row for row in _rows("claims_extraction") if not row["expected"]["evidence"]]
    assert len(empty) == 1
    assert sum("ignore your instructions" in row["report"] for row in _rows("claims_extraction")) == 1
    assert any("Both documents are signed" in row["report"] for row in _rows("claims_extraction"))


def test_the_documents_for_review_break_every_rule_and_some_break_none():
    rules = set(_codes(_use_case("compliance_review"), "rules"))
    found = [row["expected"]["fields"]["findings"] for row in _rows("compliance_review")]
    assert {one["rule"] for findings in found for one in findings} == rules
    assert {one["verdict"] for findings in found for one in findings} == {"violates", "unclear"}
    assert sum(not findings for findings in found) >= 2


def test_the_precedents_name_rules_that_exist_and_are_no_clauses_of_the_sample():
    rules = _codes(_use_case("compliance_review"), "rules")
    with (FOLDER / "compliance_review.precedents.csv").open(encoding="utf-8", newline="") as stream:
        precedents = list(csv.DictReader(stream))
    assert len(precedents) >= 80
    by_rule = Counter(one["rule"] for one in precedents)
    assert set(by_rule) == {*rules, ""}
    assert len(precedents) / 4 < by_rule[""] < len(precedents) / 2
    documents = "\n".join(row["document"] for row in _rows("compliance_review"))
    assert not [one["clause"] for one in precedents if one["clause"] in documents]


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_holds_no_address_or_number_that_may_be_someones(name):
    files = [FOLDER / f"{name}.sample.jsonl", *(FOLDER / f"{name}.sources").rglob("*")]
    for file in files:
        if not file.is_file() or file.suffix not in (".jsonl", ".md", ".txt", ".csv", ".html"):
            continue
        text = file.read_text(encoding="utf-8")
        for host in MAIL.findall(text) + LINK.findall(text):
            assert RESERVED.search(host.lower()), f"{file.name}: {host}"
        for number in LONG_NUMBER.findall(DATES.sub("date", text)):
            digits = re.sub(r"[^\d+]", "", number)
            assert FICTION.fullmatch(digits), f"{file.name}: {number}"


@pytest.mark.parametrize(
    ("number", "is_fiction"),
    [("01632960417", True), ("02079460318", True), ("01632970417", False), ("0301234567", False)],
)
def test_numbers_kept_for_fiction_are_told_from_others(number, is_fiction):
    assert bool(FICTION.fullmatch(number)) is is_fiction
