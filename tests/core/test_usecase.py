"""The use-case file: mistakes are named with file, key and next step; the release changes with what decides drafts."""

import json
import re
import tomllib
from importlib import resources
from pathlib import Path

import jsonschema
import pytest

from graftwork.core.errors import (
    TemplateUnknownField,
    UseCaseError,
    UseCaseInvalid,
    UseCaseUnknownKey,
    UseCaseUnreadable,
)
from graftwork.core.usecase import UseCase, json_schema
from graftwork.core.usecase_file import load
from graftwork.core.usecase_tables import InputField

WHOLE = """\
name = "whole"
title = "Whole"
description = "All parts."

[input]
id = "number"
[input.fields.subject]
label = "Subject"
[input.fields.body]
aliases = ["text"]

[output]
type = "json"
max_tokens = 100
[output.schema]
type = "object"
required = ["mood"]
[output.schema.properties.mood]
enum = ["good", "bad"]
[output.schema.properties.why]
type = "string"

[instructions]
system = "Judge by {{ policy }}."
item = "{{ subject }}: {{ body }}"
[instructions.files]
policy = "policy.md"

[engine]
model = "m"
url = "http://gpu-box:8000/v1"
slots = 4
timeout_seconds = 60

[sampling]
temperature = 0.5

[limits]
too_long = "refuse"

[[review.reasons]]
code = "wrong"
label = "Wrong"
[[review.reasons]]
code = "tone"
label = "Tone"
"""


@pytest.fixture
def loaded(tmp_path: Path):
    def loaded(text: str | bytes = WHOLE, policy: str = "Be fair.") -> UseCase:
        (tmp_path / "policy.md").write_text(policy, encoding="utf-8")
        (tmp_path / "whole.toml").write_bytes(text.encode() if isinstance(text, str) else text)
        return load(tmp_path / "whole.toml")

    return loaded


def changed(old: str, new: str) -> str:
    assert WHOLE.count(old) == 1, old
    return WHOLE.replace(old, new)


def test_the_whole_file_is_read(loaded):
    case = loaded()
    assert (case.name, case.output.json_schema["required"], case.review.reasons[1].code) == ("whole", ["mood"], "tone")
    assert case.file_texts == {"policy": "Be fair."}


def test_a_byte_order_mark_is_no_mistake(loaded):
    assert loaded(b"\xef\xbb\xbf" + WHOLE.encode()).name == "whole"


@pytest.mark.parametrize(
    ("old", "new", "key", "nearest"),
    [
        ("[limits]", "[limit]", "limit", "limits"),
        ("[engine]", "[engin]", "engin", "engine"),
        ("max_tokens = 100", "max_token = 100", "output.max_token", "max_tokens"),
        ("max_tokens = 100", 'json_schema = "x"', "output.json_schema", "schema"),
        ("temperature = 0.5", "temprature = 0.5", "sampling.temprature", "temperature"),
        ('label = "Subject"', 'lable = "Subject"', "input.fields.subject.lable", "label"),
        ('aliases = ["text"]', 'alias = ["text"]', "input.fields.body.alias", "aliases"),
        ('label = "Tone"', 'label = "Tone"\nlabl = "x"', "review.reasons.1.labl", "label"),
        ("[[review.reasons]]\ncode = \"wrong\"", "[review]\nclaim_minuts = 5\n[[review.reasons]]\ncode = \"wrong\"",
         "review.claim_minuts", "claim_minutes"),
        ('policy = "policy.md"', 'policy = "policy.md"\n[instructions.file]', "instructions.file", "files"),
        ('title = "Whole"', 'titel = "Whole"', "titel", "title"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_refused_with_the_nearest_one_of_its_table(loaded, old, new, key, nearest):
    with pytest.raises(UseCaseUnknownKey) as caught:
        loaded(changed(old, new))
    assert caught.value.key == key
    assert f"did you mean `{nearest}`?" in str(caught.value)
    assert "graftwork usecase schema" in caught.value.hint


@pytest.mark.parametrize("key", ["zzz", "file_texts"])
def test_an_unknown_key_that_resembles_nothing_gets_no_guess(loaded, key):
    with pytest.raises(UseCaseUnknownKey) as caught:
        loaded(f"{key} = 1\n{WHOLE}")
    assert (caught.value.key, caught.value.nearest) == (key, "")


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ('title = "Whole"\n', "", "title", "is required"),
        ('title = "Whole"', "title = 5", "title", "valid string"),
        ('title = "Whole"', 'title = ""', "title", "at least 1 character"),
        ('name = "whole"', 'name = "Whole"', "name", "match pattern"),
        ('name = "whole"', 'name = "other"', "name", "the file is called whole.toml"),
        ("max_tokens = 100", "max_tokens = 0", "output.max_tokens", "greater than or equal to 1"),
        ("max_tokens = 100", 'max_tokens = "many"', "output.max_tokens", "valid integer"),
        ('type = "json"', 'type = "jsn"', "output.type", "'text' or 'json'"),
        ('type = "json"', 'type = "text"', "output", "`schema` goes with type"),
        ('type = "object"', 'type = "array"', "output.schema", "object"),
        ('type = "string"', 'type = "strng"', "output.schema", "properties.why.type"),
        ('type = "string"', '"$ref" = "#/$defs/none"', "output.schema", "refers to `#/$defs/none`"),
        ('type = "string"', '"$ref" = "http://example.com/x.json"', "output.schema", "refers to"),
        ('type = "string"', "const = 2026-01-01", "output.schema", "JSON"),
        ('type = "string"', "maximum = nan", "output.schema", "JSON"),
        ("temperature = 0.5", "temperature = 3", "sampling.temperature", "less than or equal to 2"),
        ("temperature = 0.5", "temperature = nan", "sampling.temperature", ""),
        ("slots = 4", "input_price_per_million = inf", "engine.input_price_per_million", "finite"),
        ('url = "http://gpu-box:8000/v1"', 'url = "gpu-box:8000"', "engine.url", "match pattern"),
        ('url = "http://gpu-box:8000/v1"', 'url = "http:///v1"', "engine.url", "host"),
        ('url = "http://gpu-box:8000/v1"', 'url = "http://["', "engine.url", ""),
        ('url = "http://gpu-box:8000/v1"', 'url = "http://api.example.com/v1"', "engine", "use https"),
        ('too_long = "refuse"', 'too_long = "drop"', "limits.too_long", "'truncate', 'refuse' or 'windows'"),
        ('code = "tone"', 'code = "wrong"', "review", "two reasons share one code"),
        ('code = "tone"', 'code = "Tone!"', "review.reasons.1.code", "match pattern"),
        ('policy = "policy.md"', 'policy = "none.md"', "instructions.files.policy", "no file none.md"),
        ('policy = "policy.md"', 'policy = "../whole.toml"', "instructions.files.policy", "outside the folder"),
        ('policy = "policy.md"', 'policy = "/etc/hostname"', "instructions.files.policy", "outside the folder"),
        ('policy = "policy.md"', 'policy = "."', "instructions.files.policy", "cannot be read as UTF-8"),
        ('policy = "policy.md"', 'policy = "a\\u0000b"', "instructions.files.policy", "NUL"),
        ("[input.fields.subject]", "[input.fields.Sub-ject]", "input.fields.Sub-ject", "match pattern"),
    ],
)
def test_a_wrong_value_is_named_by_its_key_with_the_reason(loaded, tmp_path, old, new, key, reason):
    with pytest.raises(UseCaseInvalid) as caught:
        loaded(changed(old, new))
    assert caught.value.key.removesuffix(".[key]") == key
    assert reason in caught.value.reason
    assert caught.value.file == str(tmp_path / "whole.toml")
    assert "usecase check" in caught.value.hint


@pytest.mark.parametrize(
    ("old", "new", "field", "nearest"),
    [
        ("{{ policy }}", "{{ polici }}", "polici", "policy"),
        ("{{ policy }}", "{{ subject }}", "subject", ""),  # an item's field has no place before the item
        ("{{ subject }}:", "{{ subjekt }}:", "subjekt", "subject"),
        ("{{ subject }}:", "{{ policy }}:", "policy", ""),
    ],
)
def test_a_template_that_asks_for_what_is_not_there_is_refused(loaded, old, new, field, nearest):
    with pytest.raises(TemplateUnknownField) as caught:
        loaded(changed(old, new))
    assert caught.value.field == field
    assert (f"`{nearest}`" in caught.value.nearest) if nearest else "did you mean" not in caught.value.nearest


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"name = ", "not TOML"),
        (b"\x00", "not TOML"),
        (WHOLE.encode("utf-16"), "not UTF-8 at byte 0"),
        (b'name = "\xe9"', "not UTF-8 at byte 8"),
        (b"a = " + b"9" * 5_000, "not TOML"),
        (b"a = " + b"[" * 100_000, "not TOML"),
        (b'name = "twice"\n' + WHOLE.encode(), "not TOML"),
    ],
)
def test_a_file_that_is_no_toml_in_utf_8_is_named(loaded, content, reason):
    with pytest.raises(UseCaseUnreadable, match=re.escape(reason)):
        loaded(content)


@pytest.mark.parametrize(("name", "reason"), [("none.toml", "no such file"), ("folder", "directory")])
def test_a_path_that_cannot_be_read_is_named(tmp_path, name, reason):
    (tmp_path / "folder").mkdir()
    with pytest.raises(UseCaseUnreadable, match=reason):
        load(tmp_path / name)


def test_an_included_file_that_is_not_utf_8_is_named(loaded, tmp_path):
    (tmp_path / "latin.md").write_bytes(b"caf\xe9")
    with pytest.raises(UseCaseInvalid, match=re.escape("latin.md cannot be read as UTF-8 text")):
        loaded(changed('policy = "policy.md"', 'policy = "latin.md"'))


def test_an_empty_file_is_told_what_it_needs(loaded):
    with pytest.raises(UseCaseInvalid, match="is required"):
        loaded("")


def test_the_schema_is_one_and_admits_what_is_packaged_and_what_new_writes():
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    packaged = [file for file in resources.files("graftwork.usecases").iterdir() if file.name.endswith(".toml")]
    template = resources.files("graftwork.cli") / "templates" / "usecase.toml"
    texts = [file.read_text(encoding="utf-8") for file in [*packaged, template]]
    assert len(texts) > 1
    for text in [*texts, WHOLE]:
        data = tomllib.loads(text.replace("@NAME@", "name").replace("@TITLE@", "Title"))
        jsonschema.validate(data, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(changed("[engine]", "[engin]")), schema)


def test_every_packaged_use_case_loads():
    for file in Path(str(resources.files("graftwork.usecases"))).glob("*.toml"):
        assert load(file).name == file.stem


DECIDES = [
    ("Judge by", "Decide by"),
    ("{{ subject }}: {{ body }}", "{{ body }}"),
    ('model = "m"', 'model = "n"'),
    ("gpu-box", "other-box"),
    ("slots = 4", "slots = 4\ncontext_tokens = 2048"),
    ("slots = 4", "slots = 4\necho = true"),
    ("max_tokens = 100", "max_tokens = 101"),
    ('["good", "bad"]', '["good", "bad", "mixed"]'),
    ('["good", "bad"]', '["bad", "good"]'),
    ("temperature = 0.5", "temperature = 0.6"),
    ("temperature = 0.5", "temperature = 0.5\nseed = 3"),
    ("temperature = 0.5", "temperature = 0.5\ntop_p = 0.9"),
    ('too_long = "refuse"', 'too_long = "truncate"'),
    ('aliases = ["text"]', 'aliases = ["text"]\n[input.fields.more]'),
    ('label = "Subject"', 'label = "Subject"\ntype = "thread"'),
]
DOES_NOT_DECIDE = [
    ('title = "Whole"', 'title = "Another"'),
    ('description = "All parts."', ""),
    ('label = "Subject"', 'label = "What it is about"'),
    ("slots = 4", "slots = 5"),
    ("timeout_seconds = 60", "timeout_seconds = 61"),
    ("slots = 4", "input_price_per_million = 2.5"),
    ('too_long = "refuse"', 'too_long = "refuse"\nattempts = 5'),
    ('label = "Tone"', 'label = "The tone"'),
    ('code = "tone"', 'code = "manner"'),
    ('[[review.reasons]]\ncode = "wrong"', '[review]\nrole = "owner"\n[[review.reasons]]\ncode = "wrong"'),
    ("[sampling]", "# a comment\n\n[sampling]"),
]


@pytest.mark.parametrize(("old", "new"), DECIDES)
def test_the_release_changes_with_what_decides_the_draft(loaded, old, new):
    before = loaded().release
    assert loaded(changed(old, new)).release != before


@pytest.mark.parametrize(("old", "new"), DOES_NOT_DECIDE)
def test_the_release_stays_with_what_does_not(loaded, old, new):
    before = loaded().release
    assert loaded(changed(old, new)).release == before


def test_the_text_of_an_included_file_decides_and_its_name_does_not(loaded, tmp_path):
    before = loaded().release
    assert loaded(policy="Be strict.").release != before
    (tmp_path / "rules.md").write_text("Be fair.", encoding="utf-8")
    assert loaded(changed('policy = "policy.md"', 'policy = "rules.md"')).release == before


def test_the_order_of_fields_decides_because_the_model_reads_them_in_it(loaded):
    plain = changed('item = "{{ subject }}: {{ body }}"\n', "")
    subject, body = '[input.fields.subject]\nlabel = "Subject"\n', '[input.fields.body]\naliases = ["text"]\n'
    assert loaded(plain).release != loaded(plain.replace(subject + body, body + subject)).release


def test_the_manifest_is_json(loaded):
    case = loaded()
    assert json.loads(json.dumps(case.release_manifest)) == case.release_manifest


@pytest.mark.parametrize(("changes", "key"), [
    ({"url": "http://"}, "engine.url"),
    ({"url": "ftp://x/v1"}, "engine.url"),
    ({"url": "http://["}, "engine.url"),
    ({"url": "http://api.example.com/v1"}, "engine"),
    ({"url": "http://gpu-box:8000/v1", "zone": "managed"}, "engine"),
    ({"slots": 0}, "engine.slots"),
])  # fmt: skip
def test_another_engine_that_cannot_be_is_refused_like_a_wrong_file(loaded, changes, key):
    with pytest.raises(UseCaseInvalid) as caught:
        loaded().with_engine(**changes)
    assert caught.value.key == key


def test_another_engine_leaves_the_use_case_as_it_was(loaded):
    case = loaded()
    other = case.with_engine(echo=True)
    assert (case.engine.echo, other.engine.echo, other.file_texts) == (False, True, case.file_texts)
    assert other.release != case.release


def test_every_refusal_is_one_error_that_says_what_to_do(loaded):
    for text in ("", "x = 1", changed("max_tokens = 100", "max_tokens = -1")):
        with pytest.raises(UseCaseError) as caught:
            loaded(text)
        assert caught.value.exit_code == 2
        assert caught.value.hint
        assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("kind", "mask", "right"), [("text", "person", True), ("thread", "keep", True), ("thread", "person", False)]
)
def test_a_field_says_how_it_is_masked_and_a_conversation_is_not_one_value(kind: str, mask: str, right: bool) -> None:
    if right:
        assert InputField.model_validate({"type": kind, "mask": mask}).mask == mask
        return
    with pytest.raises(ValueError, match="not one value"):
        InputField.model_validate({"type": kind, "mask": mask})
