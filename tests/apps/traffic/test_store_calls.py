"""Calls and budgets as they reach the database: SQL of our own, so both databases have to take it."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError

from graftwork.apps.actors import operator
from graftwork.apps.traffic.actions import CALL_COLUMNS, create_key, store_calls
from graftwork.apps.traffic.models import BudgetUse, CallRecord, VirtualKey
from graftwork.apps.traffic.queries import Used, grant_for
from graftwork.gateway.records import CallFacts, new_call_id

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 22, 6, 30, 0, 123456, UTC)


@pytest.fixture
def key(transactional_db):
    create_key(operator(), "shop", AT)
    return VirtualKey.objects.get()


def facts(key, **changes):
    given = CallFacts(id=new_call_id(), at=AT, key_id=key.pk, request_id="r-1", path="/v1/chat/completions")
    return replace(given, model="m", status=200, outcome="done", attempts=1, **changes)


def test_a_call_comes_back_as_it_was_stored(key):
    counts = {"prompt_tokens": 11, "cost": Decimal("0.000123456"), "masked": '{"mail":1}'}
    told, bare = facts(key, streamed=True, first_byte_ms=1.5, **counts), facts(key)
    store_calls([replace(told, content=b"\x00sealed").row(), bare.row()], {})
    first, second = CallRecord.objects.get(pk=told.id), CallRecord.objects.get(pk=bare.id)
    assert (first.id.hex, first.at, first.cost) == (told.id, AT, Decimal("0.000123456"))
    assert (first.prompt_tokens, first.completion_tokens, first.streamed) == (11, None, True)
    assert bytes(first.content) == b"\x00sealed"
    assert (second.cost, second.content, second.first_byte_ms) == (None, None, None)


def test_uses_of_a_budget_add_up(key):
    used = {(key.pk, "2026-11-22"): Used(2, 100, Decimal("0.25")), (key.pk, "2026-11"): Used(2, 100, Decimal("0.25"))}
    store_calls([], used)
    store_calls([facts(key).row()], used)
    assert set(BudgetUse.objects.values_list("period", "requests", "tokens", "money")) == {
        ("2026-11-22", 4, 200, Decimal("0.5")),
        ("2026-11", 4, 200, Decimal("0.5")),
    }
    assert grant_for(key.secret_sha256, AT).used["2026-11"] == Used(4, 200, Decimal("0.5"))


def test_either_all_is_stored_or_nothing(key):
    with pytest.raises(IntegrityError):
        store_calls([facts(key).row(), replace(facts(key), key_id=key.pk + 999).row()], {})
    assert not CallRecord.objects.exists()


def test_a_row_has_a_value_for_every_column(key):
    assert len(facts(key).row()) == len(CALL_COLUMNS)
