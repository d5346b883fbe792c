"""The client towards engines, against sockets that say exactly what a test wants them to."""

import asyncio
import gzip

import pytest

from graftwork.gateway.connections import Address, BrokenOffError, NoConnectionError, Pool
from support.product import free_port

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class Engine:
    """Answers each request on a connection with the next of `answers`; `None` hangs up."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.connections = 0
        self.requests = []

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = Address.of(f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1")
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _serve(self, reader, writer):
        self.connections += 1
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            self.requests.append(head + await reader.readexactly(length))
            answer = self.answers.pop(0)
            for piece in [answer] if isinstance(answer, bytes) else answer or ():
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.01)
            if answer is None or b"Connection: close" in b"".join(answer if isinstance(answer, list) else [answer]):
                break
        writer.close()


async def ask(pool, engine):
    connection = await pool.connection(engine.address, 1)
    connection.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n", b"{}")
    return connection


def chunked(*pieces, end=b"0\r\n\r\n"):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return [head, *(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces), end]


def test_a_connection_is_used_again_after_a_whole_answer():
    async def main():
        pool = Pool()
        async with Engine(*[WHOLE] * 3, *[chunked(b"a", b"b")] * 2) as engine:
            for _ in range(3):
                connection = await ask(pool, engine)
                assert (await connection.whole(), connection.status) == (b"hello", 200)
                connection.done()
                connection.done()
            for _ in range(2):
                connection = await ask(pool, engine)
                assert await connection.whole() == b"ab"
                connection.done()
            assert engine.connections == 1
        pool.close()

    asyncio.run(main())


def test_two_exchanges_at_once_have_a_connection_each():
    async def main():
        pool = Pool()
        async with Engine(WHOLE, WHOLE) as engine:
            both = [await ask(pool, engine), await ask(pool, engine)]
            assert both[0] is not both[1]
            assert [await one.whole() for one in both] == [b"hello", b"hello"]
        pool.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello",  # the body ends with the connection
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
        [b"HTTP/1.1 200 OK\r\nContent-Len", b"gth: 5\r\nConnection: close\r\n\r\nhe", b"llo"],
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(b"hello"),
    ],
)
def test_an_answer_in_any_form_is_read_whole_and_its_connection_ended(answer):
    async def main():
        pool = Pool()
        async with Engine(answer, WHOLE) as engine:
            connection = await ask(pool, engine)
            assert (await connection.whole(), connection.status) == (b"hello", 200)
            connection.done()
            assert await (await ask(pool, engine)).whole() == b"hello"
            assert engine.connections == 2
        pool.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\nConnection: close\r\n\r\nhello",
        chunked(b"hello", end=b"Connection: close"),
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
def test_half_an_answer_or_none_is_an_error(answer):
    async def main():
        pool = Pool()
        async with Engine(answer) as engine:
            connection = await ask(pool, engine)
            with pytest.raises(BrokenOffError):
                await asyncio.wait_for(connection.whole(), 5)
            connection.done()
            assert not connection.usable
        pool.close()

    asyncio.run(main())


def test_pieces_come_as_they_are_sent_and_an_end_is_empty():
    async def main():
        pool = Pool()
        async with Engine(chunked(b"one", b"two")) as engine:
            connection = await ask(pool, engine)
            await connection.head()
            assert connection.headers[b"transfer-encoding"] == b"chunked"
            assert [await connection.piece() for _ in range(3)] == [b"one", b"two", b""]
        pool.close()

    asyncio.run(main())


def test_a_slow_reader_slows_the_engine_and_loses_nothing():
    sent = [bytes([65 + number % 26]) * 60_000 for number in range(60)]

    async def main():
        pool = Pool()
        async with Engine(chunked(*sent)) as engine:
            connection = await ask(pool, engine)
            got = await connection.piece()
            await asyncio.sleep(1)
            while piece := await connection.piece():
                assert len(piece) < 1_000_000
                got += piece
            assert got == b"".join(sent)
        pool.close()

    asyncio.run(main())


def test_words_that_nobody_asked_for_do_not_become_the_next_answer():
    async def main():
        pool = Pool()
        async with Engine([WHOLE, b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"], WHOLE) as engine:
            connection = await ask(pool, engine)
            assert await connection.whole() == b"hello"
            connection.done()
            await asyncio.sleep(0.1)
            assert await (await ask(pool, engine)).whole() == b"hello"
        pool.close()

    asyncio.run(main())


def test_an_answer_that_nobody_waits_for_ends_its_connection():
    async def main():
        pool = Pool()
        async with Engine([WHOLE[:-2], WHOLE[-2:]], WHOLE) as engine:
            (await ask(pool, engine)).done()
            assert await (await ask(pool, engine)).whole() == b"hello"
            assert engine.connections == 2
        pool.close()

    asyncio.run(main())


def test_an_address_that_takes_no_connection_says_so():
    async def main():
        with pytest.raises(NoConnectionError):
            await Pool().connection(Address.of(f"http://127.0.0.1:{free_port()}/v1"), 1)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("http://gpu.internal:8000/v1", "gpu.internal:8000", "/v1"),
        ("https://api.example.com/v1/", "api.example.com", "/v1"),
        ("https://api.example.com:8443", "api.example.com:8443", ""),
        ("http://[::1]:8080/v1", "[::1]:8080", "/v1"),
    ],
)
def test_an_address_is_read_from_a_url(url, host, path):
    address = Address.of(url)
    assert (address.host_header, address.path, address.secure) == (host, path, url.startswith("https"))
