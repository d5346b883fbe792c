"""The tables about documents and evidence: what they hold together, and what is refused with its reason."""

from pathlib import Path

import pytest

from graftwork.core.errors import TemplateUnknownField, UseCaseInvalid
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_file import load

FILE = """\
name = "facts"
title = "Facts"

[input.fields.report]

[instructions]
system = "Take out the facts."

[output]
type = "json"
evidence = true
{output}

[output.schema]
type = "object"

[output.schema.properties.category]
type = "string"
{property}
{more}
"""


@pytest.fixture
def loaded(tmp_path: Path):
    def write(*, output: str = "", leaf: str = "", more: str = "") -> UseCase:
        (tmp_path / "kinds.txt").write_text("A\tAccident\nB\tIllness\n", encoding="utf-8")
        (tmp_path / "decided.csv").write_text("clause,rule\nWe may do anything.,R1\n", encoding="utf-8")
        file = tmp_path / "facts.toml"
        file.write_text(FILE.format(output=output, property=leaf, more=more), encoding="utf-8")
        return load(file)

    return write


def test_a_code_list_is_read_from_beside_the_file_and_is_part_of_the_release(loaded):
    plain = loaded()
    case = loaded(output='codes = { kinds = "kinds.txt" }', leaf='x-codes = "kinds"')
    assert case.code_texts["kinds"].startswith("A\tAccident")
    assert case.release != plain.release
    assert "Accident" not in str(case.release_manifest)


@pytest.mark.parametrize(
    ("changes", "key", "reason"),
    [
        ({"leaf": 'x-codes = "kinds"'}, "output.schema", "no code list `kinds`"),
        (
            {"output": 'codes = { kinds = "kinds.txt" }', "leaf": 'x-codes = "kind"'},
            "output.schema",
            "did you mean",
        ),
        ({"output": 'codes = { kinds = "none.txt" }'}, "output.codes.kinds", "there is no file none.txt"),
        ({"more": "[output.schema.properties.any]\n"}, "output.schema", "cannot be held to evidence"),
        ({"more": '[grounding]\nagainst = "sources"'}, "(whole file)", "needs `knowledge.sources`"),
        ({"more": '[triage]\nprecedents = "gone.csv"'}, "triage.precedents", "there is no file gone.csv"),
        (
            {"more": '[triage]\nprecedents = "decided.csv"\n[knowledge]\nsources = ["handbook"]'},
            "(whole file)",
            "exclude each other",
        ),
        ({"more": '[knowledge]\nsources = ["Hand Book"]'}, "knowledge.sources.0", "match pattern"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_its_reason(loaded, changes, key, reason):
    with pytest.raises(UseCaseInvalid) as caught:
        loaded(**changes)
    assert caught.value.key == key
    assert reason in caught.value.reason


def test_a_question_that_names_no_field_is_refused(loaded):
    with pytest.raises(TemplateUnknownField, match="nothing"):
        loaded(more='[knowledge]\nsources = ["handbook"]\nquery = "{{ nothing }}"')


def test_windows_of_json_need_evidence(tmp_path):
    file = tmp_path / "facts.toml"
    text = FILE.format(output="", property="", more='[limits]\ntoo_long = "windows"')
    file.write_text(text, encoding="utf-8")
    assert load(file).limits.too_long == "windows"
    file.write_text(text.replace("evidence = true", "evidence = false"), encoding="utf-8")
    with pytest.raises(UseCaseInvalid, match=r"needs `output\.evidence = true`"):
        load(file)


def test_a_use_case_with_sources_is_checked_against_them_unless_it_says_otherwise():
    base = {
        "name": "a",
        "title": "A",
        "input": {"fields": {"text": {}}},
        "instructions": {"system": "Answer."},
        "knowledge": {"sources": ["handbook"]},
    }
    assert UseCase.model_validate(base).grounded_in == "sources"
    assert UseCase.model_validate({**base, "grounding": {"against": "none"}}).grounded_in == "none"
    assert UseCase.model_validate({**base, "knowledge": {}}).grounded_in == "none"
    assert not UseCase.model_validate({**base, "knowledge": {}}).is_grounded


def test_releases_without_documents_keep_their_manifest():
    case = UseCase.model_validate(
        {"name": "a", "title": "A", "input": {"fields": {"text": {}}}, "instructions": {"system": "Answer."}}
    )
    assert not {"knowledge", "grounding", "codes", "triage"} & case.release_manifest.keys()
    assert not {"evidence", "codes"} & case.release_manifest["output"].keys()
    assert case.release_with("") == case.release
    assert case.release_with("a" * 64) != case.release
