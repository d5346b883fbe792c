"""The tables that describe a system reached over HTTP. How they become a connector stands in `file`."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from graftwork.core.errors import did_you_mean
from graftwork.core.usecase_tables import Part
from graftwork.systems.expressions import Expression
from graftwork.systems.http import marks
from graftwork.systems.http.templates import parse, templates_in

Meaning = Literal["denied", "down", "failed", "conflict", "rejected", "already"]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
MEBIBYTE = 1024 * 1024


def _check_template(source: str) -> str:
    parse(source)
    return source


def _check_body(body: Any) -> Any:
    for _, source in templates_in(body):
        parse(source)
    if _has_toml_date(body):
        raise ValueError("holds a date without quotes; write it as a text")
    return body


def _has_toml_date(body: Any) -> bool:
    children = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return isinstance(body, date | datetime | time) or any(_has_toml_date(child) for child in children)


def _check_header_name(name: str) -> str:
    if not name or not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
        raise ValueError("must be the name of a header")
    return name


TemplateText = Annotated[str, AfterValidator(_check_template)]


def _check_secret_setting(source: str) -> str:
    parts = parse(source).parts
    if parts and (len(parts) != 1 or isinstance(parts[0], str) or parts[0].root != "setting" or parts[0].filters):
        raise ValueError("must be {setting.NAME} and nothing else, the name of a secret setting")
    return source


SecretSetting = Annotated[str, AfterValidator(_check_secret_setting)]
BodyTemplate = Annotated[Any, AfterValidator(_check_body)]
HeaderName = Annotated[str, AfterValidator(_check_header_name)]
Statuses = tuple[Annotated[int, Field(ge=300, le=599)], ...]

EVERYWHERE = frozenset({"setting", "now"})
OF_A_RECORD = frozenset({"item"})
OF_STORED = frozenset({"key", "thread", "origin"})
OF_PAGES = frozenset({"since", "cursor", "page", "offset", "page_items"})
OF_A_DELIVERY = frozenset(
    {"key", "event", "use_case", "external_id", "thread", "decision", "decided_at", "text", "values", "origin",
     "reason", "note", "reviewer"}
)  # fmt: skip


class About(Part):
    """What the system is, for people."""

    title: str = Field(max_length=80, description="what the system is called")
    description: str = Field("", max_length=500, description="what comes in and what goes back")
    docs_url: str = Field("", pattern=r"^(https://\S+)?$", description="where its interface is described")


class Setting(Part):
    """Something that differs from one customer of the system to the next. A bare value stands for its `value`."""

    description: str = Field("", max_length=300, description="what it is, and where it is found")
    secret: bool = Field(False, description="its value is a place, env:NAME or file:PATH; usable in [http.auth] only")
    default: str | int | float | bool | None = Field(None, description="without one it must be given where it is used")
    choices: tuple[str, ...] = Field((), description="the only values that it may have")
    pattern: str = Field("", description="a regular expression that the whole value must match")
    value: str | int | float | bool | None = Field(None, repr=False, description="what this connector uses")

    @model_validator(mode="before")
    @classmethod
    def _bare_value(cls, given: Any) -> Any:
        return given if isinstance(given, Mapping | Setting) else {"value": given}

    @property
    def given(self) -> str | int | float | bool | None:
        return self.default if self.value is None else self.value


class StatusMeanings(Part):
    """Which HTTP status means what. What no list names: 2xx is success, other 4xx are rejected, 5xx failed."""

    denied: Statuses = Field((401, 403, 407), description="our account is not let in: everything waits")
    down: Statuses = Field((408, 425, 429, 503), description="the system wants us to wait: everything waits")
    failed: Statuses = Field((), description="this one failed and is tried again")
    conflict: Statuses = Field((409, 412), description="the place was changed: a person decides")
    rejected: Statuses = Field((), description="the system will never take this one")
    already: Statuses = Field((), description="the write arrived on an earlier try")


class Request(Part):
    """One request. All texts are templates; `roots` are the names that a placeholder may begin with."""

    roots: ClassVar[Collection[str]] = EVERYWHERE

    method: Method = "GET"
    path: TemplateText = Field(
        "", pattern=r"^(/[^?#\s]*)?$", description="behind base_url; values are percent-encoded, so none adds a step"
    )
    query: Mapping[str, TemplateText] = Field({}, description="parameters behind `?`; values are encoded")
    headers: Mapping[HeaderName, TemplateText] = Field({}, description="headers besides those of [http]")
    body: BodyTemplate = Field(None, description="JSON whose texts are templates")
    form: Mapping[str, TemplateText] = Field({}, description="instead of `body`: a form, URL-encoded")
    statuses: Mapping[Meaning, Statuses] = Field({}, description="meanings that differ for this request")

    @model_validator(mode="after")
    def _names_what_there_is(self) -> "Request":
        if self.body is not None and self.form:
            raise ValueError("has both `body` and `form`")
        for part in ("path", "query", "headers", "body", "form"):
            self._check_names(getattr(self, part), part)
        return self

    def _check_names(self, source: Any, part: str) -> None:
        for place, text in templates_in(source, part):
            for found in parse(text).placeholders:
                if found.root not in self.roots:
                    nearest = did_you_mean(found.root, sorted(self.roots))
                    raise ValueError(f"has an unknown placeholder {{{found.name}}} in `{place}`{nearest}")


class Pages(Part):
    """How the next page is asked for.

    next: a URL in the answer. link_header: RFC 8288, rel="next". cursor: a value in the answer, as {cursor}. page and
    offset: counted here, as {page} and {offset}. URLs are followed on the same origin only.
    """

    kind: Literal["none", "next", "link_header", "cursor", "page", "offset"] = "none"
    next: Expression = Field("", description="of kind next: where the URL stands in the answer")
    cursor: Expression = Field("", description="of kind cursor: where the value stands in the answer")
    first: int = Field(1, ge=0, description="of kind page: the number of the first page")
    more: Expression = Field("", description="true of the answer while there are more pages")
    without: tuple[str, ...] = Field((), description="parameters that are left out from the second page on")
    keep: bool = Field(False, description="of kind cursor: the last one begins the next pull, instead of `since`")
    most: int = Field(10_000, ge=1, description="pages of one run; a run that is longer begins anew")

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> "Pages":
        for kind in ("next", "cursor"):
            if self.kind == kind and not getattr(self, kind):
                raise ValueError(f'of kind "{kind}" needs `{kind}`, the place in the answer')
        if self.keep and self.kind != "cursor":
            raise ValueError('may keep a cursor only where its kind is "cursor"')
        return self


class Since(Part):
    """Bringing in only what is new: the highest mark seen is asked for again, as {since}."""

    mark: Expression = Field(min_length=1, description="the mark of one record, as listed: a time or a number")
    read: str = Field(
        "iso", description="how it is written: iso, epoch, epoch_ms, odata, number, text, or a pattern such as %Y-%m-%d"
    )
    write: str = Field("", description="how {since} is written, in the same words; as read, where empty")
    zone: str = Field("UTC", description="time zone of patterns, as Europe/Berlin")
    start: str | int = Field("", description="mark of the first pull; without one {since?} is left out")
    overlap_seconds: float = Field(0.0, ge=0, description="looked at again each time, for clocks that disagree")
    ascending: bool = Field(False, description="whether the request asks for the oldest mark first")
    paging: Literal["", "follow", "advance"] = Field(
        "",
        description="advance: ask from the last mark on instead of turning pages, so that nothing is missed where "
        "records change meanwhile; the default for ascending pages and offsets. Else follow",
    )

    @model_validator(mode="after")
    def _can_be_read(self) -> "Since":
        for name in ("read", "write"):
            if (kind := getattr(self, name)) and kind not in marks.KINDS and "%" not in kind:
                raise ValueError(
                    f"has a `{name}` that is none of {', '.join(sorted(marks.KINDS))}, nor a pattern with %"
                )
        if self.write and marks.is_time(self.read) != marks.is_time(self.write):
            raise ValueError("has a `read` and a `write` of which only one is a time")
        if self.overlap_seconds and not marks.is_time(self.read):
            raise ValueError("has `overlap_seconds`, though its marks are no times")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("has a `zone` that is no time zone, such as Europe/Berlin") from None
        self.first()
        return self

    def first(self) -> marks.Mark | None:
        try:
            return None if self.start == "" else marks.read_mark(self.read, self.start, self.zone)
        except marks.MarkUnreadable:
            raise ValueError("has a `start` that cannot be read as `read` says") from None


class FieldMap(Part):
    """A field of the item out of a record. A bare text stands for its `value`."""

    value: Expression = Field("", description="JMESPath of a record")
    html: bool = Field(False, description="whether it is HTML, to be read as text")
    html_if: Expression = Field("", description="instead of `html`: true of a record, or of a turn, that is HTML")
    turns: Expression = Field("", description="instead of `value`, for a conversation: the list of its turns")
    text: Expression = Field("", description="of a turn: what was said; `record` is the whole record")
    speaker: Expression = Field("", alias="from", description="of a turn: who said it")
    customer_if: Expression = Field("", description="instead of `from`: true of a turn of the customer; else an agent")
    leave_out_if: Expression = Field("", description="true of a turn that is left out, such as an internal note")

    @model_validator(mode="before")
    @classmethod
    def _bare_value(cls, given: Any) -> Any:
        return {"value": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one_of_two(self) -> "FieldMap":
        if bool(self.value) == bool(self.turns):
            raise ValueError("needs either `value` or `turns`")
        if bool(self.turns) != bool(self.text):
            raise ValueError("needs `text` for its turns, and only there")
        return self


class Auth(Part):
    """How we show who we are. Texts are templates over {setting.NAME}; only here may they name a secret."""

    kind: Literal["none", "basic", "bearer", "header", "query", "oauth2"] = "none"
    user: TemplateText = Field("", description="basic")
    password: TemplateText = Field("", description="basic")
    token: TemplateText = Field("", description="bearer")
    name: str = Field("", pattern=r"^[\w.-]*$", description="header, query: the name of the header or parameter")
    value: TemplateText = Field("", description="header, query")
    nothing_else: bool = Field(False, description="query: says that the system takes its key in no other way")
    grant: Literal["client_credentials", "refresh_token", "jwt_bearer"] = Field(
        "client_credentials", description="oauth2"
    )
    token_url: TemplateText = Field("", description="oauth2: the whole URL where tokens are handed out")
    client_id: TemplateText = Field("", description="oauth2")
    client_auth: Literal["post", "basic"] = Field("post", description="oauth2: how the client shows its secret")
    client_secret: SecretSetting = Field("", description="oauth2: {setting.NAME} of a secret, alone")
    refresh_token: SecretSetting = Field("", description="oauth2, for the grant of that name; likewise")
    private_key: SecretSetting = Field("", description="oauth2, for the grant jwt_bearer; likewise")
    scope: TemplateText = Field("", description="oauth2")
    issuer: TemplateText = Field("", description="oauth2, jwt_bearer: `iss`; the client_id where empty")
    subject: TemplateText = Field("", description="oauth2, jwt_bearer: `sub`, for whom we act")
    audience: TemplateText = Field("", description="oauth2, jwt_bearer: `aud`; the token_url where empty")
    parameters: Mapping[str, TemplateText] = Field({}, description="oauth2: further fields of the token request")

    TEMPLATES: ClassVar[Collection[str]] = (
        "user", "password", "token", "value", "token_url", "client_id", "client_secret", "refresh_token", "private_key",
        "scope", "issuer", "subject", "audience", "parameters",
    )  # fmt: skip
    NEEDS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "basic": ("user", "password"),
        "bearer": ("token",),
        "header": ("name", "value"),
        "query": ("name", "value"),
        "oauth2": ("token_url",),
    }

    @model_validator(mode="after")
    def _complete(self) -> "Auth":
        for name in self.NEEDS.get(self.kind, ()):
            if not getattr(self, name):
                raise ValueError(f'of kind "{self.kind}" needs `{name}`')
        if self.kind == "query" and not self.nothing_else:
            raise ValueError(
                'of kind "query" puts the secret into addresses, which proxies and logs keep; use a header, or say '
                "nothing_else = true where the system knows no other way"
            )
        for place, text in templates_in({name: getattr(self, name) for name in self.TEMPLATES}):
            for found in parse(text).placeholders:
                if found.root != "setting":
                    raise ValueError(f"has an unknown placeholder {{{found.name}}} in `{place}`; settings only")
        return self


class Rate(Part):
    """How much the system bears. Beyond two seconds of waiting, the work goes back to the queue until then.

    The requests of one delivery are reserved together, before the first; what has begun waits up to a minute.
    """

    requests: int = Field(0, ge=0, description="requests allowed in `per_seconds`; 0: no limit of ours")
    per_seconds: float = Field(60.0, gt=0, le=86_400)
    burst: int = Field(0, ge=0, description="how many may come at once; a tenth of `requests` where 0")
    retry_after_header: str = Field("Retry-After", description="seconds or an HTTP date, RFC 9110 section 10.2.3")
    remaining_header: str = Field("", description="header that counts what is left; at 0 we wait for the reset")
    reset_header: str = Field("", description="header that says when the count begins anew")
    reset_is: Literal["seconds", "milliseconds", "epoch", "epoch_ms"] = Field(
        "seconds", description="what stands in it: from now on, or since 1970"
    )


class Csrf(Part):
    """For systems that want a token of theirs with every write: fetched by a GET, sent back with its cookies."""

    path: TemplateText = Field(pattern=r"^/[^?#\s]*$", description="what is fetched, behind base_url")
    header: HeaderName = "X-CSRF-Token"
    ask: str = Field("Fetch", description="the header's value that asks for a token")


class Http(Part):
    """Where the system is, how it lets us in, what it bears."""

    base_url: TemplateText = Field(min_length=1, description="https://HOST/PATH; placeholders {setting.NAME}")
    plain_http: bool = Field(False, description="allow http:// beyond this machine: the secret travels in the open")
    ca_file: str = Field("", description="certificates to trust instead of the machine's, for a house's own authority")
    proxy_url: str = Field("", pattern=r"^(https?://[^@\s]+)?$", description="the proxy on the way out, if any")
    auth: Auth = Auth()
    rate: Rate = Rate()
    headers: Mapping[HeaderName, TemplateText] = Field({}, description="sent with every request")
    csrf: Csrf | None = None
    statuses: StatusMeanings = StatusMeanings()
    statuses_if: Mapping[Meaning, Expression] = Field(
        {}, description="the same by what a JSON error answer says; looked at before the lists of statuses"
    )
    connect_seconds: float = Field(10.0, gt=0, le=120)
    read_seconds: float = Field(30.0, gt=0, le=600, description="longest silence of the system")
    total_seconds: float = Field(120.0, gt=0, le=1800, description="longest time for one answer")
    largest_answer_mb: int = Field(20, ge=1, le=500, description="a larger answer is refused, after unpacking")
