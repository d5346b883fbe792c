import pytest

from graftwork.core.scoring.errors import ExpectedInvalid
from graftwork.core.scoring.expected import Expected, read_expected


def test_every_key_is_read():
    found = read_expected(
        {
            "text": "Yes.", "fields": {"a": 1}, "evidence": {"/a": "one"}, "documents": ["s/a.md"], "passages": ["one"],
            "facts": ["14 days", ["free", "no charge"]], "forbidden": ["30 days"], "answerable": True,
            "slots": {"colour": "red"}, "label": True,
        },
        1,
    )  # fmt: skip
    assert found.facts == (("14 days",), ("free", "no charge"))
    assert found.label == "true"


@pytest.mark.parametrize("raw", [None, {}, {"text": None, "fields": None}])
def test_what_is_absent_or_null_is_unknown(raw):
    assert read_expected(raw, 1) == Expected()


def test_an_empty_list_is_known_to_be_none():
    assert read_expected({"documents": []}, 1).documents == ()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("x", "`expected` must be an object"),
        ({"txt": "x"}, "unknown key `expected.txt`; did you mean `text`?"),
        ({"a customer wrote this and more": "x"}, "unknown key in `expected`"),
        ({"text": " "}, "`expected.text` must be a text that is not empty"),
        ({"text": 1}, "`expected.text` must be a text that is not empty"),
        ({"fields": []}, "`expected.fields` must be an object"),
        ({"evidence": {"a": "x"}}, "`expected.evidence` must be an object whose keys are JSON pointers"),
        ({"evidence": {"/a": ""}}, "`expected.evidence` must be an object of texts"),
        ({"documents": "s/a.md"}, "`expected.documents` must be a list of texts"),
        ({"documents": [""]}, "`expected.documents` must be a list of texts"),
        ({"facts": [[]]}, "`expected.facts` must be a list of texts, or of lists of alternatives"),
        ({"facts": [["a", 1]]}, "`expected.facts` must be a list"),
        ({"facts": {}}, "`expected.facts` must be a list"),
        ({"answerable": "no"}, "`expected.answerable` must be true or false"),
        ({"slots": {"a": []}}, "`expected.slots` must be an object of texts, numbers"),
        ({"label": ["x"]}, "`expected.label` must be a text"),
    ],
)
def test_another_form_is_refused_with_its_line_and_without_its_value(raw, reason):
    with pytest.raises(ExpectedInvalid) as caught:
        read_expected(raw, 7)
    assert caught.value.message.startswith(f"line 7: {reason}")
    assert "customer" not in str(caught.value)
