"""Secrets of known formats and numbers with a checksum, in whatever they come wrapped: none may leak."""

import base64

import pytest

from graftwork.core.privacy.assembly import detector_for
from support.wrapped_values import CHECKED, GAPS, LABELLED, SECRETS, WRAPPINGS, drawn, leaks


def _leaks(text: str, value: str) -> str:
    findings = detector_for(ner=False).find(text).findings
    return leaks(text, value, [(found.start, found.end) for found in findings])


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_of_a_known_format_does_not_leak(name: str, wrapping: str) -> None:
    assert _leaks(WRAPPINGS[wrapping](SECRETS[name]), SECRETS[name]) == ""


@pytest.mark.parametrize("wrapping", [*WRAPPINGS, *GAPS])
@pytest.mark.parametrize("name", CHECKED)
def test_a_number_with_a_checksum_does_not_leak(name: str, wrapping: str) -> None:
    assert _leaks((WRAPPINGS | GAPS)[wrapping](CHECKED[name]), CHECKED[name]) == ""


@pytest.mark.parametrize("name", LABELLED)
@pytest.mark.parametrize(
    "form",
    ["{}: {}", "{} {}", "{}={}", '"{}": "{}"', "my {} is {}.", "<{0}>{1}</{0}>", "{}\t{}", "| {} | {} |", "{}\n{}"],
)
def test_a_bare_number_with_its_label_does_not_leak(name: str, form: str) -> None:
    label, value = LABELLED[name]
    assert _leaks(form.format(label, value), value) == ""


def test_the_head_of_a_request_with_a_login_in_base64_does_not_leak() -> None:
    login = base64.b64encode(f"svc:{drawn(18)}".encode()).decode()
    assert _leaks(f"Authorization: Basic {login}", login) == ""
    assert _leaks(f"curl -H 'Authorization: Basic {login}' https://api.example.com", login) == ""
