"""A connector's file names where a secret lies; the secret itself stands nowhere else."""

import pytest
from pydantic import TypeAdapter, ValidationError

from graftwork.systems.errors import SecretMissing
from graftwork.systems.secret import SecretPlace, keep_out_of_logs, read_secret, scrub

place = TypeAdapter(SecretPlace)


@pytest.mark.parametrize("written", ["env:CRM_PASSWORD", "file:secrets/crm", "file:/run/secrets/crm"])
def test_a_place_is_taken(written):
    assert place.validate_python(written) == written


@pytest.mark.parametrize(
    "written", ["hunter2-hunter2", "env:", "env:1X", "file:", "vault:x", "env:A B", "env:GRAFTWORK_KEYS"]
)
def test_a_secret_itself_is_refused_and_so_are_our_own_variables(written):
    with pytest.raises(ValidationError) as refused:
        place.validate_python(written)
    assert "hunter2" not in refused.value.errors()[0]["msg"]


def test_a_secret_is_read_from_a_variable_or_a_file_without_its_line_end(tmp_path):
    (tmp_path / "crm").write_text("correct-horse\n")
    assert read_secret("file:crm", tmp_path) == "correct-horse"
    assert read_secret("env:CRM", tmp_path, {"CRM": " correct-horse "}) == "correct-horse"


@pytest.mark.parametrize("name", ["env:CRM", "file:crm"])
def test_one_that_is_missing_or_empty_is_named_by_its_place(tmp_path, name):
    for environ in ({}, {"CRM": "  "}):
        with pytest.raises(SecretMissing) as missing:
            read_secret(name, tmp_path, environ)
        assert name in missing.value.message


def test_what_was_read_is_scrubbed_from_texts_but_short_words_stay(tmp_path):
    read_secret("env:CRM", tmp_path, {"CRM": "tr0ub4dor-and-3"})
    keep_out_of_logs("abc")
    assert scrub("tr0ub4dor-and-3 at abc") == "••• at abc"
