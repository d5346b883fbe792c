"""The journey's own path loses nothing: a model that answers rightly comes out right, with all its places.

The engine here answers from the gold beside each report, word for word; what is missing at the end, the path has lost.
"""

import asyncio
import json
from pathlib import Path

import pytest

import graftwork.usecases
from graftwork.core.flow import draft
from graftwork.core.types import Generation, ItemContent
from graftwork.core.usecase_file import load

GOLD = {
    "age": "58-year-old",
    "diagnoses": ["torn rotator cuff", "frozen shoulder", "hyper-\ntension"],
    "treatments": ["arthroscopic repair", "naproxen", "physiotherapy"],
    "events": ["9 January 2024", "2 February 2024", "30 June 2024"],
}
FILLER = "The adjuster noted nothing else of interest on that day, and the file was passed on to the next desk. " * 6
REPORT = (
    "Report on a 58-year-old roofer. On 9 January 2024 he fell onto his right arm.\n\n"
    f"An ultrasound showed a torn rotator cuff. He has hyper-\ntension. {FILLER}\n\n"
    f"On 2 February 2024 an arthroscopic repair was done; naproxen was given. {FILLER}\n\n"
    "The course was marked by a frozen shoulder. He had physiotherapy until 30 June 2024."
)


class Oracle:
    name = "oracle"
    zone = "local"
    slots = 1

    def __init__(self, context_tokens=None, turned=str):
        self.context_tokens = context_tokens
        self.turned = turned
        self.asked = self.prompt = 0

    async def generate(self, request, on_text=None):
        self.asked += 1
        self.prompt = sum(len(message.content) for message in request.messages)
        shown = request.messages[-1].content
        said = {kind: [self._said(words) for words in GOLD[kind] if words in shown] for kind in list(GOLD)[1:]}
        answer = {
            "patient": {"age": {"quote": GOLD["age"], "value": 58 if GOLD["age"] in shown else None}},
            "diagnoses": [{"name": one} for one in said["diagnoses"]],
            "treatments": [{"name": one} for one in said["treatments"]],
            "events": [{"date": one} for one in said["events"]],
        }
        text = self.turned(json.dumps(answer))
        return Generation(text, "oracle", "gold", "local", "stop", 0, 0, 0, None, 0.0, None, None)

    def _said(self, words):
        plain = words.replace("-\n", "").upper()  # a model seldom keeps the line breaks and the case
        return {"quote": plain, "value": words.replace("-\n", "")}

    async def count_tokens(self, text):
        return len(text) // 4

    async def prepare(self, request): ...

    async def close(self): ...


@pytest.fixture(scope="module")
def use_case():
    return load(Path(graftwork.usecases.__file__).parent / "claims_extraction.toml")


def drafted(use_case, engine):
    result = asyncio.run(draft(use_case, ItemContent({"report": REPORT}), engine))
    value = json.loads(result.text)
    words = {
        entry.path: REPORT[entry.start : entry.end] for entry in result.grounds.evidence if entry.start is not None
    }
    return value, words, result.notices


def plain(words):
    return words.replace("-\n", "")


def narrow(use_case, share):
    """The context that has room for `share` of the report beside the instructions and the answer."""
    wide = Oracle()
    drafted(use_case, wide)
    return use_case.output.max_tokens + 64 + wide.prompt // 4 - int((1 - share) * len(REPORT)) // 4


@pytest.mark.parametrize("share", [1, 0.7, 0.4, 0.25])
def test_every_value_comes_through_with_its_place_at_once_or_by_windows(use_case, share):
    engine = Oracle(narrow(use_case, share))
    value, words, notices = drafted(use_case, engine)
    assert (engine.asked > 1) == (share < 1)
    assert value["patient"]["age"] == 58
    assert words["/patient/age"] == GOLD["age"]
    for kind, name in (("diagnoses", "name"), ("treatments", "name"), ("events", "date")):
        assert sorted(item[name] for item in value[kind]) == sorted(map(plain, GOLD[kind]))
        assert sorted(words[f"/{kind}/{n}/{name}"] for n in range(len(GOLD[kind]))) == sorted(GOLD[kind])
    assert len(words) == 10
    assert [notice.code for notice in notices] == (["windows"] if share < 1 else [])


def test_an_answer_that_broke_off_keeps_its_whole_items(use_case):
    cut = '"events": [{"date": {"quote": "9 JANUARY'
    value, words, _ = drafted(use_case, Oracle(turned=lambda text: text[: text.index('"events"')] + cut))
    assert len(value["diagnoses"]) == len(value["treatments"]) == 3
    assert value["events"] == []
    assert len(words) == 7


@pytest.mark.parametrize("garbage", ["", "I cannot help with that.", "[1, 2]", '{"patient": 7, "diagnoses": "many"}'])
def test_a_model_that_cannot_hold_the_schema_gives_an_empty_form_and_a_notice(use_case, garbage):
    value, words, notices = drafted(use_case, Oracle(turned=lambda _: garbage))
    assert value["diagnoses"] == value["treatments"] == value["events"] == []
    assert value["patient"] == {"age": None, "sex": None}
    assert words == {}
    assert "invalid_output" in {notice.code for notice in notices}
