"""Who may call, how much, and what is counted."""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx2
import openai
import pytest

from graftwork.apps.traffic.queries import Grant, Used
from graftwork.core.errors import GatewayBudgetSpent, GatewayRateLimited
from graftwork.gateway.limits import Limits
from support.gateway import calls_tool, stream
from support.scripted import Clock

HELLO = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


def post(server, key, body=HELLO, path="/v1/chat/completions", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.post(f"{server.url}{path}", json=body, headers={"Authorization": f"Bearer {key}", **named})


def code_of(answer):
    return answer.json()["error"]["code"]


# --- keys -------------------------------------------------------------------------------------------------------------


def test_no_key_a_wrong_key_and_an_expired_key_get_the_same_answer(gateway, make_key, provider):
    server = gateway()
    expired = make_key("old", now=datetime.now(UTC) - timedelta(days=91))
    answers = [post(server, key) for key in ("-", "gw-wrong", "x" * 10_000, expired)]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert not provider.received


def test_a_revoked_key_stops_working_within_seconds(gateway, make_key):
    from graftwork.apps.actors import operator
    from graftwork.apps.traffic.actions import revoke_key

    server, key = gateway(), make_key()
    assert post(server, key).status_code == 200
    revoke_key(operator(), "app", datetime.now(UTC))
    time.sleep(0.3)
    assert post(server, key).status_code == 401


def test_a_key_is_stored_as_a_digest_and_its_making_and_end_are_audited(make_key):
    from graftwork.apps.actors import operator
    from graftwork.apps.audit.models import AuditEntry
    from graftwork.apps.traffic.actions import revoke_key
    from graftwork.apps.traffic.models import VirtualKey

    secret = make_key()
    assert secret.startswith("gw-")
    assert secret not in str(vars(VirtualKey.objects.get()))
    revoke_key(operator(), "app", datetime.now(UTC))
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "gateway_key.made", "gateway_key.revoked"
    ]  # fmt: skip


def test_only_an_admin_makes_keys(db):
    from graftwork.apps.actors import Actor
    from graftwork.apps.traffic.actions import create_key
    from graftwork.core.errors import NotAllowed

    with pytest.raises(NotAllowed):
        create_key(Actor("user:1", 1, frozenset(("reviewer",))), "app", datetime.now(UTC))


def test_a_key_for_one_engine_does_not_reach_another(gateway, engine, make_key):
    server, key = gateway(engine("one"), engine("two", models={"n": "n"})), make_key(engines=["one"])
    assert post(server, key).status_code == 200
    assert code_of(post(server, key, {**HELLO, "model": "n"})) == "gateway.model"
    assert code_of(post(server, key, {**HELLO, "model": "two/n"})) == "gateway.model"
    listed = httpx2.get(f"{server.url}/v1/models", headers={"Authorization": f"Bearer {key}"}).json()["data"]
    assert [row["id"] for row in listed] == ["m"]


def test_a_key_for_use_cases_holds_for_those_only(gateway, make_key, calls):
    server, key = gateway(), make_key(use_cases=["support_reply", "contracts"])
    assert code_of(post(server, key)) == "gateway.use_case"
    assert code_of(post(server, key, x_graftwork_use_case="other")) == "gateway.use_case"
    assert post(server, key, x_graftwork_use_case="contracts").status_code == 200
    assert calls(3)[-1].use_case == "contracts"


def test_a_model_can_be_named_with_its_engine_and_mapped_to_another_name(gateway, engine, make_key, provider):
    server, key = gateway(engine("one", models={"fast": "qwen-72b"})), make_key()
    assert post(server, key, {**HELLO, "model": "fast"}).status_code == 200
    assert post(server, key, {**HELLO, "model": "one/fast"}).status_code == 200
    assert [body["model"] for body in provider.bodies] == ["qwen-72b", "qwen-72b"]


# --- limits -----------------------------------------------------------------------------------------------------------


def a_grant(**changes):
    settings = {
        "key_id": 1, "name": "app", "tenant": "t", "use_cases": (), "engines": (), "managed": "",
        "requests_per_minute": None, "tokens_per_minute": None, "tokens_per_day": None, "tokens_per_month": None,
        "money_per_day": None, "money_per_month": None, "expires_at": None, "revoked": False,
    }  # fmt: skip
    return Grant(**{**settings, **changes})


NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_requests_per_minute_fill_up_again_with_time():
    clock = Clock()
    limits, grant = Limits(clock), a_grant(requests_per_minute=2)
    for _ in range(2):
        limits.admit(grant, NOON, 1)
    with pytest.raises(GatewayRateLimited) as refused:
        limits.admit(grant, NOON, 1)
    assert refused.value.retry_after_seconds == pytest.approx(30)
    clock.now += 30
    limits.admit(grant, NOON, 1)


def test_tokens_per_minute_count_what_was_used_and_not_what_was_expected():
    clock = Clock()
    limits, grant = Limits(clock), a_grant(tokens_per_minute=100)
    limits.admit(grant, NOON, 10)
    limits.settle(grant, NOON, 10, Used(1, 150))
    with pytest.raises(GatewayRateLimited) as refused:
        limits.admit(grant, NOON, 10)
    assert refused.value.retry_after_seconds == pytest.approx(30.6)


@pytest.mark.parametrize(
    ("limit", "used", "fits"),
    [
        ({"tokens_per_day": 100}, Used(1, 99), True),
        ({"tokens_per_day": 100}, Used(1, 100), False),
        ({"tokens_per_month": 100}, Used(1, 100), False),
        ({"money_per_day": Decimal("0.5")}, Used(1, 0, Decimal("0.49")), True),
        ({"money_per_day": Decimal("0.5")}, Used(1, 0, Decimal("0.5")), False),
        ({"money_per_month": Decimal("0.5")}, Used(1, 0, Decimal("0.5")), False),
    ],
)
def test_a_budget_counts_what_is_stored_and_what_is_not_yet(limit, used, fits):
    stored = {"2026-11-30": used, "2026-11": used}
    fresh = Limits()
    fresh.admit(a_grant(), NOON, 0)
    fresh.settle(a_grant(), NOON, 0, used)
    for limits, grant in ((Limits(), a_grant(**limit, used=stored)), (fresh, a_grant(**limit))):
        if fits:
            limits.admit(grant, NOON, 0)
            continue
        with pytest.raises(GatewayBudgetSpent) as refused:
            limits.admit(grant, NOON, 0)
        assert refused.value.retry_after_seconds == 12 * 3600  # the day and the month both end at midnight


def test_a_budget_begins_anew_with_the_next_day():
    grant = a_grant(tokens_per_day=10, used={"2026-11-30": Used(1, 10)})
    with pytest.raises(GatewayBudgetSpent):
        Limits().admit(grant, NOON, 0)
    Limits().admit(grant, NOON + timedelta(days=1), 0)


def test_what_is_in_flight_counts_too():
    limits, grant = Limits(), a_grant(tokens_per_day=10)
    limits.admit(grant, NOON, 10)
    with pytest.raises(GatewayBudgetSpent):
        limits.admit(grant, NOON, 1)
    limits.settle(grant, NOON, 10, Used(1, 3))
    limits.admit(grant, NOON, 1)


def test_a_spent_budget_is_a_429_that_both_clients_understand(gateway, engine, make_key, provider):
    import anthropic

    server = gateway(engine(), engine("claude", protocol="anthropic", models={"c": "c"}))
    key = make_key(tokens_per_day=10)
    assert post(server, key).status_code == 200
    refused = post(server, key)
    assert (refused.status_code, code_of(refused)) == (429, "gateway.budget")
    assert 0 < int(refused.headers["retry-after"]) <= 86_400
    with (
        anthropic.Anthropic(base_url=server.url, api_key=key, max_retries=0) as client,
        pytest.raises(anthropic.RateLimitError),
    ):
        client.messages.create(model="c", max_tokens=1, messages=HELLO["messages"])
    with (
        openai.OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0) as client,
        pytest.raises(openai.RateLimitError),
    ):
        client.responses.create(model="m", input="x")


def test_a_budget_is_remembered_over_a_restart(gateway, make_key):
    key = make_key(tokens_per_day=10)
    first = gateway()
    assert post(first, key).status_code == 200
    first.close()
    assert code_of(post(gateway(), key)) == "gateway.budget"


# --- records ----------------------------------------------------------------------------------------------------------


def test_a_call_is_recorded_with_tokens_cost_and_times(gateway, engine, make_key, calls):
    prices = {"input_price": Decimal(2), "output_price": Decimal(10)}
    server, key = gateway(engine("priced", zone="managed", **prices)), make_key()
    body = {"model": "m", "messages": [{"role": "user", "content": "I am Anna Example"}]}
    answer = post(server, key, body, x_request_id="abc-1")
    [record] = calls()
    assert answer.headers["x-graftwork-request-id"] == record.id.hex
    assert (record.request_id, record.path, record.model) == ("abc-1", "/v1/chat/completions", "m")
    assert (record.engine, record.zone, record.status, record.outcome) == ("priced", "managed", 200, "done")
    assert (record.prompt_tokens, record.completion_tokens, record.cached_tokens) == (11, 5, 4)
    assert record.cost == Decimal("0.000072")
    assert record.masked == '{"person": 1}'
    assert 0 < record.overhead_ms <= record.total_ms
    assert record.content is None


def test_tokens_of_a_stream_are_counted_though_the_caller_did_not_ask(gateway, make_key, calls):
    server, key = gateway(), make_key()
    answer = post(server, key, {**HELLO, "stream": True})
    assert "usage" not in answer.text
    [record] = calls()
    assert (record.prompt_tokens, record.completion_tokens, record.streamed) == (11, 5, True)


def test_tokens_of_anthropics_stream_count_the_cache(gateway, engine, make_key, calls):
    server, key = gateway(engine(protocol="anthropic")), make_key()
    post(server, key, {**HELLO, "max_tokens": 5, "stream": True}, path="/v1/messages")
    [record] = calls()
    assert (record.prompt_tokens, record.completion_tokens, record.cached_tokens) == (11, 6, 2)


def test_what_an_engine_does_not_report_stays_unknown_but_takes_from_the_budget(gateway, make_key, provider, calls):
    async def handle(request, body):
        return await stream(request, [b'data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]}\n\n'], hang_up=True)

    provider.handler = handle
    server, key = gateway(), make_key()
    post(server, key, {**HELLO, "stream": True})
    [record] = calls()
    assert (record.prompt_tokens, record.completion_tokens, record.cost) == (None, None, None)
    server.close()
    from graftwork.apps.traffic.models import BudgetUse

    uses = {use.period: use.tokens for use in BudgetUse.objects.all()}
    assert len(uses) == 2
    assert all(tokens > 10 for tokens in uses.values())


def test_content_is_kept_only_where_asked_for_sealed_and_masked(gateway, engine, make_key, calls, provider):
    from graftwork.apps.keyring import keyring
    from graftwork.apps.vault.models import ScopeKey
    from graftwork.apps.vault.sealing import unwrap
    from graftwork.gateway.store import content_label

    provider.handler = calls_tool("send", '{"to":"[PERSON_1]"}')
    server, key = gateway(engine("away", zone="managed"), record_content=True), make_key()
    post(server, key, {"model": "m", "messages": [{"role": "user", "content": "I am Anna Example"}]})
    [record] = calls()
    sealed = bytes(record.content)
    assert b"PERSON" not in sealed
    text = unwrap(ScopeKey.objects.get(), keyring()).unseal(sealed, content_label(record.id.hex))
    assert "I am [PERSON_1]" in text
    assert "send" in text
    assert "Anna" not in text


def test_with_the_database_gone_calls_wait_and_then_none_is_made():
    import asyncio

    from graftwork.core.errors import GatewayRecordsFull
    from graftwork.gateway import records

    async def lost(rows, used):
        raise OSError("gone")

    async def run():
        recorder = records.Recorder(lost, Limits())
        recorder.start()
        now = datetime.now(UTC)
        for _ in range(records.MOST_WAITING):
            recorder.check()
            recorder.add(records.CallFacts(records.new_call_id(), now, 1, "r", "/v1"))
        with pytest.raises(GatewayRecordsFull):
            recorder.check()
        await recorder.stop()

    asyncio.run(run())
