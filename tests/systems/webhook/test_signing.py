"""Signatures: what holds, and what near it does not."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.systems.errors import CallRefused
from graftwork.systems.webhook.signing import SCHEMES, Scheme, Verified, key_bytes, signature, verify

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = b"a key of the tests"
BODY = b'{"id": 17, "text": "Where is it?"}'


def headers(scheme: Scheme, body: bytes = BODY, *, sent: datetime = NOW, call_id: str = "call-1", key: bytes = KEY):
    timestamp = str(int(sent.timestamp()))
    signed = signature(scheme, key, body, call_id=call_id, timestamp=timestamp)
    if scheme.pairs is not None:
        return {scheme.header: f"{scheme.pairs[0]}={timestamp},{scheme.pairs[1]}={signed},v0=deadbeef"}
    found = {scheme.header: signed}
    if scheme.timestamp_header:
        found[scheme.timestamp_header] = timestamp
    if scheme.id_header:
        found[scheme.id_header] = call_id
    return found


def checked(scheme: Scheme, sent: dict[str, str], body: bytes = BODY, keys=(KEY,), now: datetime = NOW) -> Verified:
    return verify(scheme, keys, sent, body, now=now, window_seconds=300)


@pytest.mark.parametrize("name", SCHEMES)
def test_a_signed_call_holds_and_one_with_a_changed_body_does_not(name):
    scheme = SCHEMES[name]
    assert checked(scheme, headers(scheme)).name
    with pytest.raises(CallRefused) as refused:
        checked(scheme, headers(scheme), BODY + b" ")
    assert refused.value.answer == 401


@pytest.mark.parametrize("name", SCHEMES)
def test_while_a_secret_is_changed_either_holds_and_a_third_does_not(name):
    scheme = SCHEMES[name]
    for key in (KEY, b"the next key"):
        assert checked(scheme, headers(scheme, key=key), keys=(KEY, b"the next key"))
    with pytest.raises(CallRefused):
        checked(scheme, headers(scheme, key=b"a third key"), keys=(KEY, b"the next key"))


@pytest.mark.parametrize("name", [name for name, scheme in SCHEMES.items() if scheme.has_timestamp])
@pytest.mark.parametrize(("seconds", "holds"), [(-300, True), (-301, False), (300, True), (301, False)])
def test_a_call_holds_inside_the_window_only(name, seconds, holds):
    scheme = SCHEMES[name]
    sent = headers(scheme, sent=NOW + timedelta(seconds=seconds))
    if holds:
        assert checked(scheme, sent)
    else:
        with pytest.raises(CallRefused) as refused:
            checked(scheme, sent)
        assert refused.value.answer == 409


OWN = Scheme("x-acme", "{timestamp}.{body}", timestamp_header="x-acme-time", id_header="x-acme-id")
UNSIGNED_IDS = [*(scheme for scheme in SCHEMES.values() if "{id}" not in scheme.signed), OWN]


@pytest.mark.parametrize("scheme", UNSIGNED_IDS, ids=lambda scheme: scheme.header)
def test_a_call_whose_id_is_not_signed_is_named_by_what_is_since_anybody_could_change_its_id(scheme):
    first, again = checked(scheme, headers(scheme)), checked(scheme, headers(scheme, call_id="another"))
    nameless = {name: value for name, value in headers(scheme).items() if name != scheme.id_header}
    assert first == again == checked(scheme, nameless)
    assert checked(scheme, headers(scheme, b"{}"), b"{}") != first


def test_a_signed_id_names_the_call():
    assert checked(SCHEMES["standard"], headers(SCHEMES["standard"], call_id="msg_1")).name == "msg_1"


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_without_any_of_its_headers_a_standard_webhook_is_refused(header):
    sent = headers(SCHEMES["standard"])
    for changed in ({**sent, header: ""}, {name: value for name, value in sent.items() if name != header}):
        with pytest.raises(CallRefused) as refused:
            checked(SCHEMES["standard"], changed)
        assert refused.value.answer == 401


def test_one_of_several_signatures_is_enough():
    scheme = SCHEMES["standard"]
    sent = headers(scheme)
    sent["webhook-signature"] = f"v1a,AAAA v1,bm90aGluZw== {sent['webhook-signature']}"
    assert checked(scheme, sent)
    sent["webhook-signature"] = "v1a,AAAA v1,bm90aGluZw=="
    with pytest.raises(CallRefused):
        checked(scheme, sent)


def test_the_example_of_the_standard_webhooks_specification_holds():
    """The key, id, time, body and signature that the reference libraries of Standard Webhooks test with."""
    sent = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    key = key_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec")
    now = datetime.fromtimestamp(1614265330, UTC)
    assert checked(SCHEMES["standard"], sent, b'{"test": 2432232314}', (key,), now).name == sent["webhook-id"]


@pytest.mark.parametrize("timestamp", ["2026-11-22T12:00:00Z", "2026-11-22T13:00:00+01:00", "2026-11-22T12:00:00"])
def test_a_time_as_iso_8601_has_it_is_read(timestamp):
    scheme = SCHEMES["zendesk"]
    sent = {
        scheme.header: signature(scheme, KEY, BODY, timestamp=timestamp),
        scheme.timestamp_header: timestamp,
    }
    assert checked(scheme, sent)


@pytest.mark.parametrize("timestamp", ["", "soon", "NaN", "inf", "9" * 400, "١٧٦٣٨١٢٨٠٠", "1e999", "-5"])
def test_a_signed_timestamp_that_is_no_time_is_refused(timestamp):
    scheme = SCHEMES["slack"]
    sent = {
        scheme.header: signature(scheme, KEY, BODY, timestamp=timestamp),
        scheme.timestamp_header: timestamp,
    }
    with pytest.raises(CallRefused) as refused:
        checked(scheme, sent)
    assert refused.value.answer == 401


def test_hexadecimal_may_be_in_capitals_and_base64_may_not_be_changed():
    simple, shopify = SCHEMES["simple"], SCHEMES["shopify"]
    sent = headers(simple)
    sent[simple.header] = simple.prefix + sent[simple.header].removeprefix(simple.prefix).upper()
    assert checked(simple, sent)
    with pytest.raises(CallRefused):
        checked(shopify, {shopify.header: headers(shopify)[shopify.header].swapcase()})


@given(st.sampled_from(sorted(SCHEMES)), st.binary(max_size=200), st.data())
def test_a_changed_byte_of_the_body_never_holds(name, body, data):
    scheme = SCHEMES[name]
    sent = headers(scheme, body)
    assert checked(scheme, sent, body)
    place = data.draw(st.integers(0, len(body)))
    changed = body[:place] + data.draw(st.binary(min_size=1, max_size=3)) + body[place + 1 :]
    if changed != body:
        with pytest.raises(CallRefused):
            checked(scheme, sent, changed)


@given(
    st.sampled_from(sorted(SCHEMES)),
    st.dictionaries(
        st.sampled_from(
            sorted({name for s in SCHEMES.values() for name in (s.header, s.timestamp_header, s.id_header)})
        ),
        st.text(st.characters(max_codepoint=255), max_size=80),
    ),
    st.binary(max_size=50),
)
def test_headers_of_any_form_are_refused_and_never_fail_otherwise(name, sent, body):
    with pytest.raises(CallRefused):
        checked(SCHEMES[name], sent, body)


@given(st.binary(max_size=40), st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40))
def test_an_id_or_time_that_moves_over_into_the_body_does_not_hold(body, call_id):
    scheme = SCHEMES["standard"]
    sent = headers(scheme, body, call_id=call_id)
    with pytest.raises(CallRefused):
        checked(scheme, {**sent, "webhook-id": call_id + "x"}, body)


def test_a_secret_that_is_no_base64_is_refused_and_text_is_taken_as_it_is():
    with pytest.raises(ValueError, match="not base64"):
        key_bytes("whsec_###", "whsec")
    assert key_bytes("whsec_###", "text") == b"whsec_###"
    assert key_bytes(base64.b64encode(KEY).decode(), "base64") == KEY


def test_a_scheme_names_its_calls_only_where_their_id_is_signed():
    assert [name for name, scheme in SCHEMES.items() if scheme.names_calls] == ["standard"]
    assert replace(SCHEMES["zendesk"], signed="{id}{timestamp}{body}").names_calls
