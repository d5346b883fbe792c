"""Keys and tokens: what is found, and what only looks alike. Every key here is put together when the test runs."""

import base64
import string
from random import Random

import pytest

from graftwork.core.privacy.recognizers.key import RECOGNIZER, is_random

_ANY = string.ascii_letters + string.digits
_HEXADECIMAL = "0123456789abcdef"


def _drawn(length: int, alphabet: str = _ANY) -> str:
    chance = Random(length)  # the same keys in every run, and none of them in this file
    return "a1" + "".join(chance.choice(alphabet) for _ in range(length - 2))


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


KEYS = (
    "AKIA" + _drawn(16).upper(),
    "AIza" + _drawn(35),
    "ya29." + _drawn(60),
    "ghp_" + _drawn(36),
    "github_pat_" + _drawn(82),
    "glpat-" + _drawn(20),
    "xoxb-" + _drawn(50),
    "sk_live_" + _drawn(24),
    "whsec_" + _drawn(32),
    "sk-" + _drawn(48),
    "sk-proj-" + _drawn(60),
    "sk-ant-api03-" + _drawn(95),
    "hf_" + _drawn(34),
    "npm_" + _drawn(36),
    "pypi-" + _drawn(80),
    "SK" + _drawn(32, _HEXADECIMAL),
    "SG." + _drawn(22) + "." + _drawn(43),
    "dop_v1_" + _drawn(64, _HEXADECIMAL),
    "shpat_" + _drawn(32, _HEXADECIMAL),
    "hvs." + _drawn(40),
    "123456789:AA" + _drawn(33),
    ".".join((_encoded('{"alg":"none"}'), _encoded('{"sub":"1234567890"}'), _drawn(43))),
    "-----BEGIN PRIVATE KEY-----\n" + _drawn(64) + "\n-----END PRIVATE KEY-----",
    "ssh-ed25519 AAAA" + _drawn(64),
)
WRAPPERS = (
    "{}",
    "It is {}.",
    '"{}"',
    "'{}'",
    "({})",
    "[{}]",
    "a,{},b",
    "?x={}&y=1",
    "x={}",
    "x: {}",
    "`{}`",
    "MY_{} ",
    "{}\n",
)
NAMED = (
    "api_key={}",
    '"client_secret": "{}"',
    "aws_secret_access_key = {}",
    "Authorization: Bearer {}",
    "export SECRET_KEY='{}'",
    "AccountKey={}",
    "our token is {}",
    "x-api-key: {}",
    "API-Schlüssel: {}",
    "clé API : {}",
)
NEAR_MISSES = (
    "sk-learn is a library",
    "the key is under the mat",
    "token: none",
    "risk-averse people",
    "api_key=YOUR_API_KEY",
    "a secret garden",
    "-----BEGIN PUBLIC KEY-----",
    "ghp_short",
    "eyJust.kidding.me",
    "the token of appreciation",
)


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("key", KEYS, ids=range(len(KEYS)))
def test_a_key_of_a_known_format_is_found_whatever_stands_around_it(found, key, wrapper):
    assert any(key in value for value in found(RECOGNIZER, wrapper.format(key)))


@pytest.mark.parametrize("form", NAMED)
def test_a_random_value_is_found_by_its_name(found, form):
    value = _drawn(40)
    assert any(value in hit for hit in found(RECOGNIZER, form.format(value)))


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []


@pytest.mark.parametrize(("value", "random"), [("configuration", False), ("aaaaaaaa1", False), ("k9X2mQ7pL4", True)])
def test_entropy_tells_a_word_from_a_key(value, random):
    assert is_random(value) is random
