"""What the command line says of a policy: refused without one, and what reviewers missed."""

import json

import pytest
from click.testing import CliRunner

from graftwork.cli.usecase import check
from graftwork.core.errors import DictionaryInvalid, ManagedUndeclared, UnknownProfile, UseCaseInvalid

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


@pytest.fixture
def checked(tmp_path):
    def run(more: str = "") -> str:
        file = tmp_path / "note_reply.toml"
        file.write_text(CASE + more, encoding="utf-8")
        return CliRunner().invoke(check, [str(file)], catch_exceptions=False).output

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
        return CliRunner().invoke(privacy_misses.misses, arguments, catch_exceptions=False).output

    line = json.loads(run("export"))
    assert (line["kind"], line["shape"]) == ("id", "AA-99")
    assert "{value}" in line["context"]
    assert not any(value in line["context"] for value in ("ZQ-17", "anna@example.com", "Anna Muster"))
    assert "AA-99" in run("list")
    assert "Withdrawn." in run("withdraw", str(missed.pk))
    assert "AA-99" not in run("list")
