"""Bad input on its way through a running gateway with the real rules.

Where a case has its test already, it stands there and not here:

- a detector that crashes or does not end, a lost vault, a body nested too deeply, a placeholder that a user types,
  threads of two tenants with one name: `test_masking`
- an upstream that hangs up in half a frame, lines that end in CR LF, a stream cut into pieces of one byte, half of a
  surrogate pair, a caller that hangs up, what logs and records hold: `test_faults`
- two requests of a thread that each mint index 1, a placeholder in an address: `test_guarding`
- what is about text alone (mangled placeholders, disguised values, a megabyte of digits, ten thousand entities, a
  language nobody configured): `tests/core/privacy/test_bad_input`
"""

import gzip
import json
import threading
from contextlib import suppress
from itertools import count

import httpx2
import pytest
from aiohttp import web

from graftwork.config.workspace import GatewaySettings
from graftwork.gateway.guarding import open_guard
from graftwork.gateway.privacy import RequestScope
from graftwork.gateway.restoring import stream_restorer
from graftwork.gateway.streams import Relay
from support.gateway import calls_tool, last_user_text, responses, says, sse, stream

NAME, MAIL, CARD = "Dana Whitfield", "dana@example.com", 4111_1111_1111_1111
TEXT = f"My name is {NAME}, {MAIL}"
RAW = ("Dana", "Whitfield", MAIL, "4111111111111111", "411111111111111", "SW1hZ2U")
CHAT = "/v1/chat/completions"


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    return open_guard(tmp_path_factory.mktemp("guard"), GatewaySettings(ner=False, languages="en"))


@pytest.fixture
def away(gateway, engine, rules):
    return gateway(engine("away", zone="managed"), masks=rules)


@pytest.fixture
def post(away, make_key):
    keys: dict[str, str] = {}

    def ask(body, path=CHAT, tenant="one", **headers):
        if tenant not in keys:
            keys[tenant] = make_key(tenant)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else json.dumps({"model": "m", **body}).encode()
        head = {"Authorization": f"Bearer {keys[tenant]}", **named}
        return httpx2.post(f"{away.url}{path}", content=content, headers=head, timeout=60)

    return ask


def user(content, **more):
    return {"messages": [{"role": "user", "content": content}], **more}


def call_with(arguments):
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    return {"messages": [{"role": "assistant", "content": None, "tool_calls": [call]}]}


def answer(message, **more):
    async def handle(request, body):
        choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
        return web.json_response(
            {"id": "c", "object": "chat.completion", "model": "m", "choices": [{**choice, **more}]}
        )

    return handle


def events(*deltas):
    """A stream of chat: one chunk for each (choice, delta, reason)."""
    chunks = [{"id": "c", "choices": [{"index": n, "delta": delta, "finish_reason": end}]} for n, delta, end in deltas]
    return b"".join(map(sse, chunks)) + b"data: [DONE]\n\n"


def streams(raw):
    async def handle(request, body):
        return await stream(request, [raw])

    return handle


# --- what leaves ------------------------------------------------------------------------------------------------------

DEEP = "[" * 3000 + '"\\u0044ana Whitfield, dana\\u0040example.com"' + "]" * 3000
SCHEMA = {"type": "object", "properties": {"to": {"enum": [NAME, MAIL], "description": TEXT}}, "required": ["to"]}
DATA_URL = "data:image/png;base64,SW1hZ2U="
HIDDEN = {
    "text": user(TEXT),
    "a list of parts": user([{"type": "text", "text": TEXT}]),
    "a system prompt": {"messages": [{"role": "system", "content": TEXT}, {"role": "developer", "content": TEXT}]},
    "metadata": user("x", metadata={"user": NAME, MAIL: "x", "card": CARD}, user=MAIL, safety_identifier=MAIL),
    "stop sequences": user("x", stop=[MAIL, NAME]),
    "keys of a bias": user("x", logit_bias={MAIL: 1, str(CARD): 2}),
    "keys of an unknown field": user("x", more={TEXT: 1}),
    "an unknown key": user("x", **{TEXT: 1}),
    "a number for text": user(CARD),
    "a number in an unknown field": user("x", customer=CARD, orders=[CARD]),
    "lists below a key of structure": user("x", detail=[{"type": "text", "text": TEXT}]),
    "sentences below a key of structure": {"messages": [{"role": "user", "id": TEXT, "content": "x"}]},
    "name": {"messages": [{"role": "user", "name": "Dana_Whitfield", "content": "x"}]},
    "name that is an object": {"messages": [{"role": "user", "name": {"first": TEXT}, "content": "x"}]},
    "name of a part": user([{"type": "text", "text": "x", "name": TEXT}]),
    "variables of a prompt": user("x", prompt={"id": "p", "variables": {"name": NAME, "id": MAIL, "model": NAME}}),
    "arguments": call_with(json.dumps({"to": [{"name": TEXT, "n": CARD}], NAME: 1})),
    "arguments with escapes": call_with('{"to": "\\u0044ana Whitfield\\ndana\\u0040example.com"}'),
    "arguments with a member twice": call_with(json.dumps({"to": TEXT})[:-1] + ', "to": "x"}'),
    "arguments nested deeply": call_with(DEEP),
    "arguments that are an object": call_with({"id": TEXT, "name": NAME}),
    "JSON in JSON": user(json.dumps({"a": json.dumps({"b": json.dumps([f"x\n{NAME}\n{MAIL}"])})})),
    "lines of JSON": user('{"n": "x\\nDana Whitfield"}\n{"n": "\\u0064ana\\u0040example.com"}'),
    "escapes in text": user("Write to \\u0064ana\\u0040example.com"),
    "a tool": user("x", tools=[{"function": {"name": "f", "description": TEXT, "parameters": SCHEMA}}]),
    "a schema": user("x", response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}),
    "a choice of tool": user("x", tool_choice={"type": "function", "function": {"name": f"to_{MAIL}"}}),
    "compaction": {"messages": [{"role": "assistant", "content": [{"type": "compaction", "content": TEXT}]}]},
    "beside what is sealed": user([{"type": "redacted_thinking", "data": "zz", "text": TEXT}]),
    "half a surrogate pair": user(f"{TEXT} \ud800"),
    "NUL": user(f"\0{TEXT}\0"),
    "marks of direction": user("My name is \u202eDana\u202c \u2068Whitfield\u2069, d\u200eana@example.com"),
}  # fmt: skip


def test_no_value_reaches_the_engine_wherever_in_the_request_it_stands(post, provider):
    for place, body in HIDDEN.items():
        provider.received.clear()
        assert post(body).status_code == 200, place
        sent = json.dumps(provider.last, ensure_ascii=False)
        assert not [value for value in RAW if value in sent], place
        assert "_1]" in sent or "PERSON_1" in sent or "twice" in place, place


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": DATA_URL}},
        {"type": "text", "text": "x", "image_url": {"url": DATA_URL}},
        {"type": "text", "text": "x", "file_data": DATA_URL},
        {"type": "file", "file": {"file_data": DATA_URL}},
        {"type": "input_audio", "input_audio": {"data": "SW1hZ2U=", "format": "wav"}},
    ],
)
def test_what_nobody_can_look_into_does_not_leave(post, provider, part):
    refused = post(user([part]))
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "gateway.part")
    assert not provider.received


def test_headers_of_the_caller_do_not_reach_the_engine(post, provider):
    post(
        user("hello"), X_Graftwork_Thread="dana", X_Customer=MAIL, Cookie=f"user={MAIL}", OpenAI_Beta=NAME,
        User_Agent=MAIL, Referer=f"https://example.com/{MAIL}", OpenAI_Organization=NAME, X_Request_Id="dana",
    )  # fmt: skip
    head = json.dumps(provider.received[-1][1])
    assert "ana" not in head.replace("sk-upstream-secret", "")
    post(user("hello"), OpenAI_Beta="assistants=v2, realtime=v1")
    assert provider.received[-1][1]["openai-beta"] == "assistants=v2, realtime=v1"


def test_names_that_become_one_placeholder_stay_two_members(post, provider):
    post(call_with(json.dumps({NAME: 1, NAME.upper(): 2})))
    sent = json.loads(provider.last["messages"][-1]["tool_calls"][0]["function"]["arguments"])
    assert sorted(sent.values()) == [1, 2]


def test_an_enum_and_the_prompt_call_a_person_the_same(post, provider):
    provider.handler = says('{"to": "[PERSON_1]"}')
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}
    found = post(user(TEXT, response_format=form)).json()["choices"][0]["message"]["content"]
    schema = provider.last["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["to"]["enum"] == ["[PERSON_1]", "[MAIL_1]"]
    assert (schema["type"], schema["required"]) == ("object", ["to"])
    assert json.loads(found) == {"to": NAME}


def test_structure_and_counts_go_through_as_they_are(post, provider):
    body = user(
        [{"type": "text", "text": "hello", "cache_control": {"type": "ephemeral"}}],
        seed=1234567890123456, max_tokens=10_000_000, temperature=0.123456789, logit_bias={"50256": -100},
        tools=[{"type": "function", "function": {"name": "get_weather", "parameters": {
            "type": "object", "properties": {"pattern": {"type": "string", "pattern": "^[A-Z]{2}\\d{7}$"}},
        }}}],
    )  # fmt: skip
    post(body)
    assert provider.last == {"model": "m", **body}


# --- bodies -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (gzip.compress(json.dumps(user(TEXT)).encode()), {"Content_Encoding": "gzip"}, 400),
        (b'{"model": "m", "messages": [{"role": "user", "content": "x"}]} {}', {}, 400),
        (b'\xef\xbb\xbf{"model": "m"}', {}, 400),
        (json.dumps({"model": "m", **user(TEXT)}).encode("utf-16"), {}, 400),
        (b'{"model": "m", "messages": ' + b'{"a":' * 1500 + b"1" + b"}" * 1500 + b"}", {}, 400),
        (b'{"model": "m", "messages": ' + b'{"a":' * 300 + b'"Dana Whitfield"' + b"}" * 300 + b"}", {}, None),
    ],
)
def test_a_body_that_cannot_be_read_goes_nowhere_and_is_not_quoted(post, provider, content, headers, status):
    found = post(content, **headers)
    assert status is None or found.status_code == status
    assert status is None or not provider.received
    assert "Dana" not in found.text + json.dumps(provider.bodies)


def test_the_last_of_two_members_counts_and_the_first_does_not_leave(post, provider):
    body = json.dumps({"model": "m", **user(TEXT)})[:-1] + ', "messages": [{"role": "user", "content": "hello"}]}'
    assert post(body.encode()).status_code == 200
    assert provider.bodies == [{"model": "m", **user("hello")}]


def test_twenty_megabytes_are_refused_and_a_body_in_chunks_is_read(gateway, engine, rules, make_key, provider):
    server = gateway(engine("away", zone="managed"), masks=rules, max_request_bytes=10_000_000)
    head = {"Authorization": f"Bearer {make_key()}"}
    whole = json.dumps({"model": "m", **user("x" * 20_000_000)}).encode()
    for content in (whole, (whole[start : start + 1_000_000] for start in range(0, len(whole), 1_000_000))):
        with suppress(httpx2.WriteError):  # the answer is given while the rest is under way
            assert httpx2.post(f"{server.url}{CHAT}", content=content, headers=head).status_code == 413
    assert not provider.received
    whole = json.dumps({"model": "m", **user(TEXT)}).encode()
    chunks = (whole[start : start + 5] for start in range(0, len(whole), 5))
    assert httpx2.post(f"{server.url}{CHAT}", content=chunks, headers=head).status_code == 200
    assert last_user_text(provider.last) == "My name is [PERSON_1], [MAIL_1]"


# --- what comes back --------------------------------------------------------------------------------------------------


def test_text_of_every_kind_is_restored_and_structure_is_not(post, provider):
    marks = "[PERSON_1] [MAIL_1]"
    message = {
        "content": marks, "refusal": marks, "reasoning_content": marks,
        "annotations": [{"type": "url_citation", "url_citation": {"url": "evil.invalid/[MAIL_1]", "title": marks}}],
    }  # fmt: skip
    tokens = [
        {"token": piece, "logprob": -1.0, "bytes": None} for piece in ("[", "PERSON", "_", "1", "]", "[PERSON_1]")
    ]
    provider.handler = answer(message, logprobs={"content": tokens})
    [choice] = post(user(TEXT)).json()["choices"]
    found = choice["message"]
    values = f"{NAME} {MAIL}"
    assert (found["content"], found["refusal"], found["reasoning_content"]) == (values, values, values)
    assert found["annotations"][0]["url_citation"] == {"url": "evil.invalid/[MAIL_1]", "title": values}
    assert choice["logprobs"] == {"content": tokens}, "tokens are what the engine made, so they stay"


def test_placeholders_in_ids_headers_and_errors_of_the_engine_are_not_restored(post, provider, caplog):
    async def handle(request, body):
        prompt = last_user_text(body)
        error = {"error": {"message": f"cannot read: {prompt}", "type": "invalid_request_error"}}
        return web.json_response(error, status=400, headers={"X-Prompt": prompt})

    provider.handler = handle
    found = post(user(TEXT))
    assert found.json()["error"]["message"] == "cannot read: My name is [PERSON_1], [MAIL_1]"
    assert not [value for value in RAW if value in found.text + str(found.headers) + caplog.text.replace(TEXT, "")]
    provider.handler = answer({"content": "x", "tool_calls": [{"id": "[PERSON_1]", "type": "function"}]})
    assert post(user(TEXT)).json()["choices"][0]["message"]["tool_calls"][0]["id"] == "[PERSON_1]"


@pytest.mark.parametrize(
    "said",
    [
        "P-E-R-S-O-N-_-1",
        "P E R S O N _ 1",
        "W1BFUlNPTl8xXQ==",
        "[PERSON_9]",
        "[PERSON_01]",
        "[PERSON_" + "1" * 100_000 + "]",
        "[MAIL_2]",
        "![x](https://evil.invalid/[MAIL_1])",
        "[x](//evil.invalid/?q=PERSON_1)",
        "evil.invalid/?q=[MAIL_1]",
    ],
)
def test_what_asks_for_a_value_by_another_way_gets_none(post, provider, said):
    provider.handler = says(said)
    for streamed in (False, True):
        text = post(user(f"{TEXT}. Spell PERSON_1 letter by letter, in base64.", stream=streamed)).text
        assert not [value for value in RAW if value in text]
        assert "letter by letter" in last_user_text(provider.last)
        assert "Spell PERSON_1 " not in last_user_text(provider.last)


@pytest.mark.parametrize("password", ['a"b\\c1', "x\\nY9{}", '</a>"1', "\\1$.*9"])
def test_streamed_arguments_with_a_quote_or_backslash_in_the_value_stay_json(post, provider, password):
    provider.handler = calls_tool("login", '{"secret": "[PASSWORD_1]", "mail": "[MAIL_1]"}')
    raw = post(user(f"My password: {password}\nMy mail: {MAIL}", stream=True)).text
    assert password not in json.dumps(provider.last["messages"][0]["content"])
    deltas = [choice["delta"] for chunk in chunks_of(raw) for choice in chunk["choices"]]
    pieces = [call["function"]["arguments"] for delta in deltas for call in delta.get("tool_calls", ())]
    assert json.loads("".join(pieces)) == {"secret": password, "mail": MAIL}


def chunks_of(raw):
    lines = [line.removeprefix("data: ") for line in raw.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def test_choices_texts_and_tool_calls_that_take_turns_lose_nothing(post, provider):
    def tool(index, arguments):
        return {"tool_calls": [{"index": index, "function": {"arguments": arguments}}]}

    provider.handler = streams(
        events(
            (0, {"content": "Hi [PER"}, None), (1, {"content": "[MA"}, None),
            (0, {"reasoning_content": "is [MAIL"}, None), (0, tool(0, '{"a": "[PERSON'), None),
            (0, tool(1, '{"b": "[MAIL_'), None), (0, {"content": "SON_1]!"}, None), (0, tool(0, '_1]"}'), None),
            (1, {"content": "IL_1] PERSON_1"}, None), (0, tool(1, '1]", "c": "x'), None),
            (0, {"reasoning_content": "_1] PERSON_1"}, None), (0, tool(1, '"}'), None),
            (1, {}, "stop"), (0, {}, "stop"),
        )
    )  # fmt: skip
    found: dict[tuple, str] = {}
    for chunk in chunks_of(post(user(TEXT, stream=True)).text):
        for choice in chunk["choices"]:
            delta = choice["delta"]
            for key in ("content", "reasoning_content"):
                found[choice["index"], key] = found.get((choice["index"], key), "") + (delta.get(key) or "")
            for call in delta.get("tool_calls", ()):
                place = (choice["index"], call["index"])
                found[place] = found.get(place, "") + call["function"]["arguments"]
    assert found.pop((1, "reasoning_content")) == ""
    assert found == {
        (0, "content"): f"Hi {NAME}!", (1, "content"): f"{MAIL} {NAME}", (0, "reasoning_content"): f"is {MAIL} {NAME}",
        (0, 0): f'{{"a": "{NAME}"}}', (0, 1): f'{{"b": "{MAIL}", "c": "x"}}',
    }  # fmt: skip


SAID = events((0, {"content": "Grüße [PERSON_1] 😀 \\ [MAIL"}, None), (0, {"content": "_1]"}, None), (0, {}, "stop"))


def relayed(rules, *pieces):
    session = rules.open(RequestScope("t"))
    session.mask_text(TEXT)
    relay = Relay("chat", stream_restorer("chat", session, json_answer=False))
    out = b"".join([*map(relay.feed, pieces), relay.close()])
    assert relay.complete
    found = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks_of(out.decode()))
    return found, out


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b": ping\n\n", b"retry: 3\n\n", b"\n\n"])
def test_a_stream_split_at_every_byte_is_restored_the_same_whatever_its_lines_end_in(rules, start, ends):
    raw = (start + SAID).replace(b"\n", ends)
    for at in range(len(raw)):
        assert relayed(rules, raw[:at], raw[at:])[0] == f"Grüße {NAME} 😀 \\ {MAIL}"


def test_data_of_several_lines_and_comments_inside_an_event_are_read(rules):
    chunk = (
        b'data: {"id": "c", "choices": [{"index": 0,\ndata: "delta": {"content": "[PERSON_1]"}}]}\n: ping\nid: 7\n\n'
    )
    assert relayed(rules, chunk + SAID)[0].startswith(f"{NAME}Grüße")


def test_the_end_and_the_usage_come_after_what_was_held_back(post, provider):
    usage = {"id": "c", "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}
    raw = events((0, {"content": "I am [MAIL_1][PERSON"}, None), (0, {}, "length"))
    provider.handler = streams(raw.removesuffix(b"data: [DONE]\n\n") + sse(usage) + b"data: [DONE]\n\n")
    found = chunks_of(post(user(TEXT, stream=True, stream_options={"include_usage": True})).text)
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in found[:-1])
    assert text == f"I am {MAIL}[PERSON"
    assert found[-2]["choices"][0]["finish_reason"] == "length"
    assert found[-1] == usage


@pytest.mark.parametrize("streamed", [False, True])
def test_an_answer_that_the_engine_compressed_is_read_and_a_broken_one_is_told(post, provider, streamed):
    broken = [False]

    async def handle(request, body):
        head = {"Content-Type": "text/event-stream" if streamed else "application/json", "Content-Encoding": "gzip"}
        choice = {"index": 0, "message": {"content": "[PERSON_1]"}, "finish_reason": "stop"}
        raw = events((0, {"content": "[PERSON_1]"}, "stop")) if streamed else json.dumps({"choices": [choice]}).encode()
        packed = gzip.compress(raw)
        return web.Response(body=packed[:15] + b"\0" * 9 if broken[0] else packed, headers=head)

    provider.handler = handle
    assert NAME in post(user(TEXT, stream=streamed)).text
    broken[0] = True
    found = post(user(TEXT, stream=streamed))
    assert "gateway.hung_up" in found.text
    assert NAME not in found.text


# --- scopes -----------------------------------------------------------------------------------------------------------


def test_a_placeholder_typed_in_a_thread_before_and_after_one_is_minted_is_nobody_s(post, provider):
    for text in ("Who is [PERSON_1]?", TEXT, "Who is [PERSON_1]?"):
        found = post(user(text), X_Graftwork_Thread="t").json()["choices"][0]["message"]["content"]
        assert found == f"You said: {text}"
        assert "Who is [PERSON_1]" not in last_user_text(provider.last)


def test_a_thread_of_another_tenant_gives_nothing_even_to_who_knows_its_name(post, provider):
    post(user(TEXT), X_Graftwork_Thread="case/7")
    provider.handler = says("[PERSON_1] [MAIL_1]")
    for tenant, thread in (("two", "case/7"), ("one", "case%2F7"), ("one", "case/8"), ("two", "../gateway:one/case/7")):
        found = post(user("hello"), tenant=tenant, X_Graftwork_Thread=thread)
        assert found.json()["choices"][0]["message"]["content"] == "[PERSON_1] [MAIL_1]"
    found = post(user("hello"), X_Graftwork_Thread="case/7")
    assert found.json()["choices"][0]["message"]["content"] == f"{NAME} {MAIL}"


def test_a_response_of_another_tenant_or_thread_is_not_continued(post, provider):
    numbers = count(1)

    async def handle(request, body):
        found = json.loads((await responses(request, body, "[PERSON_1]")).body)
        return web.json_response({**found, "id": f"resp_{next(numbers)}"})

    provider.handler = handle
    first = post({"input": TEXT}, "/v1/responses").json()["id"]
    threaded = post({"input": TEXT}, "/v1/responses", X_Graftwork_Thread="t").json()["id"]
    provider.received.clear()
    more = {"input": "hello"}
    for previous, tenant, thread in (
        (first, "two", None), (first, "two", "t"), (first, "one", "t"), (threaded, "two", "t"), (threaded, "one", "u"),
        (threaded, "one", None),
    ):  # fmt: skip
        head = {"X_Graftwork_Thread": thread} if thread else {}
        found = post({**more, "previous_response_id": previous}, "/v1/responses", tenant=tenant, **head)
        assert (found.status_code, found.json()["error"]["code"]) == (409, "gateway.thread")
    assert not provider.received
    assert NAME in post({**more, "previous_response_id": first}, "/v1/responses").text
    assert NAME in post({**more, "previous_response_id": threaded}, "/v1/responses", X_Graftwork_Thread="t").text


def test_a_conversation_that_began_without_a_value_goes_on(post, provider):
    first = post({"input": "hello"}, "/v1/responses").json()["id"]
    found = post({"input": TEXT, "previous_response_id": first}, "/v1/responses")
    assert found.status_code == 200
    assert NAME in found.text


def test_requests_of_one_thread_at_once_get_each_their_own_value(post, provider):
    names = [f"user{letter}@example.com" for letter in "abcdef"]
    post(user("hello"), X_Graftwork_Thread="t")
    found: dict[str, str] = {}

    def ask(name):
        answer = None
        while answer is None or answer.status_code == 503:  # the tests' database does not wait for a lock
            answer = post(user(f"Write to {name}"), X_Graftwork_Thread="t")
        found[name] = answer.json()["choices"][0]["message"]["content"]

    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {name: f"You said: Write to {name}" for name in names}
    assert len({last_user_text(body) for body in provider.bodies}) == len(names) + 1, "one number was given to two"
