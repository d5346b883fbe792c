"""Documents and items of somebody who means harm, or who is merely unlucky: nothing leaks, nothing is shifted."""

import asyncio
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from graftwork.apps.work.books import restorer
from graftwork.cli.new import new
from graftwork.core.citing.checking import check_claims
from graftwork.core.clearance import Clearance, MaskedContent
from graftwork.core.engines.echo import EchoEngine
from graftwork.core.errors import UseCaseExists
from graftwork.core.flow import draft
from graftwork.core.grounding import with_excerpts
from graftwork.core.ports import OnText, ignore_text
from graftwork.core.privacy.book import Book
from graftwork.core.privacy.content import WholeText, mask_content, masking
from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.routing import Route
from graftwork.core.types import DraftResult, Excerpt, Generation, GenerationRequest, ItemContent, Turn
from graftwork.core.usecase import UseCase

FILLER = "Nothing of note was recorded on this day by the ward. "
SCHEMA = {
    "type": "object",
    "properties": {"diagnosis": {"type": "string"}, "doctor": {"type": "string"}, "ward": {"type": "string"}},
}


class Managed(EchoEngine):
    """A server of somebody else, which keeps what it was sent and says one thing to everybody."""

    def __init__(self, answer: str, context_tokens: int | None = None) -> None:
        super().__init__("theirs", zone="managed")
        self.answer = answer
        self.context_tokens = context_tokens
        self.requests: list[GenerationRequest] = []

    @property
    def sent(self) -> str:
        return "\n".join(message.content for request in self.requests for message in request.messages)

    async def generate(self, request: GenerationRequest, on_text: OnText = ignore_text) -> Generation:
        self.requests.append(request)
        on_text(self.answer)
        return Generation(self.answer, self.name, "m", "managed", "stop", 10, 5, 0, 1.0, 2.0, Decimal(0), "EUR")


def use_case(**tables: Any) -> UseCase:
    return UseCase.model_validate(
        {
            "name": "attacked",
            "title": "Attacked",
            "instructions": {"system": "Work on the item."},
            "privacy": {"managed": "masked"},
            **tables,
        }
    )


def extracting(kind: str = "text", too_long: str = "windows") -> UseCase:
    return use_case(
        input={"fields": {"report": {"type": kind, "max_characters": 1_000_000}}},
        output={"type": "json", "schema": SCHEMA, "evidence": True},
        limits={"too_long": too_long},
    )


def told(**pairs: str) -> str:
    return json.dumps({name: {"quote": value, "value": value} for name, value in pairs.items()})


def masked_run(case: UseCase, content: ItemContent, engine: Managed, values: Sequence[tuple[str, Kind]]) -> DraftResult:
    """One draft by a managed engine, with every occurrence of `values` masked and restored as in the product."""
    content = with_excerpts(case, content)
    book, whole = Book(), WholeText(content)
    findings = [
        Finding(at, at + len(value), kind, "test", "test", 1.0)
        for value, kind in values
        for at in range(len(whole.text))
        if whole.text.startswith(value, at)
    ]
    shown, counts = mask_content(content, whole, sorted(findings), masking(book))
    clearance = Clearance(Route((0,), "masked", "because"), MaskedContent(shown, counts, lambda: restorer(book, case)))
    return asyncio.run(draft(case, content, engine, clearance=clearance))


def words_behind(result: DraftResult, text: str) -> dict[str, str]:
    assert result.grounds is not None
    return {one.path: text[one.start : one.end] for one in result.grounds.evidence if one.start is not None}


# --- masked items and the places of evidence --------------------------------------------------------------------------

BEFORE_IT: list[tuple[str, Sequence[tuple[str, Kind]]]] = [
    ('Signed by Ada "Addie" Lund. ', [('Ada "Addie" Lund', "person")]),
    ("He lives at 12 Mill Lane\n4020 Linz. ", [("12 Mill Lane\n4020 Linz", "address")]),
    ("See [his page](https://example.com/ada@example.com). ", [("ada@example.com", "mail")]),
    ("Ada Lund came. Ada was pale, and LUND, ADA signed. ", [("Ada Lund", "person"), ("LUND, ADA", "person")]),
    ("It says [PERSON_1] there, and Ada Lund came. ", [("Ada Lund", "person")]),
    ("Nobody is named. ", []),
]


@pytest.mark.parametrize("filler", [0, 80], ids=["at once", "windows"])
@pytest.mark.parametrize(("before", "values"), BEFORE_IT, ids=["quotes", "two lines", "link", "forms", "typed", "none"])
def test_what_was_masked_before_a_value_does_not_shift_its_evidence(before, values, filler):
    report = f"{before}{FILLER * filler}The diagnosis was acute appendicitis. {FILLER * (filler // 10)}"
    engine = Managed(told(diagnosis="acute appendicitis"), context_tokens=900)
    result = masked_run(extracting(), ItemContent({"report": report}), engine, values)
    assert (len(engine.requests) > 1) == bool(filler)
    assert json.loads(result.text)["diagnosis"] == "acute appendicitis"
    assert words_behind(result, report) == {"/diagnosis": "acute appendicitis"}


def test_a_value_of_a_masked_conversation_is_found_in_it():
    thread = (Turn("Ada Lund", "My doctor is Bo Ek, and I have acute appendicitis."), Turn("agent", "Thank you."))
    engine = Managed(told(diagnosis="acute appendicitis", doctor="[PERSON_2]"))
    result = masked_run(
        extracting("thread"), ItemContent({"report": thread}), engine, [("Ada Lund", "person"), ("Bo Ek", "person")]
    )
    text = "Ada Lund: My doctor is Bo Ek, and I have acute appendicitis.\n\nagent: Thank you."
    assert "Ada" not in engine.sent
    assert words_behind(result, text) == {"/diagnosis": "acute appendicitis", "/doctor": "Bo Ek"}


def test_evidence_in_a_conversation_that_lost_its_oldest_turns_is_placed_in_the_whole():
    thread = (*(Turn("agent", FILLER * 20) for _ in range(4)), Turn("Ada", "I have acute appendicitis."))
    engine = Managed(told(diagnosis="acute appendicitis"), context_tokens=900)
    result = masked_run(extracting("thread", "truncate"), ItemContent({"report": thread}), engine, [("Ada", "person")])
    text = "\n\n".join(f"{turn.speaker}: {turn.text}" for turn in thread)
    assert "truncated" in [notice.code for notice in result.notices]
    assert words_behind(result, text) == {"/diagnosis": "acute appendicitis"}


def test_the_name_of_a_document_without_a_title_is_masked_like_the_rest():
    passage = Excerpt(1, "files", "Dismissal of Ada Lund.txt", "", "Ada Lund has 30 days of leave.", 0, 30)
    content = ItemContent({"question": "How many days?"}, excerpts=(passage,))
    case = use_case(input={"fields": {"question": {}}}, knowledge={"sources": ["files"]})
    engine = Managed("[PERSON_1] has 30 days of leave [1].")
    result = masked_run(case, content, engine, [("Ada Lund", "person")])
    assert "Lund" not in engine.sent
    assert "Dismissal of [PERSON_1].txt" in engine.sent
    assert result.text == "Ada Lund has 30 days of leave [1]."


def test_notes_on_the_parts_of_a_masked_report_are_combined_without_its_values():
    report = "".join(
        f"On day {day} Ada Lund was seen by the ward, and nothing of note was found. " for day in range(90)
    )
    case = use_case(
        input={"fields": {"report": {"max_characters": 1_000_000}}},
        output={"type": "text", "max_tokens": 200},
        grounding={"against": "item"},
        limits={"too_long": "windows"},
    )
    engine = Managed("[PERSON_1] was seen by the ward [1].", context_tokens=900)
    masked_run(case, ItemContent({"report": report}), engine, [("Ada Lund", "person")])
    assert len(engine.requests) > 2
    assert "Ada" not in engine.sent


# --- denials ----------------------------------------------------------------------------------------------------------

LEAVE = "Every employee has 30 days of leave a year."


@pytest.mark.parametrize(
    ("said", "support"),
    [
        ("You have 30 days of leave a year [1].", "supported"),
        ("You do not have 30 days of leave a year [1].", "unsupported"),
        ("You don't have 30 days of leave a year [1].", "unsupported"),
        ("Nobody has 30 days of leave a year [1].", "unsupported"),
        ("You have not only 30 days of leave a year [1].", "supported"),
    ],
)
def test_a_denial_of_little_more_than_a_number_is_no_support(said, support):
    [claim] = check_claims(said, [Excerpt(1, "files", "leave.md", "Leave", LEAVE, 0, len(LEAVE))]).claims
    assert claim.support == support


# --- letters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "kept"), [("So \ud83d\ude00.", "So \U0001f600."), ("So \ud83d.", "So \ufffd.")])
def test_halves_of_letters_that_a_server_streams_make_a_draft_that_can_be_stored(said, kept):
    case = use_case(input={"fields": {"text": {}}})
    result = masked_run(case, ItemContent({"text": "Hello"}), Managed(said), [])
    assert result.text == kept
    result.text.encode()


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_link_to_nowhere_where_a_use_case_would_be_written_leaves_no_half_of_one(tmp_path, monkeypatch):
    monkeypatch.setenv("GRAFTWORK_WORKSPACE", str(tmp_path))
    folder = tmp_path / "usecases"
    folder.mkdir()
    (folder / "mine.toml").symlink_to(tmp_path / "elsewhere.toml")
    with pytest.raises(UseCaseExists):
        new.callback("mine", "hr_answers")
    assert [file.name for file in folder.iterdir()] == ["mine.toml"]
    assert not (tmp_path / "elsewhere.toml").exists()
