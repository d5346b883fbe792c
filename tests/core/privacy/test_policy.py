"""Classes of data, and the strictest rule among them: each hit with a near-miss beside it."""

import pytest

from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.policy import Classifier, Ruling, needs_search, ruling, stricter
from graftwork.core.usecase_tables import PrivacyRules


def found(text: str, value: str, kind: Kind) -> Finding:
    start = text.index(value)
    return Finding(start, start + len(value), kind, "test", "because")


@pytest.mark.parametrize(
    ("text", "value", "kind", "classes"),
    [
        ("card 4111 1111 1111 1111", "4111 1111 1111 1111", "card", ("finance",)),
        ("IBAN DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00", "iban", ("finance",)),
        ("key sk-example-000", "sk-example-000", "key", ("secrets",)),
        ("passport C01X00T47", "C01X00T47", "passport", ("identity",)),
        ("NHS 943 476 5919", "943 476 5919", "health_id", ("health",)),
        ("she is 17 years old", "17 years old", "age", ("children",)),
        ("she is 18 years old", "18 years old", "age", ()),
        ("aged 117", "117", "age", ()),
        ("an age in words, seven", "seven", "age", ()),
        ("call 0664 123456", "0664 123456", "phone", ()),
        ("Anna Muster", "Anna Muster", "person", ()),
    ],
)
def test_a_class_comes_from_the_kind_of_value_that_was_found(text, value, kind, classes):
    assert Classifier().classes(text, [found(text, value, kind)]) == classes


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("The diagnosis came on Monday.", ("health",)),
        ("Die Krankmeldung liegt bei.", ("health",)),
        ("Je suis ENCEINTE de trois mois.", ("health",)),
        ("tensi\u00f3n alta, toma medicaci\u00f3n", ("health",)),
        ("a blood\ntest", ("health",)),
        ("blood oranges, a test", ()),
        ("our toddler and the payslip", ("finance", "children")),
        ("The kettle is faulty.", ()),
        ("", ()),
        ("prescient", ()),
    ],
)
def test_a_class_comes_from_words_that_mean_hardly_anything_else(text, classes):
    assert Classifier().classes(text, []) == classes


def test_words_of_the_use_case_are_added_to_ours():
    own = Classifier({"identity": "Aktenzeichen\ncase file*\n\n"})
    assert own.classes("Das AKTENZEICHEN fehlt", []) == ("identity",)
    assert own.classes("see the case file", []) == ("identity",)
    assert own.classes("a diagnosis", []) == ("health",)
    assert Classifier().classes("Das Aktenzeichen fehlt", []) == ()


@pytest.mark.parametrize(
    ("managed", "classes", "found", "treatment"),
    [
        ("never", {}, (), "local"),
        ("never", {"health": "allowed"}, ("health",), "local"),
        ("masked", {}, (), "masked"),
        ("masked", {}, ("health",), "masked"),
        ("masked", {"health": "local"}, ("health",), "local"),
        ("masked", {"health": "local"}, ("finance",), "masked"),
        ("masked", {"health": "allowed"}, ("health",), "masked"),
        ("masked", {"health": "masked", "secrets": "local"}, ("health", "secrets"), "local"),
        ("allowed", {}, ("secrets",), "allowed"),
        ("allowed", {"secrets": "masked"}, ("secrets",), "masked"),
        ("allowed", {"secrets": "masked"}, (), "allowed"),
        ("allowed", {"secrets": "masked", "health": "local"}, ("health", "secrets"), "local"),
    ],
)
def test_the_strictest_rule_holds(managed, classes, found, treatment):
    ruled = ruling(PrivacyRules(managed=managed, classes=classes), found)
    assert ruled.treatment == treatment
    assert ruled.classes == found


def test_a_ruling_names_the_class_that_brought_it():
    rules = PrivacyRules(managed="masked", classes={"health": "local"})
    assert "health" in ruling(rules, ("finance", "health")).reason
    assert ruling(rules, ("finance",)).reason == 'privacy.managed is "masked"'


@pytest.mark.parametrize(
    ("managed", "classes", "searched"),
    [
        ("never", {"health": "local"}, False),
        ("masked", {}, True),
        ("allowed", {}, False),
        ("allowed", {"health": "allowed"}, False),
        ("allowed", {"health": "masked"}, True),
    ],
)
def test_nothing_is_searched_where_it_makes_no_difference(managed, classes, searched):
    assert needs_search(PrivacyRules(managed=managed, classes=classes)) is searched


@pytest.mark.parametrize(
    ("one", "other", "result"),
    [
        ("allowed", "masked", "masked"),
        ("masked", "allowed", "masked"),
        ("masked", "local", "local"),
        ("local", None, "local"),
    ],
)
def test_of_two_rulings_the_stricter_stands(one, other, result):
    assert stricter(Ruling(one, "a", ("health",)), Ruling(other, "b") if other else None).treatment == result
    assert stricter(Ruling(one, "a", ("health",)), Ruling(other, "b") if other else None).classes == ("health",)
