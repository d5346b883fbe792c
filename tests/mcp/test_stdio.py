"""As an assistant starts it: a process of its own, spoken to by the client of the protocol's SDK."""

import json
import select
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


@asynccontextmanager
async def connected(company, token=None) -> AsyncIterator[Client]:
    env = {**company.env, "GRAFTWORK_TOKEN": token or company.token}
    command = StdioServerParameters(command=sys.executable, args=["-m", "graftwork", "mcp"], env=env)
    async with Client(command, read_timeout_seconds=60) as client:
        yield client


def started(company, **env):
    return subprocess.Popen(
        [sys.executable, "-m", "graftwork", "mcp"],
        env={**company.env, "GRAFTWORK_TOKEN": company.token, **env},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def say(process, message):
    process.stdin.write(message if isinstance(message, str) else json.dumps(message) + "\n")
    process.stdin.flush()


def heard(process, seconds=30):
    assert select.select([process.stdout], [], [], seconds)[0], "no answer"
    return json.loads(process.stdout.readline())


def test_an_assistant_searches_submits_and_reads_what_was_decided(company):
    async def run():
        async with connected(company) as client:
            found = await client.call_tool("search_knowledge", {"question": "What does a parcel cost?"})
            made = await client.call_tool("submit_item", {"use_case": "note_reply", "fields": {"text": "Where is it?"}})
            item = made.structured_content["item_id"]
            before = await client.call_tool("read_result", {"item_id": item})
            async with anyio.create_task_group() as group:
                group.start_soon(anyio.to_thread.run_sync, company.decide, item, "It comes on Friday.")
                began = time.monotonic()
                after = await client.call_tool("read_result", {"item_id": item, "wait_seconds": 50})
            return found, made, before, after, time.monotonic() - began

    found, made, before, after, waited_seconds = anyio.run(run)
    [passage] = found.structured_content["passages"]
    assert (passage["source"], passage["document"]) == ("handbook", "handbook.md")
    assert "Ask [PERSON_1] at [MAIL_1]" in passage["text"]
    assert json.loads(found.content[0].text) == found.structured_content
    assert made.structured_content["state"] == "waiting"
    assert (before.structured_content["decided"], before.structured_content["text"]) == (False, None)
    # Without a word on privacy in its file, the text of a use case is not for a third party's model.
    assert (after.structured_content["decision"], after.structured_content["text"]) == ("edited", None)
    assert 0.5 < waited_seconds < 40


def test_tools_say_what_they_take_give_and_change(company):
    async def run():
        async with connected(company) as client:
            return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in anyio.run(run)}
    assert sorted(tools) == ["list_use_cases", "read_result", "search_knowledge", "submit_item"]
    assert [name for name, tool in tools.items() if not tool.annotations.read_only_hint] == ["submit_item"]
    for tool in tools.values():
        assert tool.title
        assert tool.description
        assert tool.input_schema["additionalProperties"] is False
        assert tool.output_schema["type"] == "object"
        assert tool.annotations.idempotent_hint
        assert not tool.annotations.destructive_hint
        assert not tool.annotations.open_world_hint


def test_errors_are_answers_and_an_unknown_tool_is_named_so(company):
    async def run():
        async with connected(company, company.make_token("reader", "items:read")) as client:
            refused = await client.call_tool("search_knowledge", {"question": "parcel"})
            wrong = await client.call_tool("read_result", {"item_id": "x' OR 1=1 --"})
            try:
                await client.call_tool("drop_items", {})
            except MCPError as error:
                return refused, wrong, error.error
        return None

    refused, wrong, unknown = anyio.run(run)
    assert refused.is_error
    assert refused.content[0].text.startswith("access.denied: this needs the scope knowledge:read")
    assert wrong.content[0].text.startswith("input.request: `item_id`: must be a UUID")
    assert (unknown.code, unknown.message) == (-32602, "there is no such tool")


def test_a_token_revoked_meanwhile_holds_for_no_further_call(company):
    async def run():
        async with connected(company, company.make_token("leaver", "items:read")) as client:
            first = await client.call_tool("list_use_cases", {})
            await anyio.to_thread.run_sync(company.call, "token", "revoke", "leaver")
            return first, await client.call_tool("list_use_cases", {})

    first, second = anyio.run(run)
    assert not first.is_error
    assert second.content[0].text.startswith("access.not_signed_in: ")


def test_many_calls_at_once_are_all_answered(company):
    async def run():
        answers = {}
        async with connected(company) as client, anyio.create_task_group() as group:

            async def submit(number):
                fields = {"text": f"Note {number}"}
                answers[number] = await client.call_tool(
                    "submit_item", {"use_case": "note_reply", "id": f"many-{number % 10}", "fields": fields}
                )

            for number in range(30):
                group.start_soon(submit, number)
        return answers

    answers = anyio.run(run)
    assert not any(answer.is_error for answer in answers.values())
    assert sum(answer.structured_content["created"] for answer in answers.values()) == 10


@pytest.mark.parametrize(
    ("token", "code"), [("", "mcp.no_token"), ("gw_wrong", "mcp.token_refused")], ids=["none", "wrong"]
)
def test_without_a_token_that_holds_it_does_not_start(company, token, code):
    process = started(company, GRAFTWORK_TOKEN=token)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (2, "")
    assert code in err
    assert "graftwork token add" in err
    assert "gw_wrong" not in err
    assert "Traceback" not in err


def test_nothing_but_the_protocol_comes_out_and_what_is_wrong_is_not_repeated(company):
    process = started(company)
    say(process, INITIALIZE)
    assert heard(process)["result"]["serverInfo"]["name"] == "graftwork"
    say(process, {"jsonrpc": "2.0", "method": "notifications/initialized"})
    say(process, "this is no JSON but a planted secret\n")
    params = {"name": 7, "arguments": "planted"}
    say(process, {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params})
    deep = '{"planted":' * 5_000 + "1" + "}" * 5_000
    params = f'{{"name": "planted", "arguments": {deep}}}'
    say(process, f'{{"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {params}}}\n')
    arguments = {"use_case": "note_reply", "fields": {"text": {"planted": "secret"}}}
    params = {"name": "submit_item", "arguments": arguments}
    say(process, {"jsonrpc": "2.0", "id": 4, "method": "tools/call", "params": params})
    answers = []
    while not answers or answers[-1].get("id") != 4:
        answers.append(heard(process))
    process.stdin.close()
    assert process.wait(10) == 0
    assert process.stdout.read() == ""
    assert all(answer["jsonrpc"] == "2.0" for answer in answers)
    assert "planted" not in process.stderr.read() + json.dumps(answers)


def test_a_closed_pipe_ends_it_with_0(company):
    process = started(company)
    say(process, INITIALIZE)
    heard(process)
    process.stdin.close()
    assert process.wait(10) == 0


def test_sigterm_ends_it_with_0_while_it_waits_for_the_next_message(company):
    process = started(company)
    say(process, INITIALIZE)
    heard(process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_a_call_at_work_ends_before_sigterm_ends_the_process(company):
    process = started(company)
    say(process, INITIALIZE)
    heard(process)
    say(process, {"jsonrpc": "2.0", "method": "notifications/initialized"})
    params = {"name": "submit_item", "arguments": {"use_case": "note_reply", "id": "last", "fields": {"text": "Last"}}}
    say(process, {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params})
    time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    stored = "from graftwork.apps.work.models import Item; print(Item.objects.filter(external_id='last').count())"
    entries = "from graftwork.apps.audit.queries import verify; verify()"
    assert company.python(f"{stored}\n{entries}") in ("0", "1")


def test_it_answers_soon_after_its_start(company):
    began = time.monotonic()
    process = started(company)
    say(process, INITIALIZE)
    heard(process)
    seconds = time.monotonic() - began
    process.stdin.close()
    process.wait(10)
    assert seconds < 15  # 1.8 s where nothing else runs; the machine of the tests does other things too
