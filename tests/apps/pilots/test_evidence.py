"""The signed evidence: whoever changes a figure, a name or a key is found out."""

import base64
import copy
import json
import os
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as some

from graftwork.apps.actors import Actor, operator
from graftwork.apps.keyring import keyring, new_ring
from graftwork.apps.pilots.actions.charters import create
from graftwork.apps.pilots.exports import signing
from graftwork.apps.pilots.exports.actions import export
from graftwork.apps.pilots.exports.canonical import canonical, number, read
from graftwork.apps.pilots.exports.evidence import SCHEMA, actor_kind, evidence, fingerprint, verify
from graftwork.apps.pilots.exports.provenance import code_digests
from graftwork.apps.pilots.simulating import simulate
from support.appraisals import charter

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
BODY = {
    "schema": SCHEMA,
    "simulated": False,
    "figures": {"value": -210.5, "n": 1_500, "holds": None, "days": [{"day": "2026-03-02", "low": 1e-7}],
                "title": "Größe"},
}  # fmt: skip


def signed(body=BODY, key=KEY):
    return signing.sign(body, key)


def as_file(envelope):
    return json.dumps(envelope).encode()


def checked(content):
    return signing.check(content, None, SCHEMA)


# --- canonical JSON ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-1, "-1"), (1e21, "1e+21"), (1e20, "100000000000000000000"),
        (1e-6, "0.000001"), (1e-7, "1e-7"), (5e-324, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
        (333333333.3333333, "333333333.3333333"), (0.1, "0.1"), (123456.75, "123456.75"), (-4.25e-9, "-4.25e-9"),
        (9007199254740991, "9007199254740991"), (295147905179352830000.0, "295147905179352830000"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_rfc_8785_has_them(value, written):
    assert number(value) == written


@given(some.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_back_as_it_was(value):
    assert float(number(value)) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, "\ud800", {1: 2}, b"x", object()])
def test_what_json_cannot_hold_everywhere_is_refused(value):
    with pytest.raises(ValueError):  # noqa: PT011 - each says its own
        canonical([value])


def test_keys_stand_in_the_order_of_their_utf_16_units():
    told = canonical({"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}).decode()
    assert [json.loads(f"[{told[1:-1]}]".replace('":', '",'))[at] for at in range(0, 14, 2)] == [
        "\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ['{"a":1,"a":1}', "[NaN]", "[1e400]", "[" * 100_000, "\xff", ""])
def test_json_that_reads_differently_elsewhere_is_not_read(text):
    try:
        read(text.encode("latin-1"))
    except ValueError:
        return
    with pytest.raises(ValueError):  # noqa: PT011 - as above
        canonical(read(text.encode("latin-1")))


# --- the signature ----------------------------------------------------------------------------------------------------


def test_what_was_not_changed_is_valid_however_it_is_laid_out():
    envelope = signed()
    for content in (as_file(envelope), json.dumps(envelope, indent=4, ensure_ascii=False, sort_keys=True).encode()):
        found = checked(content)
        assert (found.state, found.ours, found.body) == ("valid", None, BODY)


def paths(value, at=()):
    """Every place in a JSON value."""
    if at:
        yield at
    if isinstance(value, dict):
        for key in value:
            yield from paths(value[key], (*at, key))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from paths(value[index], (*at, index))


ANYTHING = some.one_of(
    some.none(), some.booleans(), some.integers(-(2**53) + 1, 2**53 - 1), some.text(max_size=8),
    some.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip


@given(some.sampled_from([at for at in paths(BODY) if at]), ANYTHING)
def test_a_change_anywhere_is_found(at, value):
    envelope = copy.deepcopy(signed())
    held = envelope["body"]
    for step in at[:-1]:
        held = held[step]
    before = held[at[-1]]
    held[at[-1]] = value
    same = canonical([before]) == canonical([value])
    found = checked(as_file(envelope))
    assert found.valid == same
    assert same or found.body is None


@given(some.sampled_from([at for at in paths(BODY) if at]))
def test_what_is_taken_away_is_found(at):
    envelope = copy.deepcopy(signed())
    held = envelope["body"]
    for step in at[:-1]:
        held = held[step]
    del held[at[-1]]
    assert not checked(as_file(envelope)).valid


@given(some.integers(0, len(as_file(signed())) - 1), some.integers(1, 255))
def test_any_byte_that_is_changed_is_found_or_changes_nothing(at, by):
    content = bytearray(as_file(signed()))
    content[at] ^= by
    found = checked(bytes(content))
    assert not found.valid or found.body == BODY


@pytest.mark.parametrize(
    "content",
    [
        b"", b"null", b"[]", b"{}", b"\xff\xfe", b'{"body": {}, "signature": {}}', b"[" * 100_000,
        as_file({**signed(), "note": "figures are better than they look"}),
        as_file({"body": BODY, "signature": {**signed()["signature"], "comment": "x"}}),
        as_file(signed()).replace(b'"n": 1500', b'"n": 9000, "n": 1500'),
        as_file({"body": BODY, "signature": {**signed()["signature"], "algorithm": "none"}}),
        as_file({"body": BODY, "signature": {**signed()["signature"], "value": 7}}),
    ],
)  # fmt: skip
def test_what_is_no_evidence_says_so(content):
    assert checked(content).state == "unreadable"
    assert checked(content).body is None


@pytest.mark.parametrize(
    "changes",
    [
        {"fingerprint": "0" * 64},
        {"public_key": base64.b64encode(bytes(32)).decode()},
        {"public_key": "short"},
        {"value": base64.b64encode(bytes(64)).decode()},
        {"value": ""},
    ],
)
def test_another_key_or_signature_does_not_fit(changes):
    assert checked(as_file({"body": BODY, "signature": {**signed()["signature"], **changes}})).state == "changed"


def test_a_signature_of_something_else_is_no_evidence():
    assert checked(as_file(signed({**BODY, "schema": "invoice/1"}))).state == "unreadable"


def test_whoever_signs_changed_figures_anew_shows_another_key():
    forged = signed({**BODY, "figures": {"value": -999.0}}, Ed25519PrivateKey.generate())
    own = signing.fingerprint_of(signing._raw(KEY.public_key()))
    found = signing.check(as_file(forged), own, SCHEMA)
    assert (found.valid, found.ours) == (True, False)
    assert "not this installation's" in found.sentence
    assert signing.check(as_file(signed()), own, SCHEMA).ours is True


def test_the_key_stays_when_master_keys_are_rotated_and_differs_between_installations():
    ring = new_ring()
    assert signing.fingerprint(ring) == signing.fingerprint(ring.with_new_master())
    assert signing.fingerprint(ring) != signing.fingerprint(new_ring())
    assert signing.fingerprint(ring) != signing.fingerprint(replace(ring, audit_secret=os.urandom(32)))


# --- the file ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def made(now, db):
    pilot = simulate(
        operator(), create(operator(), charter(), now, simulated=True), items=40, now=now, effect_seconds=60
    )
    return pilot, export(operator(), pilot.name, "evidence", now).content


def test_the_file_says_what_its_figures_rest_on(made, now):
    pilot, content = made
    found = verify(content)
    assert (found.state, found.ours, found.fingerprint) == ("valid", True, fingerprint())
    body = found.body
    assert (body["simulated"], body["exported_by"], body["as_of"]) == (True, "cli", "2026-11-22T09:00:00Z")
    assert body["charter_sha256"] == pilot.charter_sha256 == body["figures"]["charter_sha256"]
    assert body["code"]["sha256"] == code_digests()
    assert len(body["code"]["sha256"]["core/value"]) == 64
    assert any("pilots_cell" in one["sql"] for one in body["queries"])
    assert all(one["sql"].startswith("SELECT") for one in body["queries"])


def test_the_queries_hold_no_value_of_the_pilot(made):
    pilot, content = made
    told = json.dumps(json.loads(content)["body"]["queries"])
    assert pilot.salt not in content.decode()
    assert "handling_time" not in told


def test_an_installation_without_keys_still_says_whether_it_was_changed(made, settings, tmp_path):
    _, content = made
    settings.GRAFTWORK_KEY_FILE = str(tmp_path / "none.json")
    assert (verify(content).state, verify(content).ours) == ("valid", None)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("user:7", "user"), ("cli", "cli"), ("user:7 via token:3", "user via token"), ("worker:a/1", "worker")],
)
def test_the_kind_of_who_exported_is_told_and_never_who(name, kind):
    actor = Actor(name, None, frozenset(("owner",)))
    assert actor_kind(actor) == kind


def test_figures_that_no_json_can_hold_are_not_signed(now):
    figures = {"simulated": False, "as_of": "x", "charter_sha256": None, "value": float("nan")}
    with pytest.raises(ValueError, match="finite"):
        evidence(operator(), figures, [], now, keyring())
