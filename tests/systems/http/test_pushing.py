"""Writing back over HTTP: once, whatever breaks on the way, and never over somebody else's change."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graftwork.systems.contract import Receipt
from graftwork.systems.errors import Conflict, Rejected, TargetDenied, TargetDown, TryFailed, Unsure
from graftwork.systems.http.system import HttpSystem
from support.httpfake import Asked, HttpFake, Reply, refused_port
from support.httpsystem import PUSH, connector, opened
from support.systems import delivery, surroundings

NOTES = "/tickets/17/notes"
FIND = """
[push.requests.find]
path = "/tickets/{origin.key}/notes"
query = { p = "{cursor?}" }
items = "notes"
mark = "mark"
reference = "id"
pages = { kind = "cursor", cursor = "next" }
"""
STATUS = """
[[push.requests]]
method = "PUT"
path = "/tickets/{origin.key}"
body = { status = "pending", urgent = "{values.urgent?}" }
"""


@pytest.fixture
def fake() -> Iterator[HttpFake]:
    with HttpFake() as running:
        yield running


class Notes:
    """The notes of ticket 17, as the system keeps them."""

    def __init__(self, fake: HttpFake) -> None:
        self.kept: list[dict[str, Any]] = []
        fake.on("GET", NOTES, lambda asked: Reply({"notes": self.kept, "next": None}))
        fake.on("POST", NOTES, self.take)
        fake.on("PUT", "/tickets/17", Reply({}))

    def take(self, asked: Asked) -> Reply:
        self.kept.append({"id": len(self.kept) + 1, **asked.json})
        return Reply({"id": len(self.kept)}, 201)


def sent(**changes: Any) -> Any:
    return delivery(origin={"key": "17"}, **changes)


def test_a_delivery_arrives_as_the_file_says_and_its_reference_comes_back(fake: HttpFake, tmp_path: Path) -> None:
    notes = Notes(fake)

    receipt = opened(fake, tmp_path, PUSH + STATUS).push(sent(values={"urgent": True}))

    assert receipt == Receipt("1")
    assert notes.kept == [{"id": 1, "body": "Your parcel left on Monday.", "mark": "gw-0190c0de"}]
    assert fake.asked("PUT", "/tickets/17")[0].json == {"status": "pending", "urgent": True}
    assert [asked.method for asked in fake.requests] == ["POST", "PUT"]


@pytest.mark.parametrize("fault", ["close", "half", "half_chunked", "reset_after_status"])
def test_an_answer_that_broke_off_leaves_it_unsure_and_the_next_try_sees_that_it_arrived(
    fake: HttpFake, tmp_path: Path, fault: Any
) -> None:
    notes = Notes(fake)
    fake.on("POST", NOTES, lambda asked: Reply(notes.take(asked).body, 201, {"Content-Length": "99"}, fault))
    if fault == "half_chunked":
        fake.on("POST", NOTES, lambda asked: Reply(notes.take(asked).body, 201, fault=fault))
    system = opened(fake, tmp_path, PUSH + FIND)

    with pytest.raises(TryFailed) as failed:
        system.push(sent())
    again = system.push(sent(tries=2, unsure=True))

    assert failed.value.unsure
    assert again == Receipt("1", already=True)
    assert len(notes.kept) == 1


def test_a_failure_before_anything_was_sent_is_sure_and_says_nothing_about_this_one(tmp_path: Path) -> None:
    system = HttpSystem(connector(PUSH, f"http://127.0.0.1:{refused_port()}"), surroundings(tmp_path))

    with pytest.raises(TargetDown, match="no connection"):
        system.push(sent())


def test_a_slow_answer_to_a_write_is_unsure_and_to_a_look_is_not(fake: HttpFake, tmp_path: Path) -> None:
    Notes(fake)
    system = opened(fake, tmp_path, "http = { read_seconds = 0.3 }\n" + PUSH + FIND)
    fake.next("POST", NOTES, Reply({}, slow_seconds=1.0))
    fake.next("GET", NOTES, Reply({}, slow_seconds=1.0))

    with pytest.raises(TryFailed) as of_write:
        system.push(sent())
    with pytest.raises(TryFailed) as of_look:
        system.push(sent(unsure=True))

    assert (of_write.value.unsure, of_look.value.unsure) == (True, False)
    assert "no answer in time" in str(of_write.value)


@pytest.mark.parametrize(
    ("reply", "error", "unsure"),
    [
        (Reply({}, 400), Rejected, None),
        (Reply({}, 401), TargetDenied, None),
        (Reply({}, 403), TargetDenied, None),
        (Reply({}, 404), Rejected, None),
        (Reply({}, 410), Rejected, None),
        (Reply({}, 409), Conflict, None),
        (Reply({}, 412), Conflict, None),
        (Reply({}, 422), Rejected, None),
        (Reply({}, 408), TargetDown, None),
        (Reply({}, 425), TargetDown, None),
        (Reply({}, 429), TargetDown, None),
        (Reply({}, 503), TargetDown, None),
        (Reply({}, 500), TryFailed, True),
        (Reply({}, 502), TryFailed, True),
        (Reply(b"<html>signed out</html>", 200), TryFailed, True),
        (Reply({}, 302, {"Location": "/login"}), TargetDenied, None),
    ],
    ids=lambda value: str(getattr(value, "status", "")),
)
def test_each_answer_means_what_the_contract_says(
    fake: HttpFake, tmp_path: Path, reply: Reply, error: type[Exception], unsure: bool | None
) -> None:
    fake.on("POST", NOTES, reply)

    with pytest.raises(error) as failed:
        opened(fake, tmp_path, PUSH + FIND).push(sent())

    assert getattr(failed.value, "unsure", None) is unsure
    assert len(fake.requests) == 1  # neither followed nor tried again


def test_a_file_may_say_what_a_status_means_and_what_a_body_means(fake: HttpFake, tmp_path: Path) -> None:
    file = "[http]\nstatuses = { failed = [404] }\nstatuses_if = { down = \"code == 'LIMIT'\" }\n" + PUSH
    own = file.replace('reference = "id"', "statuses = { already = [409], rejected = [403] }")
    for status, body, text, error in [
        (404, {}, file, TryFailed),
        (403, {"code": "LIMIT"}, file, TargetDown),
        (403, {"code": "OTHER"}, file, TargetDenied),
        (403, b"no json", file, TargetDenied),
        (403, {}, own, Rejected),
    ]:
        fake.on("POST", NOTES, Reply(body, status))
        with pytest.raises(error):
            opened(fake, tmp_path, text).push(sent())

    fake.on("POST", NOTES, Reply({}, 409))
    assert opened(fake, tmp_path, own).push(sent()) == Receipt(already=True)


def test_a_success_that_holds_a_refusal_is_one(fake: HttpFake, tmp_path: Path) -> None:
    fake.on("POST", NOTES, Reply({"errors": [{"message": "my number is 4711"}]}))

    with pytest.raises(Rejected) as failed:
        opened(fake, tmp_path, PUSH + 'rejected_if = "errors"').push(sent())

    assert "4711" not in str(failed.value)


@pytest.mark.parametrize("said", ["30", "Sun, 22 Nov 2026 12:00:30 GMT"])
def test_retry_after_is_heeded_without_asking_again_until_then(fake: HttpFake, tmp_path: Path, said: str) -> None:
    fake.on("POST", NOTES, Reply({}, 429, {"Retry-After": said}))
    system = opened(fake, tmp_path, PUSH)

    for _ in range(3):
        with pytest.raises(TargetDown) as failed:
            system.push(sent())
        assert 25 < (failed.value.retry_after_seconds or 0) <= 30

    assert len(fake.requests) == 1


# ---- several requests ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error"), [(500, TryFailed), (429, TargetDown), (403, TargetDenied), (422, Rejected)]
)
def test_a_note_is_not_written_again_where_the_status_behind_it_failed(
    fake: HttpFake, tmp_path: Path, status: int, error: type[Exception]
) -> None:
    notes = Notes(fake)
    system = opened(fake, tmp_path, PUSH + FIND + STATUS)
    fake.next("PUT", "/tickets/17", Reply({}, status))

    with pytest.raises(error):
        system.push(sent())
    receipt = system.push(sent(tries=1))  # as after a replay, which knows of no earlier try

    assert receipt == Receipt("1")
    assert len(notes.kept) == 1
    assert len(fake.asked("PUT", "/tickets/17")) == 2


def test_without_a_way_to_see_the_note_a_person_looks_instead_of_writing_it_twice(
    fake: HttpFake, tmp_path: Path
) -> None:
    notes = Notes(fake)
    system = opened(fake, tmp_path, PUSH + STATUS)
    fake.next("PUT", "/tickets/17", Reply({}, 503))

    with pytest.raises(TryFailed) as failed:
        system.push(sent())
    with pytest.raises(Unsure):
        system.push(sent(tries=2, unsure=True))

    assert failed.value.unsure
    assert len(notes.kept) == 1


def test_a_write_that_may_be_repeated_is_repeated(fake: HttpFake, tmp_path: Path) -> None:
    Notes(fake)
    file = PUSH + 'repeatable = true\nheaders = { Idempotency-Key = "{key}" }'

    assert opened(fake, tmp_path, file).push(sent(unsure=True)) == Receipt("1")
    assert fake.requests[0].headers["idempotency-key"] == "gw-0190c0de"


def test_a_value_that_is_missing_for_the_last_request_stops_the_first(fake: HttpFake, tmp_path: Path) -> None:
    Notes(fake)
    file = PUSH + STATUS.replace("{values.urgent?}", "{values.urgent}")

    with pytest.raises(Rejected, match=r"values\.urgent"):
        opened(fake, tmp_path, file).push(sent())

    assert fake.requests == []


def test_only_the_requests_for_this_decision_are_sent(fake: HttpFake, tmp_path: Path) -> None:
    Notes(fake)
    file = (
        '[settings]\nvisible = "no"\n'
        + PUSH
        + "only_if = \"setting.visible == 'yes'\"\n"
        + STATUS
        + 'only_on = ["rejected", "escalated"]\n'
    )

    with pytest.raises(Rejected, match="no request"):
        opened(fake, tmp_path, file).push(sent())
    assert fake.requests == []

    opened(fake, tmp_path, file).push(sent(event="escalated"))
    assert [asked.method for asked in fake.requests] == ["PUT"]


def test_what_arrived_is_found_on_a_later_page_and_past_the_end_a_person_looks(fake: HttpFake, tmp_path: Path) -> None:
    Notes(fake)
    pages = {None: {"notes": [{"id": 1, "mark": "gw-other"}], "next": "2"},
             "2": {"notes": [{"id": 2, "mark": "Ref gw-0190c0de."}, {"id": 3}], "next": None}}  # fmt: skip
    fake.on("GET", NOTES, lambda asked: Reply(pages[asked.one("p")]))

    assert opened(fake, tmp_path, PUSH + FIND).push(sent(unsure=True)) == Receipt("2", already=True)
    with pytest.raises(Unsure):
        opened(fake, tmp_path, PUSH + FIND.replace('"next" }', '"next", most = 1 }')).push(sent(unsure=True))


def test_a_second_look_asks_for_what_the_first_found(fake: HttpFake, tmp_path: Path) -> None:
    Notes(fake)
    fake.on("GET", NOTES, Reply({"notes": [4, 5]}))
    fake.on("POST", "/notes/read", Reply({"r": [{"id": 5, "mark": "gw-0190c0de"}]}))
    then = '[push.requests.find.then]\nmethod = "POST"\npath = "/notes/read"\nitems = "r"\nbody = { ids = "{found}" }'

    receipt = opened(fake, tmp_path, PUSH + FIND + then).push(sent(unsure=True))

    assert receipt == Receipt("5", already=True)
    assert fake.asked("POST", "/notes/read")[0].json == {"ids": [4, 5]}


# ---- somebody else's changes ---------------------------------------------------------------------

CHECK = '[push.check]\npath = "/tickets/{origin.key}"\nchanged = "updated_at"\n'


def test_a_place_that_was_changed_is_not_written_unless_a_person_says_so(fake: HttpFake, tmp_path: Path) -> None:
    notes = Notes(fake)
    fake.on("GET", "/tickets/17", Reply({"updated_at": 5}))
    system = opened(fake, tmp_path, CHECK + PUSH + FIND)
    read_before = {"key": "17", "changed": 4}

    with pytest.raises(Conflict) as conflict:
        system.push(delivery(origin=read_before))
    assert notes.kept == []
    assert "5" not in conflict.value.changed

    system.push(delivery(origin=read_before, overwrite=True))
    assert len(notes.kept) == 1
    # Our own note is no change of somebody else.
    assert system.push(delivery(origin=read_before, unsure=True)).already

    system.push(delivery(key="gw-other", origin={"key": "17", "changed": "5"}))
    assert len(notes.kept) == 2


def test_the_state_may_lie_on_the_last_page_of_a_list(fake: HttpFake, tmp_path: Path) -> None:
    notes = Notes(fake)
    pages = {None: {"comments": [{"id": 1}], "next": "2"}, "2": {"comments": [{"id": 9}]}}
    fake.on("GET", "/tickets/17/comments", lambda asked: Reply(pages[asked.one("p")]))
    check = (
        '[push.check]\npath = "/tickets/{origin.key}/comments"\nquery = { p = "{cursor?}" }\nitems = "comments"\n'
        'changed = "[-1].id"\npages = { kind = "cursor", cursor = "next" }\n'
    )

    with pytest.raises(Conflict):
        opened(fake, tmp_path, check + PUSH).push(delivery(origin={"key": "17", "changed": 1}))
    opened(fake, tmp_path, check + PUSH).push(delivery(origin={"key": "17", "changed": 9}))

    assert len(notes.kept) == 1


def test_a_guard_goes_with_the_write_and_another_one_where_it_overwrites(fake: HttpFake, tmp_path: Path) -> None:
    Notes(fake)
    guards = 'headers_if_unchanged = { If-Match = "{origin.etag}" }\nheaders_if_overwriting = { If-Match = "*" }\n'
    system = opened(fake, tmp_path, PUSH + guards)

    system.push(delivery(origin={"key": "17", "etag": 'W/"3"'}))
    system.push(delivery(origin={"key": "17", "etag": 'W/"3"'}, overwrite=True))

    assert [asked.headers["if-match"] for asked in fake.requests] == ['W/"3"', "*"]


# ---- attacks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["17\r\nX-Evil: 1", "17\nx", "\x00", "日本"])
def test_a_value_cannot_add_a_header(fake: HttpFake, tmp_path: Path, value: str) -> None:
    Notes(fake)

    with pytest.raises(Rejected):
        opened(fake, tmp_path, PUSH + 'headers = { X-Id = "{thread}" }').push(sent(thread=value))

    assert fake.requests == []


@pytest.mark.parametrize("value", ["../../admin", "..", ".", "", "a/../../b", "%2e%2e/\n", "..\\x"])
def test_a_value_cannot_leave_its_place_in_the_path(fake: HttpFake, tmp_path: Path, value: str) -> None:
    with pytest.raises(Rejected):
        opened(fake, tmp_path, PUSH).push(delivery(origin={"key": value}))

    assert fake.requests == []


def test_a_value_with_signs_of_an_address_stays_one_step_of_the_path(fake: HttpFake, tmp_path: Path) -> None:
    fake.on_anything(lambda asked: Reply({"id": 1}))

    opened(fake, tmp_path, PUSH).push(delivery(origin={"key": "a/b?x=1#y@h:z %2F"}))

    assert fake.requests[0].target == "/tickets/a%2Fb%3Fx%3D1%23y%40h%3Az%20%252F/notes"


def test_half_of_a_surrogate_pair_is_refused_and_not_a_crash(fake: HttpFake, tmp_path: Path) -> None:
    with pytest.raises(Rejected):
        opened(fake, tmp_path, PUSH).push(sent(text="a\ud800"))
