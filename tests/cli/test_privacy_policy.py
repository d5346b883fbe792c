"""What the command line says of a policy: refused without one, and what reviewers missed."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click import Command
from click.testing import CliRunner, Result

from graftwork.cli import privacy_explain
from graftwork.cli.usecase import check
from graftwork.core.errors import (
    DetectorUnavailable,
    DictionaryInvalid,
    ManagedUndeclared,
    UnknownLanguage,
    UnknownProfile,
    UseCaseInvalid,
)
from support.detector import DetectorService

CASE = """\
name = "note_reply"
title = "Reply"
[input.fields.text]
[instructions]
system = "Answer."
[engine]
url = "https://api.example.com/v1"
model = "m"
"""


def invoke(command: Command, *arguments: str) -> Result:
    """Past the error handling of the whole command line. click keeps the names of a command's first help option."""
    return CliRunner().invoke(command, arguments, catch_exceptions=False, help_option_names=["-h", "--help"])


@pytest.fixture
def checked(tmp_path):
    def run(more: str = "") -> str:
        file = tmp_path / "note_reply.toml"
        file.write_text(CASE + more, encoding="utf-8")
        return invoke(check, str(file)).output

    return run


def test_a_managed_engine_without_a_policy_is_refused_and_with_one_it_is_shown(checked):
    with pytest.raises(ManagedUndeclared, match=r"api\.example\.com"):
        checked()
    assert "engines in the zone managed: masked, health: local" in checked(
        '[privacy]\nmanaged = "masked"\nclasses = { health = "local" }\n'
    )
    assert "m at api.example.com, then echo (for tests)" in checked("[[fallbacks]]\necho = true\n")


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ('managed = "masked"\nprofile = "gpdr"', UnknownProfile),
        ('managed = "sometimes"', UseCaseInvalid),
        ('managed = "masked"\nclasses = { wealth = "local" }', UseCaseInvalid),
        ('managed = "masked"\nclasses = { health = "never" }', UseCaseInvalid),
        ('managed = "masked"\ndictionaries = ["none.txt"]', UseCaseInvalid),
        ('managed = "masked"\nwords = { health = "../x.txt" }', UseCaseInvalid),
        ('managed = "masked"\nlanguages = ["english"]', UseCaseInvalid),
    ],
)
def test_a_policy_that_asks_for_what_is_not_there_is_refused(checked, more, error):
    with pytest.raises(error):
        checked(f"[privacy]\n{more}\n")


def test_a_detector_that_is_not_installed_is_named_before_anything_runs(checked):
    with pytest.raises(DetectorUnavailable, match="gliner"):
        checked('[privacy]\nmanaged = "masked"\n[[privacy.detectors]]\ntype = "gliner"\nmodel = "weights"\n')


def test_a_language_without_rules_is_told_with_those_there_are(checked):
    with pytest.raises(UnknownLanguage, match=r"Name one of those there are: .*en, es, fr"):
        checked('[privacy]\nmanaged = "masked"\nlanguages = ["fi"]\n')


def test_a_dictionary_that_cannot_be_read_is_named(checked, tmp_path):
    (tmp_path / "terms.csv").write_text("term,kind\nx,nonsense\n", encoding="utf-8")
    with pytest.raises(DictionaryInvalid, match=r"terms\.csv"):
        checked('[privacy]\nmanaged = "masked"\ndictionaries = ["terms.csv"]\n')


@pytest.mark.django_db
def test_misses_are_exported_as_cases_without_their_values(make_items, monkeypatch, now):
    from graftwork.apps.actors import operator
    from graftwork.apps.work.actions.missed import Report, report_missed
    from graftwork.cli import privacy_misses

    [item] = make_items(1, text="I am Anna Muster and the pump is ZQ-17, mail anna@example.com.")
    missed = report_missed(operator(), item.pk, Report("ZQ-17"), now)
    monkeypatch.setattr(privacy_misses, "open_store", lambda: None)

    def run(*arguments: str) -> str:
        return invoke(privacy_misses.misses, *arguments).output

    line = json.loads(run("export"))
    assert (line["kind"], line["shape"]) == ("id", "AA-99")
    assert "{value}" in line["context"]
    assert not any(value in line["context"] for value in ("ZQ-17", "anna@example.com", "Anna Muster"))
    assert "AA-99" in run("list")
    assert "Withdrawn." in run("withdraw", str(missed.pk))
    assert run("list") == "No reports.\n"


OWN = """\
name = "note_reply"
title = "Reply"
[input.fields.text]
[instructions]
system = "Answer."
[engine]
echo = true
[privacy]
managed = "masked"
ner = false
profile = "secrets"
dictionaries = ["heron.txt"]
[[privacy.detectors]]
type = "http"
url = "{url}"
"""


@pytest.fixture
def own_case(write_usecase, workspace_folder):
    """A use case with a dictionary and a detector of its own, in a workspace with a reported term."""
    service = DetectorService(["quzzle"], label="PASSWORD")
    (workspace_folder / "usecases" / "heron.txt").write_text("grey heron\n", encoding="utf-8")
    yield lambda: write_usecase(OWN.format(url=service.url))
    service.close()
    (workspace_folder / "usecases" / "heron.txt").unlink()


@pytest.mark.django_db
def test_explain_of_a_use_case_searches_as_its_worker_does(own_case, make_items, monkeypatch, now, tmp_path):
    from graftwork.apps.actors import operator
    from graftwork.apps.work.actions.missed import Report, report_missed

    [item] = make_items(1, text="The pump is ZQ-17.")
    report_missed(operator(), item.pk, Report("ZQ-17", "password", everywhere=True), now)
    own_case()
    monkeypatch.setattr(privacy_explain, "open_store", lambda: None)
    file = tmp_path / "notes.csv"
    file.write_text("id,text\n1,A quzzle near ZQ-17 and Anna Muster.\n", encoding="utf-8")

    def run(*arguments: str) -> str:
        return invoke(privacy_explain.explain, str(file), *arguments).output

    as_worker = run("--use-case", "note_reply")
    assert " characters: 2\n" in as_worker
    assert "dictionary" in as_worker
    assert "http" in as_worker
    assert "dictionary" not in run()


@pytest.mark.django_db
def test_the_context_of_an_export_is_masked_by_the_detector_of_its_use_case(own_case, make_items, monkeypatch, now):
    from graftwork.apps.actors import operator
    from graftwork.apps.work.actions.missed import Report, report_missed
    from graftwork.cli import privacy_misses

    monkeypatch.setattr(privacy_misses, "open_store", lambda: None)
    text = "Anna Muster saw a quzzle, a grey heron and TX-99 at AB-12."
    [item] = make_items(1, text=text)
    report_missed(operator(), item.pk, Report("TX-99", everywhere=True), now + timedelta(minutes=1))
    report_missed(operator(), item.pk, Report("AB-12"), now)
    own_case()

    def contexts() -> list[str]:
        answer = invoke(privacy_misses.export).output
        return [json.loads(line)["context"] for line in answer.splitlines()]

    first, second = contexts()
    # A profile that leaves names alone is for the use case's engines, not for an export.
    assert second == "[PERSON_1] saw a [PASSWORD_1], a [TERM_1] and [ID_1] at {value}."
    assert "{value}" in first
    assert not any(value in first + second for value in ("Anna", "quzzle", "heron", "TX-99"))
    (Path(privacy_explain.usecase_files()["note_reply"][0])).unlink()
    assert all("Anna" not in one and "TX-99" not in one for one in contexts())
