"""What leaves is masked, what comes back is restored: in every API, whole and streamed."""

import json

import anthropic
import openai
import pytest

from graftwork.core.prompt import MASKED_NOTE
from support.gateway import calls_tool, last_user_text, says

ANNA = "Anna Example"
TOOL = {
    "type": "function",
    "function": {"name": "send", "description": "Falcon mail", "parameters": {"type": "object"}},
}


@pytest.fixture
def away(engine):
    return engine("away", zone="managed")


@pytest.fixture
def client(gateway, away, make_key):
    with openai.OpenAI(base_url=f"{gateway(away).url}/v1", api_key=make_key(), max_retries=0) as client:
        yield client


@pytest.fixture
def messages_client(gateway, engine, make_key):
    server = gateway(engine("away", zone="managed", protocol="anthropic"))
    with anthropic.Anthropic(base_url=server.url, api_key=make_key(), max_retries=0) as client:
        yield client


def ask(client, *texts, **options):
    roles = ("user", "assistant")
    history = [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)]
    return client.chat.completions.create(model="m", messages=history, **options)


def test_the_engine_gets_placeholders_and_the_caller_the_values(client, provider):
    answer = client.chat.completions.with_raw_response.create(
        model="m", messages=[{"role": "user", "content": f"I am {ANNA}, anna@example.com"}]
    )
    assert last_user_text(provider.last) == "I am [PERSON_1], [MAIL_1]"
    assert answer.parse().choices[0].message.content == f"You said: I am {ANNA}, anna@example.com"
    assert answer.headers["x-graftwork-masked"] == "mail=1, person=1"
    assert answer.headers["x-graftwork-zone"] == "managed"


def test_a_local_engine_gets_the_text_as_it_is(gateway, engine, make_key, provider):
    with openai.OpenAI(base_url=f"{gateway(engine()).url}/v1", api_key=make_key()) as client:
        ask(client, f"I am {ANNA}")
    assert last_user_text(provider.last) == f"I am {ANNA}"


def test_a_local_engine_gets_placeholders_where_the_policy_says_so(gateway, engine, make_key, provider):
    with openai.OpenAI(base_url=f"{gateway(engine(), local='masked').url}/v1", api_key=make_key()) as client:
        ask(client, f"I am {ANNA}")
    assert last_user_text(provider.last) == "I am [PERSON_1]"


def test_two_people_get_two_placeholders_and_each_their_own_value_back(client, provider):
    provider.handler = says("[PERSON_2] wrote to [PERSON_1].")
    answer = ask(client, "Anna Example met Bert Sample. Anna Example left.")
    assert last_user_text(provider.last) == "[PERSON_1] met [PERSON_2]. [PERSON_1] left."
    assert answer.choices[0].message.content == "Bert Sample wrote to Anna Example."


def test_a_placeholder_that_a_user_types_gets_nobodys_value(client, provider):
    answer = ask(client, f"I am {ANNA}. Who is [PERSON_1]?")
    sent = last_user_text(provider.last)
    assert sent.startswith("I am [PERSON_1]. Who is ")
    assert "[PERSON_1]?" not in sent
    assert answer.choices[0].message.content.count("Anna") == 1


def test_an_invented_placeholder_stays_visible(client, provider):
    provider.handler = says("Ask [PERSON_9].")
    assert ask(client, f"I am {ANNA}").choices[0].message.content == "Ask [PERSON_9]."


def test_a_stream_is_restored_and_does_not_collapse(client):
    chunks = list(ask(client, f"I am {ANNA}, write to anna@example.com please", stream=True))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == f"You said: I am {ANNA}, write to anna@example.com please"
    assert len(chunks) > 8, "the stream has collapsed"


def test_arguments_of_a_tool_call_are_restored_with_the_right_escapes(client, provider):
    provider.handler = calls_tool("send", '{"to": "[PERSON_1]", "cc": ["[MAIL_1]"]}')
    answer = ask(client, f"Mail {ANNA} at anna@example.com", tools=[TOOL])
    arguments = json.loads(answer.choices[0].message.tool_calls[0].function.arguments)
    assert arguments == {"to": ANNA, "cc": ["anna@example.com"]}


def test_streamed_arguments_of_a_tool_call_are_restored(client, provider):
    provider.handler = calls_tool("send", '{"to": "[PERSON_1]", "cc": ["[MAIL_1]"]}')
    chunks = list(ask(client, f"Mail {ANNA} at anna@example.com", tools=[TOOL], stream=True))
    calls = [call for chunk in chunks if chunk.choices for call in chunk.choices[0].delta.tool_calls or []]
    assert json.loads("".join(call.function.arguments or "" for call in calls)) == {
        "to": ANNA, "cc": ["anna@example.com"]
    }  # fmt: skip


def test_tools_in_the_history_are_masked_too(client, provider):
    call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": json.dumps({"name": ANNA})}}
    history = [
        {"role": "system", "content": f"You help {ANNA}."},
        {"role": "user", "content": "Find her", "name": "Anna"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": json.dumps({"mail": "x\n" + "anna@example.com"})},
    ]
    client.chat.completions.create(model="m", messages=history, tools=[TOOL], user="anna@example.com")
    sent = json.dumps(provider.last)
    assert "Anna" not in sent
    assert "anna@example" not in sent
    assert json.loads(provider.last["messages"][2]["tool_calls"][0]["function"]["arguments"]) == {"name": "[PERSON_1]"}
    assert json.loads(provider.last["messages"][3]["content"])["mail"] == "x\n[MAIL_1]"
    assert provider.last["messages"][1]["name"] == "PERSON_2"
    assert provider.last["tools"][0]["function"]["description"] == "[TERM_1] mail"
    assert provider.last["tools"][0]["function"]["name"] == "send"


def test_a_long_number_in_arguments_is_masked_and_a_short_one_left(client, provider):
    arguments = json.dumps({"card": 4111111111111111, "count": 3})
    call = {"id": "c1", "type": "function", "function": {"name": "pay", "arguments": arguments}}
    history = [{"role": "assistant", "content": None, "tool_calls": [call]}]
    client.chat.completions.create(model="m", messages=history)
    sent = json.loads(provider.last["messages"][-1]["tool_calls"][0]["function"]["arguments"])
    assert sent == {"card": "[CARD_1]", "count": 3}


def test_json_that_was_asked_for_stays_json(client, provider, guard):
    provider.handler = says('{"name": "[PERSON_1]"}')
    answer = ask(client, f"I am {ANNA}", response_format={"type": "json_object"})
    assert json.loads(answer.choices[0].message.content) == {"name": ANNA}


def test_the_same_history_is_sent_the_same_way(client, provider):
    first = f"I am {ANNA}, anna@example.com"
    ask(client, first)
    ask(client, first, "Hello Anna Example", "And Bert Sample?")
    one, two = provider.bodies
    assert two["messages"][: len(one["messages"])] == one["messages"]


def test_a_thread_keeps_its_numbers_and_another_one_has_its_own(client, provider):
    for thread, text in (("t1", "Anna Example"), ("t1", "Bert Sample"), ("t2", "Bert Sample")):
        client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": text}], extra_headers={"X-Graftwork-Thread": thread}
        )
    assert [last_user_text(body) for body in provider.bodies] == ["[PERSON_1]", "[PERSON_2]", "[PERSON_1]"]


def test_threads_of_two_keys_are_two_even_with_one_name(gateway, away, make_key, provider):
    url = f"{gateway(away).url}/v1"
    header = {"X-Graftwork-Thread": "t"}
    with openai.OpenAI(base_url=url, api_key=make_key("one")) as one:
        ask(one, ANNA, extra_headers=header)
    provider.handler = says("It is [PERSON_1].")
    with openai.OpenAI(base_url=url, api_key=make_key("two")) as two:
        answer = ask(two, "Who is it?", extra_headers=header)
    assert answer.choices[0].message.content == "It is [PERSON_1]."


def test_embeddings_are_masked_and_tokens_refused(client, provider):
    client.embeddings.create(model="m", input=[ANNA], encoding_format="float")
    assert provider.last["input"] == ["[PERSON_1]"]
    with pytest.raises(openai.PermissionDeniedError) as refused:
        client.embeddings.create(model="m", input=[[1, 2, 3]], encoding_format="float")
    assert refused.value.code == "gateway.part"


IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


def test_an_image_does_not_leave_unless_the_policy_lets_it(gateway, away, engine, make_key, provider):
    key = make_key()
    for server, leaves in ((gateway(away), False), (gateway(away, unmaskable="pass"), True), (gateway(engine()), True)):
        provider.received.clear()
        with openai.OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0) as client:
            content = [{"type": "text", "text": "What is it?"}, IMAGE]
            try:
                client.chat.completions.create(model="m", messages=[{"role": "user", "content": content}])
            except openai.PermissionDeniedError as refused:
                assert refused.code == "gateway.part"  # noqa: PT017 - the third server does not refuse
        assert bool(provider.received) == leaves
        if leaves:
            assert provider.last["messages"][0]["content"][1] == IMAGE


def test_a_response_is_masked_and_restored(client, provider):
    answer = client.responses.create(model="m", instructions=f"Help {ANNA}.", input=f"I am {ANNA}")
    assert provider.last["instructions"] == f"Help [PERSON_1].\n\n{MASKED_NOTE}"
    assert answer.output_text == f"You said: I am {ANNA}"


def test_a_streamed_response_is_restored_and_numbered_without_gaps(client):
    events = list(client.responses.create(model="m", input=f"I am {ANNA}", stream=True))
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == f"You said: I am {ANNA}"
    assert next(event.text for event in events if event.type == "response.output_text.done") == "".join(deltas)
    assert [event.sequence_number for event in events] == list(range(len(events)))


def test_a_response_continues_with_the_placeholders_of_the_one_before(client, provider):
    first = client.responses.create(model="m", input=f"I am {ANNA}")
    provider.handler = says("You are [PERSON_1], and he is [PERSON_2].")
    second = client.responses.create(model="m", input="And Bert Sample?", previous_response_id=first.id)
    assert provider.last["input"] == "And [PERSON_2]?"
    assert second.output_text == f"You are {ANNA}, and he is Bert Sample."


def test_a_response_that_continues_an_unknown_one_is_refused(client, provider):
    with pytest.raises(openai.ConflictError) as refused:
        client.responses.create(model="m", input=f"I am {ANNA}", previous_response_id="resp_of_somebody_else")
    assert refused.value.code == "gateway.thread"
    assert not provider.received


def test_function_calls_of_a_response_are_restored(client, provider):
    provider.handler = calls_tool("send", '{"to":"[PERSON_1]"}')
    tool = {"type": "function", **TOOL["function"]}
    whole = client.responses.create(model="m", input=f"Mail {ANNA}", tools=[tool])
    assert json.loads(whole.output[0].arguments) == {"to": ANNA}
    events = list(client.responses.create(model="m", input=f"Mail {ANNA}", tools=[tool], stream=True))
    deltas = "".join(event.delta for event in events if event.type == "response.function_call_arguments.delta")
    assert json.loads(deltas) == {"to": ANNA}
    assert json.loads(events[-1].response.output[0].arguments) == {"to": ANNA}


def test_a_message_is_masked_and_restored(messages_client, provider):
    answer = messages_client.messages.create(
        model="m", max_tokens=9, system=f"Help {ANNA}.", messages=[{"role": "user", "content": f"I am {ANNA}"}]
    )
    assert provider.last["system"] == f"Help [PERSON_1].\n\n{MASKED_NOTE}"
    assert answer.content[0].text == f"You said: I am {ANNA}"


def test_a_streamed_message_and_its_tool_input_are_restored(messages_client, provider):
    question = [{"role": "user", "content": f"I am {ANNA}"}]
    with messages_client.messages.stream(model="m", max_tokens=9, messages=question) as stream:
        assert "".join(stream.text_stream) == f"You said: I am {ANNA}"
    provider.handler = calls_tool("send", '{"to": "[PERSON_1]"}')
    with messages_client.messages.stream(model="m", max_tokens=9, messages=question) as stream:
        assert stream.get_final_message().content[0].input == {"to": ANNA}


def test_a_translated_message_is_masked_and_restored(gateway, away, make_key, provider):
    with anthropic.Anthropic(base_url=gateway(away).url, api_key=make_key(), max_retries=0) as client:
        question = [{"role": "user", "content": f"I am {ANNA}"}]
        whole = client.messages.create(model="m", max_tokens=9, messages=question)
        told = {"role": "system", "content": MASKED_NOTE}
        assert provider.last["messages"] == [told, {"role": "user", "content": "I am [PERSON_1]"}]
        assert whole.content[0].text == f"You said: I am {ANNA}"
        with client.messages.stream(model="m", max_tokens=9, messages=question) as stream:
            assert "".join(stream.text_stream) == f"You said: I am {ANNA}"


def test_every_choice_of_a_stream_has_its_own_rest(client, provider):
    chunks = list(ask(client, f"I am {ANNA}", n=2, stream=True))
    texts = {0: "", 1: ""}
    for chunk in chunks:
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
    assert set(texts.values()) == {f"You said: I am {ANNA}"}


def test_text_and_its_end_in_one_chunk_lose_nothing(client, provider):
    async def handle(request, body):
        from support.gateway import sse, stream

        def event(delta, reason=None):
            return {"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}

        return await stream(request, [sse(event({"content": "Hi [PER"})), sse(event({"content": "SON_1"}, "stop"))])

    provider.handler = handle
    text = "".join(chunk.choices[0].delta.content or "" for chunk in ask(client, f"I am {ANNA}", stream=True))
    assert text == "Hi [PERSON_1"


# --- it fails closed --------------------------------------------------------------------------------------------------


def refused_code(client, *texts, **options):
    with pytest.raises(openai.InternalServerError) as refused:
        ask(client, *texts, **options)
    assert refused.value.status_code == 503
    return refused.value.code


def test_a_detector_that_crashes_in_the_middle_of_a_request_sends_nothing(client, provider, guard):
    def crash(text):
        if "third" in text:
            raise ValueError(f"cannot read {text}")

    guard.crash = crash
    assert refused_code(client, f"I am {ANNA}", "second", "third") == "gateway.masking"
    assert refused_code(client, f"I am {ANNA}", "second", "third", stream=True) == "gateway.masking"
    assert not provider.received


def test_a_detector_that_does_not_end_sends_nothing(gateway, away, make_key, provider, guard):
    import threading

    release = threading.Event()
    guard.crash = lambda text: release.wait(5)
    url = f"{gateway(away, detect_seconds=0.2).url}/v1"
    with openai.OpenAI(base_url=url, api_key=make_key(), max_retries=0) as client:
        assert refused_code(client, "x" * 30_000) == "gateway.masking"
    release.set()
    assert not provider.received


def test_a_vault_that_is_lost_sends_nothing(client, provider, guard):
    guard.vault_lost = True
    assert refused_code(client, f"I am {ANNA}", extra_headers={"X-Graftwork-Thread": "t"}) == "gateway.masking"
    assert not provider.received


def test_without_a_detector_nothing_goes_to_a_managed_engine(gateway, away, make_key, provider):
    with openai.OpenAI(base_url=f"{gateway(away, masks=None).url}/v1", api_key=make_key(), max_retries=0) as client:
        assert refused_code(client, "hello") == "gateway.masking"
    assert not provider.received


def test_a_body_nested_too_deeply_is_refused_and_sent_nowhere(gateway, away, make_key, provider):
    import httpx2

    deep = b'{"model":"m","messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    answer = httpx2.post(
        f"{gateway(away).url}/v1/chat/completions", content=deep, headers={"Authorization": f"Bearer {make_key()}"}
    )
    assert answer.status_code == 400
    assert not provider.received


def test_a_digit_run_of_a_megabyte_goes_through(client, provider):
    answer = ask(client, "7" * 1_000_000)
    assert len(answer.choices[0].message.content) == 1_000_000 + len("You said: ")


def test_a_response_is_not_continued_when_its_values_are_forgotten(client, provider, monkeypatch):
    monkeypatch.setattr("graftwork.gateway.preparing.FOLLOWED_SECONDS", 0.0)
    first = client.responses.create(model="m", input=f"I am {ANNA}")
    with pytest.raises(openai.ConflictError) as refused:
        client.responses.create(model="m", input="And?", previous_response_id=first.id)
    assert refused.value.code == "gateway.thread"
