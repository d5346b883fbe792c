"""A webhook as a system: calls that come in become records, decisions go out as calls."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from graftwork.systems.contract import Cursor, Delivery, Pulled, Receipt, Record, Surroundings
from graftwork.systems.errors import CallRefused, ConnectorInvalid, Rejected
from graftwork.systems.secret import SecretPlace, read_secret
from graftwork.systems.webhook.calls import Mapper, parse_body
from graftwork.systems.webhook.event import event_body, event_headers
from graftwork.systems.webhook.file import WebhookConnector
from graftwork.systems.webhook.sending import Poster
from graftwork.systems.webhook.signing import SCHEMES, KeyForm, key_bytes, verify


class WebhookSystem:
    """Keeps nothing of a call: that a repeated one brings no second item is the work of its key."""

    def __init__(self, file: WebhookConnector, around: Surroundings) -> None:
        self._file, self._around = file, around

    def receive(self, headers: Mapping[str, str], body: bytes) -> Sequence[Record]:
        """The signature first: nothing of a call that nobody vouches for is read."""
        receive = self._file.receive
        if receive is None:
            raise CallRefused("this connector takes no calls", 404)
        if len(body) > receive.max_bytes:
            raise CallRefused(f"the call has more than {receive.max_bytes:,} bytes", 413)
        scheme = receive.signing()
        keys = self._keys(receive.secrets, scheme.key_form, "receive.secrets")
        call = verify(scheme, keys, headers, body, now=self._around.clock(), window_seconds=receive.window_seconds)
        return self._mapper.records(parse_body(body, receive.max_depth), call.name)

    def pull(self, cursor: Cursor | None, limit: int) -> Pulled:
        """Nothing: records come by `receive`."""
        del limit
        return Pulled((), cursor or {})

    def settle(self, records: Sequence[Record]) -> None:
        """The answer to the call has said so already."""

    def push(self, delivery: Delivery) -> Receipt:
        """An unsure one is simply sent again: whoever takes it knows it by its id."""
        push = self._file.push
        if push is None:
            raise Rejected("this connector makes no calls")
        now = self._around.clock()
        body = event_body(delivery, name_reviewer=push.name_reviewer)
        headers = dict(event_headers(delivery.key, body, self._signing_keys(), now))
        if push.authorization is not None:
            headers["Authorization"] = read_secret(push.authorization, self._around.folder)
        self._poster.post(body, headers, now)
        return Receipt(delivery.key)

    def check(self) -> Sequence[str]:
        found = []
        if self._file.receive is not None:
            scheme = self._file.receive.signing()
            self._keys(self._file.receive.secrets, scheme.key_form, "receive.secrets")
            window = f"within {self._file.receive.window_seconds:g} s" if scheme.has_timestamp else "of any age"
            found.append(
                f"takes calls at POST /connect/{self._file.name}, signed as {self._file.receive.scheme}, {window}"
            )
        if self._file.push is not None:
            self._signing_keys()
            found.append(f"the address to post to answers (HTTP {self._poster.look()} to a HEAD request)")
        return found

    def close(self) -> None:
        if "_poster" in self.__dict__:
            self._poster.close()

    @cached_property
    def _mapper(self) -> Mapper:
        assert self._file.receive is not None
        return Mapper(self._file.receive)

    @cached_property
    def _poster(self) -> Poster:
        push = self._file.push
        assert push is not None
        ca_file = self._around.folder / push.ca_file if push.ca_file else None
        return Poster(self._file.name, push.url, push.timeout_seconds, push.parallel, ca_file)

    def _signing_keys(self) -> list[bytes]:
        assert self._file.push is not None
        return self._keys(self._file.push.secrets, SCHEMES["standard"].key_form, "push.secrets")

    def _keys(self, places: Sequence[SecretPlace], form: KeyForm, where: str) -> list[bytes]:
        """Read for each call, so that a changed secret holds at once. Raises `SecretMissing` or `ConnectorInvalid`."""
        try:
            return [key_bytes(read_secret(place, self._around.folder), form) for place in places]
        except ValueError:
            raise ConnectorInvalid(self._file.name, where, "names a secret that is not base64 (whsec_…)") from None
