"""Why an item goes where it goes, on one page that shows no value."""

from html.parser import HTMLParser
from typing import Any

import pytest
from click.testing import CliRunner

from graftwork.cli import privacy_explain
from graftwork.cli.privacy_explain import explain as command
from graftwork.core.privacy.assembly import detector_for
from graftwork.core.privacy.explain import Explanation, example_usecase, explain
from graftwork.core.privacy.explain_page import decision, page
from graftwork.core.types import ItemContent
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_tables import PrivacyRules

TEXT = "Hello,\nI am Anna Muster, card 4111 1111 1111 1111.\nAnna"
VALUES = ("Anna", "Muster", "4111")


def case(managed: str = "masked", classes: Any = (), fallbacks: Any = ({},), **engine: Any) -> UseCase:
    return UseCase.model_validate(
        {
            "name": "note_reply", "title": "Reply", "input": {"fields": {"text": {}}},
            "instructions": {"system": "Answer."}, "engine": {"url": "https://api.example.com/v1", **engine},
            "fallbacks": fallbacks, "privacy": {"managed": managed, "classes": dict(classes)},
        }
    )  # fmt: skip


def explained(use_case: UseCase, text: str = TEXT) -> Explanation:
    return explain(use_case, ItemContent({"text": text}), detector_for("gdpr", ("en",), ner=False))


def test_each_finding_says_its_kind_place_and_reason_without_the_value():
    found = explained(case())
    assert [(one.kind, one.line, one.column, one.characters) for one in found.places] == [
        ("person", 2, 6, 11),
        ("card", 2, 24, 19),
        ("person", 3, 1, 4),
    ]
    assert all(one.recognizer and one.reason for one in found.places)
    assert not any(value in repr(found) for value in VALUES)
    assert (
        found.hidden_text
        == "Hello,\nI am \u2022\u2022\u2022\u2022 "
        + "\u2022" * 6
        + ", card "
        + " ".join(["\u2022" * 4] * 4)
        + ".\n\u2022\u2022\u2022\u2022"
    )


def test_a_managed_engine_sees_placeholders_and_one_in_the_house_the_text():
    managed, local = explained(case()).sights
    assert (managed.sees, managed.turn, local.sees, local.turn) == ("masked", 1, "local", 2)
    assert "[PERSON_1], card [CARD_1]" in managed.text
    assert "Anna Muster" in local.text


@pytest.mark.parametrize(
    ("use_case", "sees", "says"),
    [
        (
            case("never"),
            [None, "local"],
            'embedded (in the house), which sees the text as it is: privacy.managed is "never"',
        ),
        (case("allowed"), ["allowed", "local"], 'privacy.managed is "allowed"'),
        (case(classes={"finance": "local"}), [None, "local"], "class finance"),
        (case(classes={"health": "local"}), ["masked", "local"], 'privacy.managed is "masked"'),
        (case(classes={"finance": "local"}, fallbacks=()), [None], "Goes nowhere: no engine may see it"),
    ],
)
def test_the_decision_names_the_rule_that_made_it(use_case, sees, says):
    found = explained(use_case)
    assert [sight.sees for sight in found.sights] == sees
    assert says in decision(found)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_page_needs_nothing_but_itself_and_holds_no_value():
    use_case = case(region="eu", facts={"retention": "30 days"})
    html = page(explained(use_case, f"{TEXT} <script>alert(1)</script>"), "a<b>.txt")
    tags = Tags()
    tags.feed(html)
    assert (tags.links, tags.scripts) == ([], 0)
    assert not any(value in html for value in VALUES)
    for said in ("a&lt;b&gt;.txt", "region eu", "retention: 30 days", "[PERSON_1]", "line 2, column 6"):
        assert said in html


def test_a_text_without_findings_says_so():
    assert "<p>Nothing.</p>" in page(explained(case(), "The kettle is faulty."), "x.txt")


def test_without_a_use_case_both_zones_are_shown():
    example = example_usecase(PrivacyRules(managed="masked"), ["text"])
    assert [sight.zone for sight in explained(example).sights] == ["managed", "local"]


def run(*arguments: str) -> Any:
    # click keeps the names of a command's first help option: those of the whole command line.
    names = ["-h", "--help"]
    return CliRunner().invoke(command, list(arguments), catch_exceptions=False, help_option_names=names)


@pytest.fixture
def note(tmp_path):
    file = tmp_path / "note.txt"
    file.write_text(TEXT, encoding="utf-8")
    return str(file)


def test_the_command_hides_values_unless_they_are_asked_for(note, tmp_path):
    hidden = run(note).output
    assert "a name" in hidden
    assert not any(value in hidden for value in VALUES)
    assert "Anna Muster" in run(note, "--show-values").output
    html = tmp_path / "page.html"
    assert "hidden" in run(note, "--html", str(html), "--show-values").output
    assert not any(value in html.read_text(encoding="utf-8") for value in VALUES)


@pytest.mark.django_db
def test_the_command_explains_with_the_engines_of_a_use_case(note, monkeypatch):
    monkeypatch.setattr(privacy_explain, "open_store", lambda: None)
    assert "Goes to embedded (in the house)" in run(note, "--use-case", "support_reply").output


def test_a_use_case_or_row_that_is_not_there_is_named(note):
    from graftwork.core.errors import RowRejected, UseCaseNotFound

    with pytest.raises(UseCaseNotFound):
        run(note, "--use-case", "nothing")
    with pytest.raises(RowRejected, match="no such row"):
        run(note, "--row", "2")
