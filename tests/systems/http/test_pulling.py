"""Pulling over HTTP: every kind of pages, what is new since the last look, and records that do not fit."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graftwork.systems.errors import Rejected, TargetDown, TryFailed
from support.httpfake import Asked, HttpFake, Reply
from support.httpsystem import PULL, opened, pull_all


@pytest.fixture
def fake() -> Iterator[HttpFake]:
    with HttpFake() as running:
        yield running


def tickets(*numbers: int, **more: Any) -> list[dict[str, Any]]:
    return [{"id": number, "subject": f"Ticket {number}", "body": "It is late.", **more} for number in numbers]


def keys(records: list[Any]) -> list[str]:
    return [record.key for record in records]


# ---- pages ---------------------------------------------------------------------------------------


def by_link(fake: HttpFake) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        page = int(asked.one("p") or 1)
        following = f"{fake.url}/tickets?p={page + 1}" if page < 3 else None
        return Reply({"tickets": tickets(page), "links": {"next": following}})

    return answer


def by_relative_link(_: HttpFake) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        page = int(asked.one("p") or 1)
        return Reply({"tickets": tickets(page), "links": {"next": f"?p={page + 1}" if page < 3 else ""}})

    return answer


def by_odata(fake: HttpFake) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        page = int(asked.one("$skiptoken") or 1)
        more = {"@odata.nextLink": f"{fake.url}/tickets?$skiptoken={page + 1}"} if page < 3 else {}
        return Reply({"tickets": tickets(page), **more})

    return answer


def by_odata_2(fake: HttpFake) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        page = int(asked.one("$skiptoken") or 1)
        more = {"__next": f"{fake.url}/tickets?$skiptoken={page + 1}"} if page < 3 else {}
        return Reply({"d": {"results": tickets(page), **more}})

    return answer


def by_link_header(_: HttpFake) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        page = int(asked.one("p") or 1)
        links = f'</tickets?p=1>; rel="first", </tickets?p={page + 1}>; title="a, b"; rel="last next"'
        return Reply({"tickets": tickets(page)}, headers={"Link": links} if page < 3 else {})

    return answer


def by_cursor(_: HttpFake) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        page = {None: 1, "c2": 2, "c3/+ä": 3}[asked.one("after")]
        following = {1: "c2", 2: "c3/+ä", 3: None}[page]
        return Reply({"tickets": tickets(page), "meta": {"after": following}})

    return answer


def by_cursor_in_the_body(_: HttpFake) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        page = asked.json.get("after", 1)
        assert asked.json["limit"] == 100
        return Reply({"tickets": tickets(int(page)), "meta": {"after": int(page) + 1, "more": int(page) < 3}})

    return answer


def by_number(_: HttpFake) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        page = int(asked.one("page") or 0)
        size = int(asked.one("size") or 0)
        return Reply({"tickets": tickets(*range(1, 6))[(page - 1) * size : page * size]})

    return answer


def by_offset(_: HttpFake) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        start, size = int(asked.one("offset") or 0), int(asked.one("size") or 0)
        return Reply({"tickets": tickets(*range(1, 6))[start : start + size]})

    return answer


@pytest.mark.parametrize(
    ("answers", "file", "wanted"),
    [
        (by_link, 'pages = { kind = "next", next = "links.next" }', 3),
        (by_relative_link, 'pages = { kind = "next", next = "links.next" }', 3),
        (by_odata, "pages = { kind = 'next', next = '\"@odata.nextLink\"' }", 3),
        (by_odata_2, "items = 'd.results'\npages = { kind = 'next', next = 'd.__next' }", 3),
        (by_link_header, 'pages = { kind = "link_header" }', 3),
        (by_cursor, 'query = { after = "{cursor?}" }\npages = { kind = "cursor", cursor = "meta.after" }', 3),
        (
            by_cursor_in_the_body,
            (
                'method = "POST"\nbody = { after = "{cursor?}", limit = "{page_items}" }\n'
                'pages = { kind = "cursor", cursor = "meta.after", more = "meta.more" }'
            ),
            3,
        ),
        (
            by_number,
            'query = { page = "{page}", size = "{page_items}" }\npage_items = 2\npages = { kind = "page" }',
            5,
        ),
        (
            by_offset,
            'query = { offset = "{offset}", size = "{page_items}" }\npage_items = 2\npages = { kind = "offset" }',
            5,
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_kind_of_pages_is_read_to_its_end(
    fake: HttpFake, tmp_path: Path, answers: Callable[[HttpFake], Callable[[Asked], Reply]], file: str, wanted: int
) -> None:
    fake.on("GET", "/tickets", answers(fake))
    fake.on("POST", "/tickets", answers(fake))
    start = PULL.replace('items = "tickets"\n', "") if "items = 'd" in file else PULL

    records, _ = pull_all(opened(fake, tmp_path, start + file))

    assert keys(records) == [str(number) for number in range(1, wanted + 1)]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6])
def test_a_limit_below_the_page_leaves_nothing_out(fake: HttpFake, tmp_path: Path, size: int) -> None:
    fake.on("GET", "/tickets", Reply({"tickets": tickets(*range(1, 6))}))  # heeds no page size at all

    records, _ = pull_all(opened(fake, tmp_path, PULL), limit=size)

    assert keys(records) == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example.com/tickets?p=2",
        "//elsewhere.example.com/tickets",
        "http://127.0.0.1:1/tickets",
        "http://user@127.0.0.1/tickets",
        "file:///etc/passwd",
        "javascript:1",
        "http://[::1",
        "\\\\elsewhere\\x",
        "/tickets\r\nX-Evil: 1",
        ["/tickets"],
        7,
    ],
)
def test_a_next_page_is_never_on_another_host(fake: HttpFake, tmp_path: Path, link: Any) -> None:
    fake.on("GET", "/tickets", Reply({"tickets": tickets(1), "next": link}))
    system = opened(fake, tmp_path, PULL + 'pages = { kind = "next", next = "next" }')

    with pytest.raises(TryFailed) as failed:
        pull_all(system)

    assert "elsewhere" not in str(failed.value)
    assert len(fake.requests) == 1


def test_a_next_page_that_is_the_same_page_ends_the_look_instead_of_turning_for_ever(
    fake: HttpFake, tmp_path: Path
) -> None:
    fake.on("GET", "/tickets", Reply({"tickets": tickets(1), "next": "/tickets?p=2"}))
    system = opened(fake, tmp_path, PULL + 'pages = { kind = "next", next = "next" }')

    with pytest.raises(TryFailed, match="same page"):
        pull_all(system)
    assert len(fake.requests) == 2


def test_a_listing_without_an_end_is_cut_and_told(fake: HttpFake, tmp_path: Path) -> None:
    fake.on("GET", "/tickets", lambda asked: Reply({"tickets": [], "next": f"/tickets?p={len(fake.requests)}"}))
    system = opened(fake, tmp_path, PULL + 'pages = { kind = "next", next = "next", most = 5 }')

    with pytest.raises(TryFailed, match="more than 5 pages"):
        pull_all(system)


def test_a_page_link_gone_stale_begins_the_listing_anew(fake: HttpFake, tmp_path: Path) -> None:
    fake.on("GET", "/tickets", by_cursor(fake))
    file = PULL + 'query = { after = "{cursor?}" }\npages = { kind = "cursor", cursor = "meta.after" }'
    system = opened(fake, tmp_path, file)
    first = system.pull(None, 200)
    fake.next("GET", "/tickets", Reply({"error": "cursor expired"}, 410))

    again = system.pull(first.cursor, 200)
    records, _ = pull_all(system, cursor=again.cursor)

    assert (again.records, again.more) == ((), False)
    assert keys(records) == ["2", "3"]  # the first was listed unchanged, and is stored already


def test_a_listing_that_is_refused_from_the_start_is_told(fake: HttpFake, tmp_path: Path) -> None:
    fake.on("GET", "/tickets", Reply({"error": "unknown parameter"}, 400))

    with pytest.raises(Rejected, match="HTTP 400"):
        opened(fake, tmp_path, PULL).pull(None, 10)


# ---- what is new ---------------------------------------------------------------------------------

SINCE = (
    PULL.replace(
        "fields =", 'page_items = 2\nquery = { since = "{since?}", page = "{page}", size = "{page_items}" }\nfields ='
    )
    + """
[pull.pages]
kind = "page"
[pull.since]
mark = "at"
ascending = true
"""
)


class Desk:
    """Tickets by the time of their last change, oldest first; `since` includes its own second."""

    def __init__(self, fake: HttpFake) -> None:
        self.tickets: dict[int, dict[str, Any]] = {}
        fake.on("GET", "/tickets", self.answer)
        self.between: Callable[[], None] = lambda: None

    def put(self, number: int, second: int, body: str = "It is late.") -> None:
        at = f"2026-11-22T12:00:{second:02}Z"
        self.tickets[number] = {"id": number, "subject": f"Ticket {number}", "body": body, "at": at}

    def answer(self, asked: Asked) -> Reply:
        page, size, since = int(asked.one("page") or 1), int(asked.one("size") or 2), asked.one("since") or ""
        found = sorted((one for one in self.tickets.values() if one["at"] >= since), key=lambda one: one["at"])
        listed = found[(page - 1) * size : page * size]
        self.between()
        return Reply({"tickets": listed})


def test_the_next_look_asks_from_the_newest_mark_on_and_brings_only_what_is_new(fake: HttpFake, tmp_path: Path) -> None:
    desk, system = Desk(fake), opened(fake, tmp_path, SINCE)
    for number in range(1, 6):
        desk.put(number, number)
    first, cursor = pull_all(system)
    desk.put(6, 5)  # in the same second as the last one
    desk.put(7, 9)
    second, cursor = pull_all(system, cursor=cursor)
    asked_before = len(fake.requests)
    third, _ = pull_all(system, cursor=cursor)

    assert keys(first) == ["1", "2", "3", "4", "5"]
    assert keys(second) == ["6", "7"]
    assert third == []
    assert fake.requests[asked_before].one("since") == "2026-11-22T12:00:09Z"


def test_nothing_is_missed_where_records_change_between_two_pages(fake: HttpFake, tmp_path: Path) -> None:
    desk, system = Desk(fake), opened(fake, tmp_path, SINCE)
    for number in range(1, 8):
        desk.put(number, number)
    touched = iter(range(1, 8))

    def touch() -> None:  # what was listed moves to the end, and all others one place forward
        if (number := next(touched, None)) is not None:
            desk.put(number, 20 + number, "again")

    desk.between = touch
    records, _ = pull_all(system)

    assert {record.key for record in records} == {str(number) for number in range(1, 8)}


def test_more_records_of_one_second_than_a_page_holds_are_all_brought_in(fake: HttpFake, tmp_path: Path) -> None:
    desk, system = Desk(fake), opened(fake, tmp_path, SINCE)
    for number in range(1, 10):
        desk.put(number, 1 if number < 8 else 2)

    records, _ = pull_all(system)

    assert sorted(keys(records)) == [str(number) for number in range(1, 10)]
    assert len(records) == 9


def test_an_overlap_is_looked_at_again_and_what_has_not_changed_there_is_not_brought_in(
    fake: HttpFake, tmp_path: Path
) -> None:
    desk, system = Desk(fake), opened(fake, tmp_path, SINCE + "overlap_seconds = 5\n")
    for number in (1, 2, 8, 9):
        desk.put(number, number)
    _, cursor = pull_all(system)
    desk.put(3, 6)  # stored late, by a clock that is behind
    records, _ = pull_all(system, cursor=cursor)

    assert keys(records) == ["3"]
    assert fake.requests[-1].one("since") != ""


def test_a_listing_in_no_order_moves_on_only_when_it_was_read_to_its_end(fake: HttpFake, tmp_path: Path) -> None:
    pages = {1: tickets(3, at=30) + tickets(1, at=10), 2: tickets(2, at=20)}
    fake.on("GET", "/tickets", lambda asked: Reply({"tickets": pages.get(int(asked.one("page") or 1), [])}))
    file = SINCE.replace("ascending = true", 'read = "number"\nascending = false\nstart = 1')
    system = opened(fake, tmp_path, file)

    first = system.pull(None, 200)
    _, cursor = pull_all(system, cursor=first.cursor)

    assert "since" not in first.cursor
    assert cursor["since"] == 30
    assert [asked.one("since") for asked in fake.requests] == ["1", "1"]


def test_a_kept_cursor_begins_the_next_look(fake: HttpFake, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Reply:
        done = int(asked.one("cursor") or 0)
        assert (asked.one("start_time") is None) == (asked.one("cursor") is not None)
        listed = tickets(*range(1, len_now + 1))[done : done + 2]
        return Reply({"tickets": listed, "after": str(done + len(listed)), "end": done + len(listed) >= len_now})

    len_now = 3
    fake.on("GET", "/tickets", answer)
    file = PULL + (
        'query = { start_time = "0", cursor = "{cursor?}" }\n'
        'pages = { kind = "cursor", cursor = "after", more = "!end", keep = true, without = ["start_time"] }'
    )
    system = opened(fake, tmp_path, file)
    first, cursor = pull_all(system)
    len_now = 5
    second, cursor = pull_all(system, cursor=cursor)
    third, _ = pull_all(system, cursor=cursor)

    assert (keys(first), keys(second), keys(third)) == (["1", "2", "3"], ["4", "5"], [])


def test_a_cursor_of_another_shape_begins_at_the_beginning(fake: HttpFake, tmp_path: Path) -> None:
    Desk(fake).put(1, 1)
    system = opened(fake, tmp_path, SINCE)

    records, _ = pull_all(system, cursor={"since": [1], "position": "x", "pages": "y", "seen": {"a": 1}, "skip": -3})

    assert keys(records) == ["1"]


def test_a_cursor_holds_nothing_that_a_record_says(fake: HttpFake, tmp_path: Path) -> None:
    Desk(fake).put(1, 1, body="my number is 4711")

    _, cursor = pull_all(opened(fake, tmp_path, SINCE))

    assert "4711" not in str(cursor)
    assert "Ticket" not in str(cursor)


# ---- records -------------------------------------------------------------------------------------

EACH = (
    PULL.replace(
        'key = "id"', 'key = "join(\'-\', [to_string(id), to_string(comments[-1].id)])"\nthread = "id"'
    ).replace(
        'fields = { subject = "subject", conversation = "body" }\n',
        "skip_if = \"status == 'closed'\"\nskip_later_if = 'comments[-1].staff'\nchanged = 'comments[-1].id'\n",
    )
    + """
[pull.each.comments]
path = "/tickets/{item.id}/comments"
query = { p = "{cursor?}" }
items = "comments"
pages = { kind = "cursor", cursor = "next", most = 3 }
[pull.origin]
number = "id"
[pull.fields]
subject = "subject"
[pull.fields.conversation]
turns = "[{id: `0`, text: body, by: owner}, comments[]][]"
text = "text"
customer_if = "by == record.owner"
leave_out_if = "internal"
"""
)


def comment(number: int, by: str = "ann", text: str = "Hello?", **more: Any) -> dict[str, Any]:
    return {"id": number, "by": by, "text": text, **more}


def test_what_belongs_to_a_record_joins_it(fake: HttpFake, tmp_path: Path) -> None:
    fake.on("GET", "/tickets", Reply({"tickets": tickets(7, owner="ann", status="open")}))
    pages = {
        None: ([comment(1, "bob", "We look."), comment(2, "bob", "secret", internal=True)], "2"),
        "2": ([comment(3)], None),
    }

    def comments(asked: Asked) -> Reply:
        found, following = pages[asked.one("p")]
        return Reply({"comments": found, "next": following})

    fake.on("GET", "/tickets/7/comments", comments)

    (record,), _ = pull_all(opened(fake, tmp_path, EACH))

    assert (record.key, record.thread, record.origin) == ("7-3", "7", {"key": "7-3", "number": 7, "changed": 3})
    assert record.row["conversation"] == [
        {"from": "customer", "text": "It is late."},
        {"from": "agent", "text": "We look."},
        {"from": "customer", "text": "Hello?"},
    ]


def test_what_is_skipped_costs_no_further_request_and_what_staff_said_last_is_skipped_later(
    fake: HttpFake, tmp_path: Path
) -> None:
    listed = tickets(7, owner="ann", status="closed") + tickets(8, owner="ann", status="open")
    fake.on("GET", "/tickets", Reply({"tickets": listed}))
    fake.on("GET", "/tickets/8/comments", Reply({"comments": [comment(1, staff=True)]}))

    records, _ = pull_all(opened(fake, tmp_path, EACH))

    assert records == []
    assert [asked.path for asked in fake.requests] == ["/tickets", "/tickets/8/comments"]


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply({"error": "my number is 4711"}, 404), "HTTP 404"),
        (Reply({"comments": [comment(1)], "next": "x"}), "more comments than are read"),
    ],
)
def test_a_record_whose_comments_cannot_be_read_is_a_problem_and_the_next_one_is_read(
    fake: HttpFake, tmp_path: Path, reply: Reply, problem: str
) -> None:
    fake.on("GET", "/tickets", Reply({"tickets": tickets(7, 8, owner="ann", status="open")}))
    counted = iter("abcdefgh")
    body = reply.body
    fake.on("GET", "/tickets/7/comments", lambda asked: Reply({**body, "next": next(counted)}, reply.status))
    fake.on("GET", "/tickets/8/comments", Reply({"comments": [comment(1)]}))

    (first, second), _ = pull_all(opened(fake, tmp_path, EACH))

    assert problem in first.problem
    assert "4711" not in first.problem
    assert (second.key, second.problem) == ("8-1", "")


def test_what_was_read_is_given_before_a_failure_is_told(fake: HttpFake, tmp_path: Path) -> None:
    fake.on("GET", "/tickets", Reply({"tickets": tickets(7, 8, owner="ann", status="open")}))
    fake.on("GET", "/tickets/7/comments", Reply({"comments": [comment(1)]}))
    fake.on("GET", "/tickets/8/comments", Reply({}, 429, {"Retry-After": "60"}))
    system = opened(fake, tmp_path, EACH)

    first = system.pull(None, 200)
    with pytest.raises(TargetDown) as failed:
        system.pull(first.cursor, 200)
    sent = len(fake.requests)
    with pytest.raises(TargetDown):
        system.pull(first.cursor, 200)

    assert (keys(list(first.records)), first.more) == (["7-1"], True)
    assert 55 < (failed.value.retry_after_seconds or 0) <= 60
    assert len(fake.requests) == sent == 3  # while it wants us to wait, it is not even asked


def test_one_record_that_always_fails_does_not_hold_up_the_others(fake: HttpFake, tmp_path: Path) -> None:
    fake.on("GET", "/tickets", Reply({"tickets": tickets(7, 8, owner="ann", status="open")}))
    fake.on("GET", "/tickets/7/comments", Reply({}, 500))
    fake.on("GET", "/tickets/8/comments", Reply({"comments": [comment(1)]}))
    system = opened(fake, tmp_path, EACH)
    for _ in range(2):
        with pytest.raises(TryFailed, match="HTTP 500"):
            system.pull(None, 200)

    (first, second), _ = pull_all(system)

    assert "HTTP 500" in first.problem
    assert second.key == "8-1"


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"id": None}, "`key`"),
        ({"id": ""}, "`key`"),
        ({"id": True}, "`key`"),
        ({"id": {"a": 1}}, "`key`"),
        ({"id": "x" * 201}, "`key`"),
        ({"id": "a\nb"}, "`key`"),
        ("just a text 4711", "no JSON object"),
        (None, "no JSON object"),
    ],
)
def test_an_entry_that_is_no_record_is_a_problem_that_quotes_nothing(
    fake: HttpFake, tmp_path: Path, entry: Any, problem: str
) -> None:
    fake.on("GET", "/tickets", Reply({"tickets": [entry, *tickets(2)]}))

    (first, second), _ = pull_all(opened(fake, tmp_path, PULL))

    assert problem in first.problem
    assert first.row == {}
    assert first.key.startswith("unreadable-")
    assert "4711" not in first.key + first.problem
    assert second.key == "2"


@pytest.mark.parametrize("at", [None, "", "yesterday", True, {}, "2026-13-01T00:00:00Z"])
def test_a_record_without_a_mark_is_a_problem_and_does_not_move_the_mark(
    fake: HttpFake, tmp_path: Path, at: Any
) -> None:
    desk = Desk(fake)
    desk.put(1, 1)
    system = opened(fake, tmp_path, SINCE)
    fake.next("GET", "/tickets", Reply({"tickets": [*desk.tickets.values(), *tickets(2, at=at)]}))

    (first, second), cursor = pull_all(system)

    assert (first.key, first.problem) == ("1", "")
    assert "since.mark" in second.problem
    assert cursor["since"] == "2026-11-22T12:00:01+00:00"


def test_html_is_read_as_text_and_plain_text_is_left_as_it_is(fake: HttpFake, tmp_path: Path) -> None:
    listed = [
        {"id": 1, "type": "text/html", "body": "<p>Hello<br>you &amp; me</p><script>x</script>"},
        {"id": 2, "type": "text/plain", "body": "a < b\nc"},
    ]
    fake.on("GET", "/tickets", Reply({"tickets": listed}))
    rule = "conversation = { value = 'body', html_if = \"type == 'text/html'\" }"
    file = PULL.replace('fields = { subject = "subject", conversation = "body" }', f"fields = {{ {rule} }}")

    (first, second), _ = pull_all(opened(fake, tmp_path, file))

    assert first.row["conversation"].split("\n") == ["Hello", "you & me"]
    assert second.row["conversation"] == "a < b\nc"


def test_settling_shows_it_there_and_a_record_that_is_gone_does_not_stop_the_others(
    fake: HttpFake, tmp_path: Path
) -> None:
    open_now = {1, 2}
    fake.on("GET", "/tickets", lambda asked: Reply({"tickets": tickets(*sorted(open_now))}))
    fake.on("PUT", "/tickets/1/tags", Reply({}, 404))
    fake.on("PUT", "/tickets/2/tags", Reply({}))
    file = PULL + '[pull.settle]\nmethod = "PUT"\npath = "/tickets/{origin.key}/tags"\nbody = { add = ["taken"] }\n'
    system = opened(fake, tmp_path, file)

    records, cursor = pull_all(system)
    again, _ = pull_all(system, cursor=cursor)
    system.settle(records)

    assert keys(again) == ["1", "2"]  # they were not settled, so they are found again
    assert fake.asked("PUT", "/tickets/2/tags")[0].json == {"add": ["taken"]}
