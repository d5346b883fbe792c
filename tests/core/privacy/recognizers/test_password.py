"""Passwords: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.password import RECOGNIZER

HITS = (
    ("la contraseña del correo era perrito2019! y", ["perrito2019!"]),
    ("the pin for the door is 4471", ["4471"]),
    ("the new password you sent (Lotus!92river) failed", ["Lotus!92river"]),
    ("password is Hunter2!", ["Hunter2!"]),
    ("password: hunter", ["hunter"]),
    ("password 'Winter Is Coming'", ["Winter Is Coming"]),
    ("pwd=s3cret;", ["s3cret"]),
    ('"password": "abc def"', ["abc def"]),
    ("Passwort lautet Geheim1!", ["Geheim1!"]),
    ("mot de passe : tulipe", ["tulipe"]),
    ("contraseña: girasol", ["girasol"]),
    ("postgres://app:s3cr3t@db.example/x", ["s3cr3t"]),
    ("PIN: 4711", ["4711"]),
    ("jo@example.com / Start123", ["Start123"]),
    ("DB_PASSWORD=tulip99", ["tulip99"]),
    ("your OTP is 482 913", ["482 913"]),
    (
        "$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
        ["$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"],
    ),
)
NEAR_MISSES = (
    "I forgot my password.",
    "the password is required",
    "password: ********",
    "password policy",
    "password=${DB_PASSWORD}",
    "reset password for me",
    "a pin on the map",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
