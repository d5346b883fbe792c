"""Charters as files: read, written, and what is said about those that are wrong."""

import re
import tomllib
from collections.abc import Iterator
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from graftwork.core.charter.file import charter_from, parse_toml, read_charter, template, to_toml
from graftwork.core.charter.schema import Charter, Range
from graftwork.core.errors import CharterInvalid, CharterUnknownKey, CharterUnreadable, PilotError
from support.charters import WHOLE, charter

FULL = charter(
    arms={"unit": "customer", "customer_field": "customer", "assisted": 0.3},
    population={"share": 0.25, "only": {"field": "language", "values": ["en", 'a "b"\\']}},
    outcomes=[{"kind": "nps", "title": "Recommends us", "unit": "points", "better": "higher"}],
    item_types={"field": "topic", "values": ["orders", "returns"]},
    seeds={"share": 0.01, "statements": ["We are closed on Wednesdays."]},
    plan={"starts_on": "2027-01-11", "units": 4_000},
    money={"items_per_month": {"low": 1, "likely": 2, "high": 3}},
    risks=["x" * 200, 'two\nlines with """ quotes"""'],
)


@pytest.mark.parametrize("one", [charter(), FULL], ids=["plain", "full"])
def test_what_is_written_is_read_again_as_it_was(one):
    again = parse_toml(to_toml(one), "the text")
    assert again == one
    assert again.sha256 == one.sha256


def test_a_default_hashes_as_the_same_value_that_was_written():
    written = charter(rules={"first_contact_days": 7, "reopen_days": 14}, decide={"payback_months": 12})
    assert written.sha256 == charter().sha256
    assert Charter.model_validate(charter().model_dump(mode="json")).sha256 == charter().sha256
    assert charter(rules={"reopen_days": 15}).sha256 != charter().sha256


SEEN = st.text(st.characters(exclude_categories=("Cc", "Cs")) | st.sampled_from("\t\n\r"), max_size=300)


@given(SEEN.filter(bool), st.floats(1e-9, 1e12), st.lists(SEEN, max_size=5))
def test_any_text_and_number_survives(text, number, risks):
    one = charter(problem=f"x{text}", primary={"minimum_effect": number}, risks=risks)
    assert parse_toml(to_toml(one).replace("\n", "\r\n"), "the text").problem.replace("\r\n", "\n")
    assert parse_toml(to_toml(one), "the text") == one


def test_every_key_that_is_written_has_its_meaning_above_it():
    lines = to_toml(charter()).splitlines()
    assert lines[lines.index("minimum_effect = 30.0") - 1].startswith("# the smallest improvement worth having")
    assert max(map(len, lines)) <= 120


def test_the_name_is_that_of_the_file(tmp_path):
    file = tmp_path / "faster_replies.toml"
    file.write_text(to_toml(charter()), encoding="utf-8")
    assert read_charter(file) == charter()
    with pytest.raises(CharterInvalid, match=r"but the file is called other\.toml"):
        read_charter(file.rename(tmp_path / "other.toml"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such file"),
        (b"\xff\xfe", "not UTF-8"),
        (b"name =", "not TOML"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, content, words):
    file = tmp_path / "one.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CharterUnreadable, match=words):
        read_charter(file)


@pytest.mark.parametrize("text", ["name =", "a = " + "[" * 100_000, "x" * 1_000_001, "a = " + "9" * 5_000])
def test_a_text_that_cannot_be_read_is_refused(text):
    with pytest.raises(CharterUnreadable):
        parse_toml(text, "the text")


@pytest.mark.parametrize(
    ("changes", "key", "nearest"),
    [
        ({"primry": {}}, "primry", "primary"),
        ({"primary": {**WHOLE["primary"], "minimum_efect": 3}}, "primary.minimum_efect", "minimum_effect"),
        ({"guards": [{"metric": "csat", "margin": 1, "margn": 2}]}, "guards.0.margn", "margin"),
    ],
)
def test_a_misspelt_key_is_told_with_the_nearest(changes, key, nearest):
    with pytest.raises(CharterUnknownKey) as raised:
        charter_from({**WHOLE, **changes}, "the file")
    assert raised.value.key == key
    assert f"did you mean `{nearest}`?" in raised.value.message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"primary": {"metric": "acceptance", "minimum_effect": 0.1}}, "about drafts only"),
        ({"primary": {"metric": "handling_tme", "minimum_effect": 1}}, "there is no metric `handling_tme`"),
        ({"primary": {"minimum_effect": 0}}, "primary.minimum_effect"),
        ({"guards": [{"metric": "handling_time", "margin": 1}]}, "named twice"),
        ({"arms": {"unit": "customer"}}, "customer_field"),
        ({"money": {"wage_per_hour": {"low": 5, "likely": 4, "high": 6}}}, "low <= likely <= high"),
        ({"plan": {**WHOLE["plan"], "weeks": float("nan")}}, "plan.weeks"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_key(changes, words):
    with pytest.raises(CharterInvalid) as raised:
        charter_from({**WHOLE, **changes}, "the file")
    assert words in raised.value.message
    assert raised.value.key in (*Charter.model_fields, "primary.minimum_effect", "money.wage_per_hour", "plan.weeks")


# --- the template -----------------------------------------------------------------------------------------------------


def test_the_template_is_refused_and_names_all_that_is_open():
    with pytest.raises(PilotError) as raised:
        parse_toml(template("one", 'A "title"', "note_reply"), "one.toml")
    for key in ("primary.minimum_effect", "plan.units_per_week", "plan.control_mean", "problem", "owner.name"):
        assert key in raised.value.message


def filled():
    text = template("one", 'A "title"', "note_reply").replace("TODO", "done")
    for line in text.splitlines():
        if line.endswith("# REQUIRED"):
            text = text.replace(line, line.removeprefix("# "))
    return text


def test_the_template_is_a_charter_once_it_is_filled_in():
    one = parse_toml(filled(), "one.toml")
    assert (one.name, one.title, one.use_case) == ("one", 'A "title"', "note_reply")
    assert one.primary.minimum_effect == 30


def test_a_text_left_open_is_told():
    with pytest.raises(CharterInvalid, match="`pain_point`: is still to be written"):
        parse_toml(filled().replace('pain_point = "done', 'pain_point = "TODO'), "one.toml")


def test_what_the_template_shows_as_a_comment_can_be_used():
    shown = [
        line for line in template("one", "A title", "x").splitlines() if line.startswith(("# [", "# field", "# v"))
    ]
    assert "# [item_types]" in shown
    bare = [line.removeprefix("# ") for line in template("one", "A title", "x").splitlines()]
    start, end = bare.index("[item_types]"), bare.index("[money]")
    keys = [
        line for line in bare[start:end] if line.startswith(("[", "field", "values", "share", "st", "ti", "k", "am"))
    ]
    assert set(tomllib.loads("\n".join(keys))) == {"item_types", "seeds", "budget"}
    assert parse_toml(filled() + "\n" + "\n".join(keys), "one.toml").budget[0].kind == "build"


def _keys(model, table="") -> Iterator[tuple[str, str]]:
    """Every key of the schema that holds a value, with the table that it stands in."""
    for key, field in model.model_fields.items():
        inner = [one for one in _models(field.annotation) if one is not Range]
        yield from ((found for one in inner for found in _keys(one, key)) if inner and not table else [(table, key)])


def _models(annotation) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]


@pytest.mark.parametrize(("table", "key"), sorted(set(_keys(Charter))))
def test_the_template_has_every_key_in_its_table_if_only_as_a_comment(table, key):
    found, here = False, ""
    for line in template("quick", "Quick", "note_reply").splitlines():
        if heading := re.fullmatch(r"(?:# )?\[{1,2}([a-z_]+)\]{1,2}", line):
            here = heading[1]
        found = found or (here == table and re.match(rf"(?:# )?{key} = ", line) is not None)
    assert found
