"""The file of a webhook: who may call us and what a call says, and whom we call with what people decided."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from graftwork.core.usecase_tables import Part
from graftwork.core.zones import is_in_the_clear, zone_of
from graftwork.systems.expressions import Expression, ExpressionOrNone
from graftwork.systems.file import ConnectorFile, Push
from graftwork.systems.secret import SecretPlace
from graftwork.systems.webhook.signing import SCHEMES, Encoding, KeyForm, Scheme

_HEADER = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$"


class OwnScheme(Part):
    """How a sender signs that no preset describes."""

    header: str = Field(pattern=_HEADER, description="where the signature stands")
    signed: str = Field("{timestamp}.{body}", description="what is signed, of {id}, {timestamp} and {body}")
    encoding: Encoding = Field("hex", description="hex or base64")
    prefix: str = Field("", max_length=20, description="what stands before the signature, such as sha256=")
    timestamp_header: str = Field("", max_length=100, description="seconds since 1970, or a time as ISO 8601 has it")
    id_header: str = Field("", max_length=100, description="names the call; believed only where `signed` holds {id}")
    key_form: KeyForm = Field("text", description="text, base64, or whsec (base64 behind whsec_)")

    @model_validator(mode="after")
    def _hangs_together(self) -> "OwnScheme":
        if "{body}" not in self.signed:
            raise ValueError("`signed` must hold {body}: what is not signed, anybody may change")
        for name, header in (("timestamp", self.timestamp_header), ("id", self.id_header)):
            if f"{{{name}}}" in self.signed and not header:
                raise ValueError(f"`signed` holds {{{name}}}, so `{name}_header` must name its header")
        return self

    def scheme(self) -> Scheme:
        return Scheme(
            self.header.lower(),
            self.signed,
            self.encoding,
            self.prefix,
            self.timestamp_header.lower(),
            self.id_header.lower(),
            key_form=self.key_form,
        )


class Receive(Part):
    """Calls that we get, at POST /connect/NAME: how they are signed, and what of their JSON becomes an item."""

    secrets: tuple[SecretPlace, ...] = Field(
        min_length=1, max_length=5, description="places of the secrets; several while one is changed for another"
    )
    scheme: str = Field("standard", description=f"how calls are signed: {', '.join(SCHEMES)}, or own")
    own: OwnScheme | None = Field(None, description='with `scheme = "own"`')
    window_seconds: float = Field(
        300.0, gt=0, le=86_400, description="how far a call's timestamp may be from our clock"
    )
    max_bytes: int = Field(1_000_000, ge=100, le=50_000_000, description="a longer call is refused")
    max_depth: int = Field(40, ge=1, le=200, description="JSON that is nested deeper is refused")
    max_records: int = Field(1_000, ge=1, le=10_000, description="a call with more of them is refused")
    each: ExpressionOrNone = Field(
        "", description="where the list is, when one call brings several; else the whole call"
    )
    when: ExpressionOrNone = Field(
        "", description="only what this is true of becomes an item, such as `type == 'created'`"
    )
    key: ExpressionOrNone = Field("", description="what names the record for ever; the name of the call where empty")
    thread: ExpressionOrNone = Field("", description="what it belongs to; the key where empty")
    fields: Mapping[str, Expression] = Field({}, description="name of each input field and where it lies")

    @field_validator("scheme")
    @classmethod
    def _known(cls, scheme: str) -> str:
        if scheme not in SCHEMES and scheme != "own":
            raise ValueError(f"must be one of {', '.join(SCHEMES)}, own")
        return scheme

    @model_validator(mode="after")
    def _own_where_asked(self) -> "Receive":
        if (self.scheme == "own") != (self.own is not None):
            raise ValueError('`scheme = "own"` and the table `[receive.own]` belong together')
        return self

    def signing(self) -> Scheme:
        return self.own.scheme() if self.own is not None else SCHEMES[self.scheme]


class WebhookPush(Push):
    """Calls that we make: one signed POST for each decision, in the form that docs/how-to/connect-webhooks.md shows."""

    url: str = Field(max_length=2_000, description="where decisions are posted; https, unless it is in our own network")
    secrets: tuple[SecretPlace, ...] = Field(
        min_length=1, max_length=5, description="places of the secrets; each signs, while one is changed for another"
    )
    authorization: SecretPlace | None = Field(
        None, description="place of a whole Authorization header, where one is due"
    )
    timeout_seconds: float = Field(15.0, gt=0, le=300, description="longest wait for a connection, and for an answer")
    ca_file: str = Field("", description="certificates to trust, for a certificate authority of your own")
    name_reviewer: bool = Field(False, description="whether the call says who decided")

    @field_validator("url")
    @classmethod
    def _may_be_called(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an http or https address")
        if parts.username is not None or parts.password is not None:
            raise ValueError("must not hold a user or password; name its place in `authorization`")
        if is_in_the_clear(url, zone_of(url)):
            raise ValueError("must be https: others on the way could read what is posted")
        return url


class WebhookConnector(ConnectorFile):
    """A system that calls us, that we call, or both. There is nothing to look for, so it has no `[pull]`."""

    receive: Receive | None = None
    push: WebhookPush | None = None

    @property
    def takes_calls(self) -> bool:
        return self.receive is not None

    @model_validator(mode="after")
    def _does_something(self) -> "WebhookConnector":
        if self.pull is not None:
            raise ValueError("a webhook is called, and never looks: use `[receive]` instead of `[pull]`")
        if self.receive is None and self.push is None:
            raise ValueError("a webhook needs a table `[receive]`, a table `[push]`, or both")
        return self
