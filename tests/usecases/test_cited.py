"""The use cases whose drafts are cited: their files load, and what their samples expect stands in what they draw on."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import graftwork
from graftwork.core.items import read_row
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_file import load

PACKAGE = Path(graftwork.__file__).parent
FOLDER = PACKAGE / "usecases"
DOCS = PACKAGE.parents[1] / "docs" / "use-cases"

SEARCHED = ["hr_answers", "contract_research", "literature_review", "it_helpdesk"]
CITED = [*SEARCHED, "report_summary"]
EXPECTED_KEYS = {"text", "documents", "passages", "facts", "forbidden", "answerable"}
REQUIRED_KEYS = EXPECTED_KEYS - {"forbidden"}

Row = dict[str, Any]


@cache
def use_case(name: str) -> UseCase:
    return load(FOLDER / f"{name}.toml")


@cache
def rows(name: str) -> tuple[Row, ...]:
    text = (FOLDER / f"{name}.sample.jsonl").read_text(encoding="utf-8")
    return tuple(json.loads(line) for line in text.splitlines())


@cache
def documents(name: str) -> dict[str, str]:
    """The text of each document of the sample sources, by SOURCE/path."""
    folder = FOLDER / f"{name}.sources"
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8") for file in files}


def plain(text: str) -> str:
    """Without case, and without the line breaks and marks that a reader of Markdown takes away."""
    return " ".join(text.replace("**", "").split()).casefold()


def alternatives(fact: str | list[str]) -> list[str]:
    return [fact] if isinstance(fact, str) else fact


def holds(text: str, fact: str | list[str]) -> bool:
    return any(plain(words) in plain(text) for words in alternatives(fact))


def grounds_of(name: str, row: Row) -> list[str]:
    """What the expected answer of `row` has to be found in: the documents it names, or the item itself."""
    if name not in SEARCHED:
        return [row["report"]]
    return [documents(name)[document] for document in row["expected"]["documents"]]


def every_row() -> list[Any]:
    return [pytest.param(name, row, id=row["id"]) for name in CITED for row in rows(name)]


# --- the files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CITED)
def test_a_use_case_loads_and_its_drafts_are_checked(name):
    assert use_case(name).grounded_in == ("sources" if name in SEARCHED else "item")
    assert use_case(name).evaluation.scorers


@pytest.mark.parametrize("name", CITED)
def test_a_use_case_names_only_sources_that_ship_with_it(name):
    shipped = {path.partition("/")[0] for path in documents(name)} if name in SEARCHED else set()
    assert set(use_case(name).knowledge.sources) == shipped


@pytest.mark.parametrize("name", CITED)
def test_what_is_written_where_nothing_is_found_needs_no_passage(name):
    """Else the check would mark, or take out, the very sentence that admits to know nothing."""
    if name in SEARCHED:
        assert use_case(name).knowledge.nothing_found.startswith(use_case(name).grounding.exempt)


@pytest.mark.parametrize(
    ("name", "least"),
    [("hr_answers", 12), ("contract_research", 12), ("literature_review", 15), ("it_helpdesk", 10)],
)
def test_the_sources_are_large_enough_to_search(name, least):
    assert len(documents(name)) >= least


def test_unsupported_statements_of_a_review_of_papers_are_removed():
    assert use_case("literature_review").grounding.unsupported == "remove"
    assert use_case("hr_answers").grounding.unsupported == "mark"


def test_a_report_beyond_the_context_is_read_window_by_window():
    assert use_case("report_summary").limits.too_long == "windows"


def test_no_python_names_the_it_help_desk():
    """It is the proof that a further use case is nothing but files."""
    assert not [file for file in PACKAGE.rglob("*.py") if "it_helpdesk" in file.read_text(encoding="utf-8")]


def test_the_files_stay_small():
    files = [file for name in CITED for file in FOLDER.glob(f"{name}.*")]
    whole = [file for part in files for file in ([part] if part.is_file() else part.rglob("*"))]
    assert sum(file.stat().st_size for file in whole) < 600_000


# --- the samples ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CITED)
def test_a_sample_has_at_least_twenty_items_with_ids_of_their_own(name):
    ids = [row["id"] for row in rows(name)]
    assert len(ids) >= 20
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", SEARCHED)
def test_about_one_question_in_five_has_no_answer(name):
    unanswerable = [row for row in rows(name) if not row["expected"]["answerable"]]
    assert 0.15 <= len(unanswerable) / len(rows(name)) <= 0.3


@pytest.mark.parametrize("name", CITED)
def test_a_sample_has_bad_input_too(name):
    """Orders to the model, and two places that contradict each other."""
    told = [row for row in rows(name) if re.search(r"ignor|vergiss", json.dumps(row), re.IGNORECASE)]
    assert told
    if name in SEARCHED:
        assert any("ignore your instructions" in text.casefold() for text in documents(name).values())
    assert [row for row in rows(name) if re.search(r"differ|disagree|opposite", row["expected"]["text"])]


@pytest.mark.parametrize(("name", "row"), every_row())
def test_a_row_is_an_item_of_its_use_case(name, row):
    read_row(use_case(name), row, line=1)
    assert set(row) <= {"id", "thread", "expected", *use_case(name).input.fields}


@pytest.mark.parametrize(("name", "row"), every_row())
def test_an_expected_answer_is_whole(name, row):
    expected = row["expected"]
    assert REQUIRED_KEYS <= set(expected) <= EXPECTED_KEYS
    assert expected["text"].strip()
    if expected["answerable"]:
        assert expected["facts"]
        assert expected["passages"]
        assert bool(expected["documents"]) == (name in SEARCHED)
    else:
        assert expected["text"] == use_case(name).knowledge.nothing_found
        assert not expected["facts"] + expected["passages"] + expected["documents"]


@pytest.mark.parametrize(("name", "row"), every_row())
def test_expected_passages_and_facts_stand_in_what_is_drawn_on(name, row):
    grounds = grounds_of(name, row)
    for words in row["expected"]["passages"]:
        assert any(plain(words) in plain(text) for text in grounds), words
    for fact in row["expected"]["facts"]:
        assert any(holds(text, fact) for text in grounds), fact


@pytest.mark.parametrize(("name", "row"), every_row())
def test_each_expected_document_holds_an_expected_passage_or_fact(name, row):
    for text in grounds_of(name, row):
        named = row["expected"]["passages"] + row["expected"]["facts"]
        assert any(holds(text, words) for words in named)


@pytest.mark.parametrize(("name", "row"), every_row())
def test_an_expected_answer_holds_its_facts_and_nothing_forbidden(name, row):
    expected = row["expected"]
    for fact in expected["facts"]:
        assert holds(expected["text"], fact), fact
    for words in expected.get("forbidden", ()):
        assert plain(words) not in plain(expected["text"]), words


@pytest.mark.parametrize(("name", "row"), every_row())
def test_words_that_an_expected_answer_quotes_stand_in_what_is_drawn_on(name, row):
    for words in re.findall(r'"([^"]+)"', row["expected"]["text"]):
        assert any(plain(words.rstrip(".")) in plain(text) for text in grounds_of(name, row)), words


def test_two_reports_are_longer_than_the_model_can_read():
    """About 2,500 words are more than the 4,096 tokens of the default, with the instructions and the summary."""
    assert sum(len(row["report"].split()) > 2_500 for row in rows("report_summary")) >= 2


# --- nobody real ------------------------------------------------------------------------------------------------------


def all_texts(name: str) -> dict[str, str]:
    sample = {row["id"]: json.dumps(row, ensure_ascii=False) for row in rows(name)}
    return sample | (documents(name) if name in SEARCHED else {})


@pytest.mark.parametrize("name", CITED)
def test_addresses_belong_to_nobody(name):
    for place, text in all_texts(name).items():
        for host in re.findall(r"(?:@|https?://)([\w.-]+\w)", text):
            assert re.search(r"(^|\.)example(\.com|\.org|\.net)?$", host), place


@pytest.mark.parametrize("name", CITED)
def test_telephone_numbers_are_kept_for_fiction(name):
    """+44 1632 960xxx, which the British regulator keeps for drama."""
    for place, text in all_texts(name).items():
        for number in re.findall(r"\+\d[\d ]{7,}", text):
            assert number.startswith("+44 1632 960"), place


@pytest.mark.parametrize("name", CITED)
def test_people_are_roles_and_have_no_names(name):
    """No name can be that of a real person where there is none."""
    for place, text in all_texts(name).items():
        assert not re.search(r"\b(Mr|Mrs|Ms|Dr|Prof|Herr|Frau)\b\.? [A-Z]", text), place


def test_a_paper_says_that_it_is_invented():
    for path, text in documents("literature_review").items():
        assert "Invented paper" in text, path


def test_a_contract_or_memo_says_that_it_is_invented():
    for path, text in documents("contract_research").items():
        assert "invented" in text.casefold(), path


# --- the pages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CITED)
def test_a_page_says_how_to_try_the_use_case(name):
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert f"graftwork evaluate {name}" in page
    for source in use_case(name).knowledge.sources:
        assert f"graftwork knowledge add {source}" in page
