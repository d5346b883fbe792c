"""A key that is for a use case gets the rules of that use case; terms of reviewers hold at once."""

import time

import pytest
import requests
from django.utils import timezone

from graftwork.apps.actors import operator
from graftwork.apps.work.actions.items import create_items
from graftwork.apps.work.actions.missed import Report, report_missed
from graftwork.apps.work.models import Item, ItemState, ThreadRule
from graftwork.apps.work.usecases import get_usecase
from graftwork.config.workspace import GatewaySettings
from graftwork.core.items import read_row
from graftwork.core.prompt import MASKED_NOTE
from graftwork.gateway.app import Gateway
from support.detector import DetectorService
from support.gateway import Server, last_user_text

USE_CASE = """\
name = "note_reply"
title = "Reply to a note"
[input.fields.text]
[instructions]
system = "Answer in one sentence."
[engine]
echo = true
[privacy]
ner = false
languages = ["en"]
{privacy}
"""
NAME, SICK = "My name is Dana Whitfield, mail dana@example.com.", "I have diabetes and need the insulin pump back."


@pytest.fixture
def case(write_usecase):
    return lambda privacy: write_usecase(USE_CASE.format(privacy=privacy))


@pytest.fixture
def house(transactional_db, engine, tmp_path):
    """A gateway with a managed engine for `m` and, behind it, those given; masked by the rules of a workspace."""
    servers = []

    def start(*more, **changes):
        chosen = GatewaySettings(**{"ner": False, "languages": "en", "key_cache_seconds": 0.2, **changes})
        servers.append(Server(Gateway(chosen, [engine("away", zone="managed"), *more], folder=tmp_path)))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def ask(server, key, text, **headers):
    return requests.post(
        f"{server.url}/v1/chat/completions",
        json={"model": "m", "messages": [{"role": "user", "content": text}]},
        headers={"Authorization": f"Bearer {key}", **{k.replace("_", "-"): v for k, v in headers.items()}},
        timeout=30,
    )


def code_of(answer):
    return answer.json()["error"]["code"]


def test_without_a_use_case_the_settings_hold_and_the_model_is_told_once(house, make_key, provider):
    server, key = house(), make_key()
    assert ask(server, key, NAME).json()["choices"][0]["message"]["content"] == f"You said: {NAME}"
    assert "dana@example.com" not in last_user_text(provider.last)
    assert provider.last["messages"][0] == {"role": "system", "content": MASKED_NOTE}
    assert ask(server, key, "What is two times four?").status_code == 200
    assert [message["role"] for message in provider.last["messages"]] == ["user"]


def test_a_use_case_that_lets_nothing_out_keeps_its_keys_in_the_house(house, make_key, case, provider, engine):
    case('managed = "never"')
    server = house()
    scoped, free = make_key(use_cases=["note_reply"]), make_key("free")
    assert code_of(ask(server, scoped, NAME)) == "gateway.zone"
    assert provider.received == []
    # What a caller merely names does not loosen or tighten what holds for its key.
    assert ask(server, free, NAME, X_Graftwork_Use_Case="note_reply").status_code == 200


def test_a_key_can_be_stricter_than_its_use_case_and_not_looser(house, make_key, case, provider):
    case('managed = "masked"')
    server = house()
    assert code_of(ask(server, make_key("strict", use_cases=["note_reply"], managed="never"), NAME)) == "gateway.zone"
    assert ask(server, make_key("loose", use_cases=["note_reply"], managed="allowed"), NAME).status_code == 200
    assert "dana@example.com" not in last_user_text(provider.last)


def test_a_class_that_stays_in_the_house_goes_to_a_local_engine_or_nowhere(house, make_key, case, provider, engine):
    case('managed = "masked"\nclasses = { health = "local" }')
    key = make_key(use_cases=["note_reply"])
    server = house()
    assert code_of(ask(server, key, SICK)) == "gateway.zone"
    assert provider.received == []
    assert ask(server, key, NAME).headers["X-Graftwork-Zone"] == "managed"
    both = house(engine("here", zone="local"))
    assert ask(both, key, SICK).headers["X-Graftwork-Zone"] == "local"
    assert last_user_text(provider.last) == SICK
    assert ask(both, key, NAME).headers["X-Graftwork-Zone"] == "managed"


def test_a_thread_that_was_kept_in_the_house_stays_there_over_a_restart(house, make_key, case, provider, engine):
    case('managed = "allowed"\nclasses = { health = "local" }')
    key = make_key(use_cases=["note_reply"])
    here = engine("here", zone="local")
    server = house(here)
    assert ask(server, key, NAME, X_Graftwork_Thread="7").headers["X-Graftwork-Zone"] == "managed"
    assert last_user_text(provider.last) == NAME
    assert ask(server, key, SICK, X_Graftwork_Thread="7").headers["X-Graftwork-Zone"] == "local"
    assert ThreadRule.objects.get().treatment == "local"
    for each in (server, house(here)):
        assert ask(each, key, "And when?", X_Graftwork_Thread="7").headers["X-Graftwork-Zone"] == "local"
        assert ask(each, key, "And when?", X_Graftwork_Thread="8").headers["X-Graftwork-Zone"] == "managed"


def test_a_use_case_brings_its_dictionaries(house, make_key, case, provider, workspace_folder):
    (workspace_folder / "usecases" / "terms.txt").write_text("copper kettle\n", encoding="utf-8")
    case('managed = "masked"\ndictionaries = ["terms.txt"]')
    server = house()
    assert ask(server, make_key(use_cases=["note_reply"]), "when does copper kettle ship?").status_code == 200
    assert last_user_text(provider.last) == "when does [TERM_1] ship?"
    assert ask(server, make_key("free"), "when does copper kettle ship?").status_code == 200
    assert last_user_text(provider.last) == "when does copper kettle ship?"


def test_a_use_case_that_cannot_be_read_sends_nothing(house, make_key, case, provider, workspace_folder):
    case('managed = "masked"')
    (workspace_folder / "usecases" / "note_reply.toml").write_text("title = ", encoding="utf-8")
    answer = ask(house(), make_key(use_cases=["note_reply"]), NAME)
    assert (answer.status_code, code_of(answer)) == (503, "gateway.masking")
    assert provider.received == []


def test_a_term_that_a_reviewer_reports_is_masked_within_seconds(house, make_key, case, provider):
    case('managed = "masked"')
    server, scoped, free = house(), make_key(use_cases=["note_reply"]), make_key("free")
    for key in (scoped, free):
        ask(server, key, "where is copper kettle today?")
        assert last_user_text(provider.last) == "where is copper kettle today?"
    use_case, row = get_usecase("note_reply"), {"id": "1", "text": "About copper kettle then."}
    create_items(operator(), use_case, [read_row(use_case, row, line=1)], timezone.now())
    Item.objects.update(state=ItemState.READY)
    report_missed(operator(), Item.objects.get().pk, Report("copper kettle", "term", everywhere=True), timezone.now())
    time.sleep(2.1)
    for key in (scoped, free):
        ask(server, key, "where is copper kettle today?")
        assert last_user_text(provider.last) == "where is [TERM_1] today?"


@pytest.mark.parametrize("by_use_case", [False, True])
def test_a_detector_of_the_company_is_asked_and_while_it_is_down_nothing_is_sent(
    house, make_key, case, provider, by_use_case
):
    service = DetectorService(["quzzle"])
    if by_use_case:
        case(f'managed = "masked"\n[[privacy.detectors]]\ntype = "http"\nurl = "{service.url}"')
        server, key = house(), make_key(use_cases=["note_reply"])
    else:
        server, key = house(detector_url=service.url), make_key()
    assert ask(server, key, "Tell me of the quzzle.").status_code == 200
    assert last_user_text(provider.last) == "Tell me of the [PERSON_1]."
    service.close()
    sent = len(provider.received)
    assert code_of(ask(server, key, "Tell me more of the quzzle.")) == "gateway.masking"
    assert len(provider.received) == sent


def test_a_profile_of_the_workspace_says_which_kinds_count(house, make_key, provider, tmp_path):
    (tmp_path / "ours.toml").write_text('[kinds]\ncard = "agreed in 2026"\n', encoding="utf-8")
    server = house(profile="ours.toml")
    assert ask(server, make_key(), "dana@example.com paid with 4111 1111 1111 1111").status_code == 200
    assert last_user_text(provider.last) == "dana@example.com paid with [CARD_1]"


def test_a_detector_elsewhere_is_refused():
    with pytest.raises(ValueError, match="our own network"):
        GatewaySettings(detector_url="https://api.example.com/analyze")


def test_a_mail_keeps_its_form_where_the_use_case_says_so(house, make_key, case, provider):
    case('managed = "masked"\nkeep_format = ["mail"]')
    answer = ask(house(), make_key(use_cases=["note_reply"]), NAME)
    assert "person1@mask.invalid" in last_user_text(provider.last)
    assert answer.json()["choices"][0]["message"]["content"] == f"You said: {NAME}"


@pytest.mark.parametrize("named", ["dana@example.com", "Note", "a" * 64, "1a"])
def test_a_use_case_is_a_name_and_nothing_else(house, make_key, provider, named):
    answer = ask(house(), make_key(), "hello", X_Graftwork_Use_Case=named)
    assert (answer.status_code, code_of(answer)) == (400, "gateway.body")
    assert provider.received == []
