"""A system reached over HTTP, as its file describes it."""

from collections.abc import Sequence

from graftwork.systems.contract import Cursor, Delivery, Pulled, Receipt, Record, Surroundings
from graftwork.systems.errors import Rejected
from graftwork.systems.http.client import Client
from graftwork.systems.http.file import HttpConnector
from graftwork.systems.http.pulling import Puller
from graftwork.systems.http.pushing import Pusher


class HttpSystem:
    """Connections are opened by the first request and shared by all threads."""

    def __init__(self, file: HttpConnector, around: Surroundings) -> None:
        """Raises `ConnectorInvalid` where the address that the settings make is none."""
        self._probe = file.probe
        self._client = Client(file, around)
        self._puller = Puller(file.pull, self._client, around) if file.pull else None
        self._pusher = Pusher(file.push, self._client) if file.push else None

    def pull(self, cursor: Cursor | None, limit: int) -> Pulled:
        if self._puller is None:
            raise Rejected("the file has no table [pull]")
        return self._puller.pull(cursor, limit)

    def settle(self, records: Sequence[Record]) -> None:
        if self._puller is not None:
            self._puller.settle(records)

    def push(self, delivery: Delivery) -> Receipt:
        if self._pusher is None:
            raise Rejected("the file has no table [push]")
        return self._pusher.push(delivery)

    def check(self) -> Sequence[str]:
        with self._client.together((self._probe is not None) + (self._puller is not None)):
            return self._found()

    def _found(self) -> Sequence[str]:
        scheme, host, port = self._client.base.origin
        lines = [f"address {scheme}://{host}:{port}"]
        if self._probe is not None:
            answer = self._client.send(self._probe, self._client.fill(self._probe, {}))
            lines.append(f"the probe answers HTTP {answer.exchange.status}")
        if self._puller is not None:
            lines.append(self._puller.check())
        if len(lines) == 1:
            lines.append("nothing was tried: the file has neither [pull] nor [probe]")
        return lines

    def close(self) -> None:
        self._client.close()
