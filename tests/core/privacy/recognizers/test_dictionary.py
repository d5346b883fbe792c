"""The company's own terms."""

from pathlib import Path

import pytest

from graftwork.core.errors import DictionaryInvalid
from graftwork.core.privacy.normalise import normalise
from graftwork.core.privacy.recognizers.dictionary import Dictionary, Term, read_terms

TERMS = Dictionary(
    [
        Term("Project Heron"),
        Term("Acme"),
        Term("Acme Corp", "organisation"),
        Term("ARC"),
        Term("Müllerei Süd"),
        Term("C++Core"),
    ]
)


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("about project heron now", ["project heron"]),
        ("about PROJECT HERON's budget", ["PROJECT HERON"]),
        ("about project herons", []),
        ("the ARC team", ["ARC"]),
        ("an arc of light", []),
        ("at Acme, today", ["Acme"]),
        ("at Acmeland", []),
        ("Acme Corporation", ["Acme"]),
        ("Die müllerei süd liefert", ["müllerei süd"]),
        ("uses C++Core, not C++Cores", ["C++Core"]),
        ("PROJECT\u200b HERON", ["PROJECT\u200b HERON"]),
    ],
)
def test_terms_are_found_as_whole_words(text: str, hits: list[str]) -> None:
    normal = normalise(text)
    spans = [normal.original_span(found.start, found.end) for found in TERMS.find(normal)]
    assert [text[start:end] for start, end in spans] == hits


def test_of_terms_inside_one_another_both_are_found_with_their_kinds() -> None:
    found = {(one.kind, one.end - one.start) for one in TERMS.find(normalise("Acme Corp pays"))}
    assert found == {("term", 4), ("organisation", 9)}


def test_a_dictionary_without_terms_finds_nothing() -> None:
    assert list(Dictionary([]).find(normalise("Project Heron"))) == []


def test_terms_are_read_one_a_line_or_from_csv_with_kinds(tmp_path: Path) -> None:
    plain, table = tmp_path / "terms.txt", tmp_path / "terms.csv"
    plain.write_text("# code names\nProject Heron\n\nOtter\n", encoding="utf-8")
    table.write_text("term,kind\nJane Roe,person\nOtter,\n", encoding="utf-8")
    assert read_terms(plain) == [Term("Project Heron"), Term("Otter")]
    assert read_terms(table) == [Term("Jane Roe", "person"), Term("Otter", "term")]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"term,kind\nJane Roe,human\n", "line 2: there is no kind `human`"),
        (b"term,kind\n,person\n", "line 2: the column `term` is empty"),
        (b"\xff\xfe\x00", "line 1: not UTF-8 text"),
    ],
)
def test_a_broken_dictionary_is_named_without_its_terms(tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "terms.csv"
    file.write_bytes(content)
    with pytest.raises(DictionaryInvalid) as raised:
        read_terms(file)
    assert problem in str(raised.value)
    assert "Jane" not in str(raised.value)


def test_a_missing_dictionary_is_an_error_and_not_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(DictionaryInvalid):
        read_terms(tmp_path / "none.txt")
