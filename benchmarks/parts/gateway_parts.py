"""The processes that `benchmarks.gateway` measures with: a mock provider, a bare pass-through, a load client."""

import asyncio
import itertools
import json
import random
import sys
import time
from typing import Any

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

TOKENS = 32
USAGE = {"prompt_tokens": 120, "completion_tokens": TOKENS, "total_tokens": 120 + TOKENS}


def _chunk(delta: dict[str, Any], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return b"data: " + json.dumps({**head, "choices": [choice]}).encode() + b"\n\n"


WHOLE = json.dumps(
    {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "usage": USAGE,
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "word " * TOKENS}, "finish_reason": "stop"}
        ],
    }
).encode()  # fmt: skip
PIECES = [_chunk({"content": f"word{n} "}) for n in range(TOKENS)]
LAST = _chunk({}, "stop")
COUNTS = b"data: " + json.dumps({"id": "chatcmpl-1", "choices": [], "usage": USAGE}).encode() + b"\n\n"


ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(WHOLE), WHOLE)
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


class Provider(asyncio.Protocol):
    """Answers what it knows to be a whole request. No server below it: what it takes of its core is not measured."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._waiting = b""

    def data_received(self, data: bytes) -> None:
        head, end, body = (self._waiting + data).partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        if not end or len(body) < length:
            self._waiting += data
            return
        self._waiting = b""
        if b'"stream": true' in body or b'"stream":true' in body:
            self._streaming = asyncio.get_running_loop().create_task(self._stream(body))
        else:
            self._transport.write(ANSWER)

    async def _stream(self, body: bytes) -> None:
        self._transport.write(STREAM)
        for piece in PIECES:
            self._transport.write(_in_chunk(piece))
            await asyncio.sleep(0)
        last = LAST + (COUNTS if b"include_usage" in body else b"") + b"data: [DONE]\n\n"
        self._transport.write(_in_chunk(last) + b"0\r\n\r\n")


def _in_chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def provide(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Provider, "127.0.0.1", port)
    await server.serve_forever()


def bare(upstream: str) -> Starlette:
    """What the gateway is compared with: Starlette in front, aiohttp behind, JSON parsed both ways, nothing else."""
    session: list[aiohttp.ClientSession] = []

    def client() -> aiohttp.ClientSession:
        if not session:
            session.append(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        return session[0]

    async def chat(request: Request) -> Response:
        body = json.loads(await request.body())
        data = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Authorization": "Bearer x"}
        response = await client().post(upstream + "/chat/completions", data=data, headers=headers)
        if not body.get("stream"):
            answer = json.loads(await response.read())
            return Response(json.dumps(answer), media_type="application/json")

        async def pieces() -> Any:
            async for piece in response.content.iter_any():
                yield piece

        return StreamingResponse(pieces(), media_type="text/event-stream")

    return Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])])


async def load(url: str, key: str, body: bytes, seconds: float, lanes: int) -> dict[str, Any]:
    """`lanes` connections that each ask again as soon as they are answered. Raw sockets: a client library takes more.

    Counts answers a second, the milliseconds to the first byte of the body, and to the whole.
    """
    host, _, port = url.removeprefix("http://").partition(":")
    request = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    first_ms: list[float] = []
    whole_ms: list[float] = []
    failed = 0
    end = time.perf_counter() + seconds
    # No prompt comes twice, so that nothing is answered from what was found in it before.
    head_bytes, _, tail = request.partition(b"00000000-B")
    numbers = itertools.count(random.randrange(10_000_000))

    async def lane() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 20)
        while (began := time.perf_counter()) < end:
            writer.write(b"%b%08d-B%b" % (head_bytes, next(numbers), tail))
            head = await reader.readuntil(b"\r\n\r\n")
            failed += b" 200 " not in head.split(b"\r\n", 1)[0]
            first = await _body(reader, head.lower())
            first_ms.append((first - began) * 1000)
            whole_ms.append((time.perf_counter() - began) * 1000)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(lanes)))
    elapsed = time.perf_counter() - began
    first_ms.sort()
    whole_ms.sort()
    middle = len(whole_ms) // 2
    return {
        "per_second": len(whole_ms) / elapsed,
        "count": len(whole_ms),
        "failed": failed,
        "first_p50_ms": first_ms[middle],
        "p50_ms": whole_ms[middle],
        "p99_ms": whole_ms[int(len(whole_ms) * 0.99)],
    }


async def _body(reader: asyncio.StreamReader, head: bytes) -> float:
    """Reads one body, and tells when its first byte was there."""
    if b"content-length: " in head:
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        return time.perf_counter()
    first = 0.0
    while size := int(await reader.readline(), 16):
        first = first or time.perf_counter()
        await reader.readexactly(size + 2)
    await reader.readline()
    return first


def main() -> None:
    import uvicorn

    kind, *arguments = sys.argv[1:]
    if kind == "load":
        url, key, file, seconds, lanes = arguments
        with open(file, "rb") as stream:  # noqa: PTH123 - a benchmark's own scratch file
            body = stream.read()
        import uvloop

        print(json.dumps(uvloop.run(load(url, key, body, float(seconds), int(lanes)))))
        return
    port = int(arguments[0])
    if kind == "provider":
        import uvloop

        uvloop.run(provide(port))
        return
    uvicorn.run(bare(arguments[1]), port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
