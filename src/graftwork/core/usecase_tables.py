"""The tables of a use-case file. What they are together, and how the file is read, stands in `usecase`."""

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from graftwork.core.privacy.adapters.choice import DetectorChoice
from graftwork.core.privacy.finding import FieldMask, FormatKept
from graftwork.core.privacy.languages.pack import DEFAULT_LANGUAGES
from graftwork.core.types import Sensitivity, Treatment, Zone
from graftwork.core.zones import IN_THE_CLEAR, is_in_the_clear, zone_of

FieldType = Literal["text", "thread", "number", "boolean"]
Role = Literal["admin", "ops", "reviewer", "owner", "compliance", "editor"]
ROLES: tuple[Role, ...] = get_args(Role)
DEFAULT_MODEL = "qwen2.5-coder-0.5b"

NAME = r"^[a-z][a-z0-9_]{0,62}$"
NAME_OR_NONE = r"^([a-z][a-z0-9_]{0,62})?$"


def _check_schema(schema: dict[str, Any]) -> dict[str, Any]:
    # Takes 4 MB, and few processes check a schema.
    from jsonschema import Draft202012Validator, SchemaError  # noqa: PLC0415

    if schema.get("type") != "object" or "properties" not in schema:
        raise ValueError('must be a JSON Schema whose type is "object" with properties')
    try:
        json.dumps(schema, allow_nan=False)
        Draft202012Validator.check_schema(schema)
    except (TypeError, ValueError):
        raise ValueError("holds a date or a number that JSON does not have") from None
    except SchemaError as error:
        raise ValueError(f"is no JSON Schema: see `{'.'.join(map(str, error.path)) or 'the whole'}`") from None
    for reference in _references(schema):
        if not _resolves(schema, reference):
            raise ValueError(f"refers to `{reference}`, which it does not hold")
    return schema


def _references(part: Any) -> Iterator[str]:
    children = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, child in children:
        if key == "$ref" and isinstance(child, str):
            yield child
        yield from _references(child)


def _resolves(schema: Any, reference: str) -> bool:
    """Whether a JSON pointer (RFC 6901) leads somewhere. Nothing is ever fetched, so another document is no place."""
    root, *steps = reference.split("/")
    for step in steps:
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(schema, dict) or name not in schema:
            return False
        schema = schema[name]
    return root == "#"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class InputField(Part):
    """One field of the item."""

    type: FieldType = Field("text", description="text, thread (a list of turns, or one text), number or boolean")
    label: str = Field("", description="what the desk calls it; the field's name where empty")
    required: bool = Field(True, description="a row without it is rejected")
    aliases: tuple[str, ...] = Field((), description="other column names that may carry it")
    max_characters: int = Field(200_000, ge=1, description="a longer value is rejected before it is stored")
    mask: FieldMask = Field(
        "detect",
        description="before a managed engine: detect (what is found), keep (nothing; say so only of a field such as a "
        "language), or the kind of value that the whole field is, such as person",
    )

    @model_validator(mode="after")
    def _a_thread_is_no_value(self) -> "InputField":
        if self.type == "thread" and self.mask not in ("detect", "keep"):
            raise ValueError("`mask` of a thread is detect or keep: a conversation is not one value")
        return self


class Input(Part):
    """What comes in."""

    id: str = Field("id", description="the column that names the row; its line number where absent")
    thread: str = Field("thread", description="the column that says which rows belong together")
    fields: dict[Annotated[str, Field(pattern=NAME)], InputField] = Field(
        min_length=1, description="the fields that make an item; other columns are not stored"
    )


class Output(Part):
    """What goes out."""

    type: Literal["text", "json"] = Field("text", description="free text, or JSON held to `schema`")
    json_schema: Annotated[dict[str, Any], AfterValidator(_check_schema)] | None = Field(
        None, alias="schema", description="a JSON Schema of type object; required for type json"
    )
    max_tokens: int = Field(256, ge=1, le=32_768, description="where the model is stopped")
    evidence: bool = Field(
        False,
        description="each value of the JSON names the words that it was taken from; one whose words are not found in "
        "the item or the sources becomes null, with the reason",
    )
    codes: dict[Annotated[str, Field(pattern=NAME)], str] = Field(
        {},
        description="text files beside the use case with the codes that a value may be, one a line (`CODE` or "
        '`CODE<tab>meaning`); a property of the schema names its list with `"x-codes"`',
    )

    @model_validator(mode="after")
    def _schema_belongs_to_json(self) -> "Output":
        if (self.type == "json") != (self.json_schema is not None):
            raise ValueError('`schema` goes with type = "json", and is required there')
        return self


class Instructions(Part):
    """What the model is told. Kept before the item, so that all items share one cached prefix."""

    system: str = Field(min_length=1, description="the instructions; `{{ name }}` inserts a file named under `files`")
    files: dict[Annotated[str, Field(pattern=NAME)], str] = Field(
        {}, description="text files beside the use case, inserted where `system` names them"
    )
    item: str = Field(
        "", description="how the item is laid out: `{{ field }}` inserts an input field, fenced; all fields where empty"
    )


def _check_url(url: str | None) -> str | None:
    if url is not None and urlsplit(url).username is not None:
        raise ValueError("must not hold a name or password; name a variable with the key in `api_key_env`")
    if url is not None and not urlsplit(url).hostname:
        raise ValueError("is not a URL with a host, such as http://gpu-box:8000/v1")
    return url


def _check_key_variable(name: str | None) -> str | None:
    if name is not None and name.upper().startswith("GRAFTWORK_"):
        raise ValueError("must not name a variable of Graftwork's own: it would be sent to the server")
    return name


class EngineChoice(Part):
    """What generates: a model of the catalog in the embedded engine, or any OpenAI-compatible server."""

    model: str = Field(DEFAULT_MODEL, description="a name from `graftwork models list`, or the server's model")
    model_sha256: str | None = Field(
        None, pattern=r"^[0-9a-f]{64}$", description="digest of an embedded model; that of the catalog where absent"
    )
    url: Annotated[str | None, AfterValidator(_check_url)] = Field(
        None, pattern=r"^https?://", description="base URL of an OpenAI-compatible server; embedded where absent"
    )
    api_key_env: Annotated[str | None, AfterValidator(_check_key_variable)] = Field(
        None, description="the environment variable that holds the server's key"
    )
    zone: Zone | None = Field(None, description="whose machine it is; managed where `url` is not on a private network")
    region: str = Field("", max_length=60, description="where its machines stand, such as eu; shown to people")
    facts: dict[Annotated[str, Field(pattern=NAME)], str] = Field(
        {}, description="what is known of its provider, such as retention or a contract; shown to people"
    )
    echo: bool = Field(False, description="answer with the item itself, without a model; for tests only")
    echo_delay_seconds: float = Field(0.0, ge=0, le=60, description="how long `echo` takes for an answer")
    slots: int = Field(8, ge=1, le=1024, description="requests in flight at once")
    context_tokens: int | None = Field(None, ge=256, description="longest request; of a slot where absent")
    timeout_seconds: float = Field(300.0, gt=0, le=3600, description="longest wait for one answer")
    input_price_per_million: float | None = Field(None, ge=0, description="price of a million prompt tokens")
    output_price_per_million: float | None = Field(None, ge=0, description="price of a million answer tokens")
    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$", description="of the two prices")

    @model_validator(mode="after")
    def _nothing_goes_in_the_clear(self) -> "EngineChoice":
        if self.url is not None and is_in_the_clear(self.url, self.effective_zone):
            raise ValueError(IN_THE_CLEAR)
        return self

    def __hash__(self) -> int:
        return hash((self.model, self.url, self.echo, self.zone))  # `facts` cannot be hashed; equality still counts it

    @property
    def effective_zone(self) -> Zone:
        """What the file says, else what the address tells."""
        return self.zone or (zone_of(self.url) if self.url else "local")

    @property
    def name(self) -> str:
        """What people call it: `echo`, `embedded`, or the host that serves it."""
        if self.echo:
            return "echo"
        return urlsplit(self.url).netloc.rpartition("@")[2] if self.url else "embedded"

    @property
    def release_part(self) -> dict[str, Any]:
        return self.model_dump(mode="json", include={"model", "model_sha256", "url", "echo", "context_tokens"})


class PrivacyRules(Part):
    """What of an item may leave the house. Without this table nothing goes to an engine in the zone managed."""

    managed: Literal["never", "masked", "allowed"] = Field(
        "never", description="what an engine in the zone managed may see: nothing, masked text, or the text as it is"
    )
    classes: dict[Sensitivity, Treatment] = Field(
        {},
        description="for items in which this class of data is found: local keeps them in the house, masked and allowed "
        "as `managed`; the stricter of both holds",
    )
    words: dict[Sensitivity, str] = Field(
        {}, description="a text file beside the use case with words, one a line, that mark an item as of this class"
    )
    profile: str = Field(
        "gdpr",
        pattern=r"^([a-z][a-z0-9_-]{0,62}|.+\.toml)$",
        description="which kinds of values are masked: a packaged profile, or a TOML file beside the use case",
    )
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...] = Field(
        DEFAULT_LANGUAGES, min_length=1, description="languages of the items, as ISO 639-1 codes"
    )
    ner: bool = Field(True, description="look for names with a model too, in the languages that have one")
    dictionaries: tuple[str, ...] = Field(
        (), description="text files beside the use case with words of your own to mask, one a line"
    )
    keep_format: tuple[FormatKept, ...] = Field(
        (),
        description="kinds that become a false value of the same form, where a placeholder would not do: dates are "
        "moved by one number of weeks for the thread, mail addresses and numbers belong to nobody",
    )
    detectors: tuple[DetectorChoice, ...] = Field((), description="detectors to ask besides our own")
    sinks: tuple[Literal["link", "image", "tool"], ...] = Field(
        (), description="where a value may be restored besides plain text: link, image, tool"
    )
    vault_days: float = Field(30.0, gt=0, le=3650, description="how long the values behind placeholders are kept")
    timeout_seconds: float = Field(
        20.0, gt=0, le=600, description="longest search of one item; past it, nothing is sent"
    )


class SamplingChoice(Part):
    """How the model chooses its words."""

    temperature: float = Field(0.0, ge=0, le=2, description="0 is the most repeatable")
    top_p: float = Field(1.0, gt=0, le=1, description="share of probability to sample from")
    seed: int = Field(0, ge=-1, description="repeats a sample; -1 for a new one each time")


class Limits(Part):
    """What happens at the edges."""

    too_long: Literal["truncate", "refuse", "windows"] = Field(
        "truncate",
        description="an item over the context is cut at a sentence with a visible note, refused, or read window by "
        "window and put together",
    )
    attempts: int = Field(3, ge=1, le=20, description="tries before an item waits for a person")


class Reason(Part):
    """One reason for rejecting a draft."""

    code: str = Field(pattern=NAME, description="stable name, stored with the review")
    label: str = Field(min_length=1, description="what the reviewer reads")


class ReviewRules(Part):
    """Who decides, and how."""

    role: Role = Field("reviewer", description="who may review")
    group: str = Field(
        "",
        pattern=NAME_OR_NONE,
        description="only members of this group (`graftwork user group`) may review; a source that is closed to "
        "them is never drawn on",
    )
    reasons: tuple[Reason, ...] = Field(
        (
            Reason(code="wrong", label="Says something wrong"),
            Reason(code="off_topic", label="Does not answer the question"),
            Reason(code="tone", label="Wrong tone"),
            Reason(code="other", label="Something else"),
        ),
        min_length=1,
        description="reasons for rejection",
    )
    claim_minutes: float = Field(15.0, gt=0, le=1440, description="how long a claim lasts without a sign of life")
    undo_seconds: float = Field(10.0, ge=0, le=600, description="how long a decision can be taken back")

    @model_validator(mode="after")
    def _reasons_differ(self) -> "ReviewRules":
        codes = [reason.code for reason in self.reasons]
        if len(set(codes)) != len(codes):
            raise ValueError("two reasons share one code")
        return self


class Knowledge(Part):
    """The documents that a draft may draw on. Without sources nothing is looked up."""

    sources: tuple[Annotated[str, Field(pattern=NAME)], ...] = Field(
        (), description="sources of the workspace, as `graftwork knowledge status` names them"
    )
    query: str = Field(
        "", description="what is looked for: `{{ field }}` inserts an input field; the whole item where empty"
    )
    passages: int = Field(6, ge=1, le=40, description="most passages that are shown to the model")
    passage_characters: int = Field(6_000, ge=200, le=200_000, description="room for all passages together")
    min_relevance: float = Field(
        0.3, ge=0, le=1, description="a passage that is less relevant than this, 0 to 1, is left out"
    )
    rerank: int = Field(
        0,
        ge=0,
        le=200,
        description="how many of the best passages are read again word by word: it helps where what is looked for is a "
        "whole statement, harms a few key words, and takes about as long as embedding them",
    )
    nothing_found: str = Field(
        "The documents hold no answer to this. A colleague will look into it.",
        min_length=1,
        description="the draft where no passage is relevant; the model is not asked then",
    )


class Grounding(Part):
    """How a draft is checked against what it was written from."""

    against: Literal["none", "item", "sources"] | None = Field(
        None, description="what must support each statement; the sources where the use case has any, else none"
    )
    cite: bool = Field(True, description="the model numbers its statements: [1] stands for the first passage")
    unsupported: Literal["mark", "remove"] = Field(
        "mark", description="what becomes of a statement without support: shown as such, or taken out of the draft"
    )
    exempt: tuple[str, ...] = Field(
        (), description="sentences that state nothing, such as a greeting; they begin with these words"
    )


class Triage(Part):
    """Which clauses of an item are shown to the model at all: those most like what people objected to before."""

    precedents: str = Field(
        "",
        description="a CSV file beside the use case with decided clauses (columns clause and rule; an empty rule is a "
        "clause in order); without it the model reads the whole item",
    )
    passages: int = Field(24, ge=1, le=400, description="most clauses of an item that are shown to the model")


Scorer = Literal[
    "fields",
    "evidence",
    "citations",
    "retrieval",
    "support",
    "slots",
    "facts",
    "labels",
    "rouge",
    "edits",
    "length",
    "refusal",
]


class Evaluation(Part):
    """How `graftwork evaluate` scores the drafts of this use case."""

    scorers: tuple[Scorer, ...] = Field(
        (), description="what is scored; all that the expected answers allow where empty"
    )
    label_field: str = Field("", description="the property of the JSON that the scorer `labels` compares")
