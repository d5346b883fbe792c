"""JSON and JSON Lines by path; nothing changes but what is swapped."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.errors import FormBroken, FormTooLarge
from graftwork.core.privacy.forms import json_form, json_tokens


def test_a_value_is_swapped_and_all_else_stays_as_it_was_written(rewrite):
    source = '{ "note" : "Call Charlie Douglas",\n\t"n": 1.0E+2, "u": "\\u00fc\\/", "z": [ ] }\n'
    done = rewrite(source, "a.json")
    assert done.text == source.replace("Charlie Douglas", "[PERSON_1]")
    assert done.undone() == source.encode()


@pytest.mark.parametrize(
    ("path", "rule", "masked"),
    [
        ("customer.ref", "account", True),
        ("*.ref", "account", True),
        ("ref", "account", True),
        ("**.ref", "account", True),
        ("customer.*", "account", True),
        ("order.ref", "account", False),
        ("customer.ref.x", "account", False),
        ("customer.ref", "keep", False),
        ("customer.ref", "detect", False),
    ],
)
def test_a_rule_holds_where_its_path_fits(rewrite, path, rule, masked):
    done = rewrite('{"customer": {"ref": "K-17"}}', "a.json", {path: rule})
    assert ("K-17" not in done.text) is masked


def test_the_last_rule_that_fits_wins(rewrite):
    rules = {"*.id": "account", "order.id": "keep"}
    done = rewrite('{"order": {"id": "A1"}, "user": {"id": "B2"}}', "a.json", rules)
    assert json.loads(done.text) == {"order": {"id": "A1"}, "user": {"id": "[ACCOUNT_50]"}}


@pytest.mark.parametrize(
    ("source", "masked"),
    [
        ('{"email": "x"}', True),
        ('{"customer": {"name": "x"}}', True),
        ('{"name": "x"}', True),
        ('{"product": {"name": "x"}}', False),
        ('{"billingEmail": "x"}', True),
        ('{"Geburtsdatum": "x"}', True),
        ('{"file_name": "x"}', False),
        ('{"status": "x"}', False),
    ],
)
def test_the_name_of_a_key_says_what_its_value_is(rewrite, source, masked):
    assert ('"x"' not in rewrite(source, "a.json").text) is masked


def test_a_rule_to_keep_is_stronger_than_what_the_name_says(rewrite):
    assert "Charlie Douglas" in rewrite('{"full_name": "Charlie Douglas"}', "a.json", {"full_name": "keep"}).text


def test_joins_hold_across_rows_and_keys(rewrite):
    done = rewrite(
        '{"email":"a@example.com"}\n{"contact":{"e-mail":"a@example.com"}}\n{"email":"b@example.com"}\n', "a.jsonl"
    )
    rows = [json.loads(line) for line in done.text.splitlines()]
    assert rows[0]["email"] == rows[1]["contact"]["e-mail"] != rows[2]["email"]


def test_keys_are_left_alone_unless_a_rule_names_them(rewrite):
    source = '{"by_mail": {"charlie@example.com": 3}}'
    assert rewrite(source, "a.json").text == source
    assert rewrite(source, "a.json", {"by_mail.@keys": "detect"}).text == '{"by_mail": {"[MAIL_1]": 3}}'


@pytest.mark.parametrize(
    ("source", "rules", "expected"),
    [
        ('{"n": 4111111111111111}', {}, '{"n": "[CARD_1]"}'),
        ('{"n": 12345678}', {}, '{"n": 12345678}'),
        ('{"n": 17}', {"n": "account"}, '{"n": "[ACCOUNT_50]"}'),
        ('{"n": -1.5e300}', {}, '{"n": -1.5e300}'),
        ('{"n": 4111111111111111}', {"n": "keep"}, '{"n": 4111111111111111}'),
    ],
)
def test_a_number_becomes_a_placeholder_where_it_is_long_or_a_rule_says_so(rewrite, source, rules, expected):
    done = rewrite(source, "a.json", rules)
    assert done.text == expected
    assert done.undone() == source.encode()


def test_an_escaped_value_is_found_and_comes_back_as_it_was_escaped(rewrite):
    source = (
        '{"a": "Zo\\u00eb M\\u00fcller, \\u0043harlie Douglas", '
        '"b": "O\\"Neil, <Pat>", "s": "\\ud83d\\ude00 Charlie Douglas"}'
    )
    done = rewrite(source, "a.json")
    assert json.loads(done.text) == {"a": "[PERSON_2], [PERSON_1]", "b": "[PERSON_3]", "s": "😀 [PERSON_1]"}
    assert done.undone() == source.encode()
    assert json.loads(done.restored().text) == json.loads(source)


def test_duplicate_keys_and_nan_are_kept(rewrite):
    source = '{"a": NaN, "a": "Charlie Douglas", "a": -Infinity}'
    assert rewrite(source, "a.json").text == '{"a": NaN, "a": "[PERSON_1]", "a": -Infinity}'


@pytest.mark.parametrize(
    "source",
    ['{"a": Charlie}', "{a: 1}", '{"a": 1,}', "[1 2]", '{"a" 1}', '{"a": 1', '["a"', "[1,]", "]", '{"a": "x\ny"}',
     "{'a': 1}", "// x\n{}", '{"a": 01}', '"open', '{"a":}', "[,1]", '{"a","b"}', "tru"],
)  # fmt: skip
def test_what_is_not_json_is_refused_and_never_passed_unread(rewrite, source):
    with pytest.raises(FormBroken) as error:
        rewrite(source, "a.json")
    assert "Charlie" not in str(error.value)


def test_many_values_at_the_top_are_json_lines(rewrite):
    assert rewrite('1 "Charlie Douglas" [] {}\nnull', "a.jsonl").text == '1 "[PERSON_1]" [] {}\nnull'


def test_a_large_list_is_read_in_windows(rewrite, monkeypatch):
    monkeypatch.setattr(json_tokens, "READ_CHARACTERS", 7)
    monkeypatch.setattr(json_form, "WINDOW_CHARACTERS", 50)
    source = json.dumps([{"t": "Charlie Douglas", "m": "é" * n} for n in range(40)])
    done = rewrite(source, "a.json")
    assert done.text == source.replace("Charlie Douglas", "[PERSON_1]")


def test_limits_are_said(rewrite, monkeypatch):
    with pytest.raises(FormTooLarge):
        rewrite("[" * 600 + "]" * 600, "a.json")
    monkeypatch.setattr(json_tokens, "LONGEST_STRING_CHARACTERS", 1_000)
    monkeypatch.setattr(json_tokens, "READ_CHARACTERS", 500)
    with pytest.raises(FormTooLarge):
        rewrite('"' + "x" * 5_000 + '"', "a.json")


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(_JSON, st.booleans(), st.sampled_from([None, 2]))
def test_any_json_passes_unchanged_where_nothing_is_found(value, ascii_only, indent):
    import io

    from graftwork.core.privacy.forms.rules import Rules

    class Nothing:
        def swaps(self, fields):
            return [[] for _ in fields]

    source = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    found = json_form.pieces(io.StringIO(source, newline=""), Nothing(), Rules(), "a.json")
    assert "".join(found) == source


@given(st.text())
def test_the_characters_of_a_string_token_are_those_that_json_reads(text):
    for raw in (json.dumps(text), json.dumps(text, ensure_ascii=False)):
        shown, offsets = json_tokens.decoded(raw)
        assert shown == json.loads(raw)
        assert offsets is None or len(offsets) == len(shown) + 1
