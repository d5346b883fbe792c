# ruff: noqa: RUF001 - the look-alike characters are what is tested
"""What is read as a placeholder, and what only looks a little like one."""

import pytest

from graftwork.core.privacy.finding import KINDS
from graftwork.core.privacy.mangling import LONGEST, Mangled, next_mangled
from graftwork.core.privacy.placeholders import LABELS, TRANSLATED, Placeholder, index_written, label_written

ONE = Placeholder("PERSON", 1)


def read(text: str) -> tuple[str, Placeholder | None] | None:
    found = next_mangled(text, 0, closed=True)
    return (text[found.start : found.end], found.placeholder) if isinstance(found, Mangled) else None


def test_every_kind_has_a_label_of_its_own_and_no_translation_hides_one():
    assert set(LABELS) == set(KINDS)
    assert len(set(LABELS.values())) == len(KINDS)
    assert not set(TRANSLATED) & set(LABELS.values())
    assert set(TRANSLATED.values()) <= set(LABELS.values())


@pytest.mark.parametrize(
    "form",
    [
        "[PERSON_1]", "[person_1]", "[Person_1]", "PERSON_1", "person_1", "<PERSON_1>", "{PERSON_1}", "{{PERSON_1}}",
        "(PERSON_1)", "【PERSON_1】", "［PERSON_1］", "«PERSON_1»", "[PERSON 1]", "[PERSON-1]", "[PERSON\u20111]",
        "[PERSON\u00a01]", "[PERSON1]", "[person 1]", r"[PERSON\_1]", r"\[PERSON\_1\]", r"\[PERSON_1\]", r"PERSON\_1",
        "&lt;PERSON_1&gt;", "&#91;PERSON_1&#93;", "&#x5B;PERSON_1&#x5D;", "&lbrack;PERSON&lowbar;1&rbrack;",
        r"\u003cPERSON_1\u003e", r"\u005bPERSON_1\u005d", r"\u005BPERSON\u005F1\u005D", "%5BPERSON_1%5D",
        "%5bPERSON%5f1%5d", "%3CPERSON_1%3E", "[**PERSON_1**]", "[*PERSON_1*]", "[`PERSON_1`]", "[ PERSON_1 ]",
        "[PER\u200bSON_1]", "[PERSON\u2060_1]", "[\ufeffPERSON_1\u200d]", "PERSON\u200b_1", "［ＰＥＲＳＯＮ＿１］",
        "[PERSONNE_1]", "[Persona_1]", "[PERSON_1\u200b]",
    ],
)  # fmt: skip
def test_a_placeholder_is_read_in_every_form_that_models_give_it(form):
    assert read(f"Dear {form}, yes") == (form, ONE)
    assert read(form) == (form, ONE)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("**[PERSON_1]**", "[PERSON_1]"),
        ("`[PERSON_1]`", "[PERSON_1]"),
        ("[[PERSON_1]]", "[PERSON_1]"),
        ("([PERSON_1])", "[PERSON_1]"),
        ("{[PERSON_1]}", "[PERSON_1]"),
        ("<[PERSON_1]>", "[PERSON_1]"),
        (r"\[PERSON_1]", "[PERSON_1]"),
        ("[PERSON_1]s", "[PERSON_1]"),
        ("[PERSON_1]'s", "[PERSON_1]"),
        ("PERSON_1's", "PERSON_1"),
        ("PERSON_1s", "PERSON_1"),
        ("[PERSON_1]1", "[PERSON_1]"),
    ],
)
def test_what_stands_around_a_whole_placeholder_stays(text, part):
    assert read(text) == (part, ONE)


@pytest.mark.parametrize("text", ["[PERSON_01]", "[PERSON_0]", "PERSON_001", "[PERSON_١]", "[PERSON_1234567890]"])
def test_an_index_that_no_placeholder_has_names_none(text):
    found = read(text)
    assert found is not None
    assert found[1] is None


@pytest.mark.parametrize(
    "text",
    [
        "person 1", "(person 1)", "the date 1", "(date 1)", "{id1}", "<h1>", "[1]", "[Table_1]", "[PERSON]",
        "[PERSON_]", "[PERSON_x]", "MY_PERSON_1", "PERSON_1st", "PERSON_1_a", "xPERSON_1", "P E R S O N _ 1",
        "UEVSU09OXzE=",
        "PERSON underscore 1", "[PERSON\n_1]", "PERSON-1", "PERSON1", "{key1}", "[key1]",
    ],
)  # fmt: skip
def test_prose_and_code_that_are_no_placeholder_are_left_alone(text):
    assert read(text) is None


def test_one_eleven_and_zero_one_are_three_different_things():
    assert read("[PERSON_1]") == ("[PERSON_1]", ONE)
    assert read("[PERSON_11]") == ("[PERSON_11]", Placeholder("PERSON", 11))
    assert read("[PERSON_1\u200b1]") == ("[PERSON_1\u200b1]", Placeholder("PERSON", 11))
    assert read("[PERSON_01]") == ("[PERSON_01]", None)


def test_digits_of_another_script_are_no_index():
    assert index_written("１２") == 12
    assert index_written("١") is None
    assert index_written("0") is None


def test_a_translated_label_is_read_only_where_it_can_be_no_other():
    assert label_written("Dirección") == "ADDRESS"
    assert label_written("E-Mail") == "MAIL"
    assert label_written("Name") is None
    assert label_written("NUMBER") is None


def test_no_form_is_longer_than_what_a_stream_holds_back():
    longest = "&lbrack;**  GEBURTSDATUM%e2%80%91%e2%80%91%e2%80%91%e2%80%91%5f123456789  **&rbrack;"
    assert read(longest) == (longest, Placeholder("BIRTHDATE", 123456789))
    assert len(longest) <= LONGEST
