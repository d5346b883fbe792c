"""The use-case file: one TOML file says what comes in, what goes out, which engine drafts and who reviews.

Unknown keys are refused with the nearest known one named, so that a typing error never silently changes what runs.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from graftwork.core.errors import (
    TemplateUnknownField,
    UseCaseError,
    UseCaseInvalid,
    UseCaseUnknownKey,
    UseCaseUnreadable,
    did_you_mean,
)
from graftwork.core.privacy.adapters.choice import DetectorChoice
from graftwork.core.privacy.finding import FieldMask, FormatKept
from graftwork.core.privacy.languages.pack import DEFAULT_LANGUAGES
from graftwork.core.prompt import MASKED_NOTE, PROMPT_VERSION, placeholders
from graftwork.core.types import Sensitivity, Treatment, Zone
from graftwork.core.zones import IN_THE_CLEAR, is_in_the_clear, zone_of

FieldType = Literal["text", "thread", "number", "boolean"]
Role = Literal["admin", "ops", "reviewer", "owner", "compliance", "editor"]
ROLES: tuple[Role, ...] = get_args(Role)
DEFAULT_MODEL = "qwen2.5-coder-0.5b"

_INTERNAL = {"file_texts", "privacy_texts"}
_NAME = r"^[a-z][a-z0-9_]{0,62}$"


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


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class InputField(_Part):
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


class Input(_Part):
    """What comes in."""

    id: str = Field("id", description="the column that names the row; its line number where absent")
    thread: str = Field("thread", description="the column that says which rows belong together")
    fields: dict[Annotated[str, Field(pattern=_NAME)], InputField] = Field(
        min_length=1, description="the fields that make an item; other columns are not stored"
    )


class Output(_Part):
    """What goes out."""

    type: Literal["text", "json"] = Field("text", description="free text, or JSON held to `schema`")
    json_schema: Annotated[dict[str, Any], AfterValidator(_check_schema)] | None = Field(
        None, alias="schema", description="a JSON Schema of type object; required for type json"
    )
    max_tokens: int = Field(256, ge=1, le=32_768, description="where the model is stopped")

    @model_validator(mode="after")
    def _schema_belongs_to_json(self) -> "Output":
        if (self.type == "json") != (self.json_schema is not None):
            raise ValueError('`schema` goes with type = "json", and is required there')
        return self


class Instructions(_Part):
    """What the model is told. Kept before the item, so that all items share one cached prefix."""

    system: str = Field(min_length=1, description="the instructions; `{{ name }}` inserts a file named under `files`")
    files: dict[Annotated[str, Field(pattern=_NAME)], str] = Field(
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


class EngineChoice(_Part):
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
    facts: dict[Annotated[str, Field(pattern=_NAME)], str] = Field(
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


class PrivacyRules(_Part):
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


class SamplingChoice(_Part):
    """How the model chooses its words."""

    temperature: float = Field(0.0, ge=0, le=2, description="0 is the most repeatable")
    top_p: float = Field(1.0, gt=0, le=1, description="share of probability to sample from")
    seed: int = Field(0, ge=-1, description="repeats a sample; -1 for a new one each time")


class Limits(_Part):
    """What happens at the edges."""

    too_long: Literal["truncate", "refuse"] = Field(
        "truncate", description="an item over the context is cut at a sentence with a visible note, or refused"
    )
    attempts: int = Field(3, ge=1, le=20, description="tries before an item waits for a person")


class Reason(_Part):
    """One reason for rejecting a draft."""

    code: str = Field(pattern=_NAME, description="stable name, stored with the review")
    label: str = Field(min_length=1, description="what the reviewer reads")


class ReviewRules(_Part):
    """Who decides, and how."""

    role: Role = Field("reviewer", description="who may review")
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


class UseCase(_Part):
    """One use case, whole. Read it with `load`."""

    name: str = Field(pattern=_NAME, description="stable name; the file is called NAME.toml")
    title: str = Field(min_length=1, max_length=120, description="what people call it")
    description: str = Field("", description="what it is for, in a sentence or two")
    input: Input
    output: Output = Output()
    instructions: Instructions
    engine: EngineChoice = EngineChoice()
    fallbacks: tuple[EngineChoice, ...] = Field(
        (),
        description="engines that an item goes to instead, in order: where the policy does not let it go to the one "
        "before, or that one is down",
    )
    privacy: PrivacyRules = PrivacyRules()
    sampling: SamplingChoice = SamplingChoice()
    limits: Limits = Limits()
    review: ReviewRules = ReviewRules()
    file_texts: dict[str, str] = Field({}, exclude=True, repr=False, json_schema_extra={"internal": True})
    privacy_texts: dict[str, str] = Field({}, exclude=True, repr=False, json_schema_extra={"internal": True})

    @property
    def engines(self) -> tuple[EngineChoice, ...]:
        """All that may generate, in the order in which they are asked."""
        return (self.engine, *self.fallbacks)

    @property
    def has_managed_engine(self) -> bool:
        return any(engine.effective_zone == "managed" for engine in self.engines)

    @cached_property
    def release_manifest(self) -> dict[str, Any]:
        """All that decides what a draft says: engine, prompt, files, sampling, output. Its digest names the release."""
        return {
            "use_case": self.name,
            "prompt_version": PROMPT_VERSION,
            "engine": self.engine.release_part,
            "instructions": self.instructions.model_dump(mode="json", include={"system", "item"}),
            "files": dict(sorted(self.file_texts.items())),
            "input": self.input.model_dump(mode="json", exclude={"fields": {"__all__": {"label", "mask"}}}),
            "output": self.output.model_dump(mode="json", by_alias=True),
            "sampling": self.sampling.model_dump(mode="json"),
            "too_long": self.limits.too_long,
            **self._hybrid_manifest,
        }

    @property
    def _hybrid_manifest(self) -> dict[str, Any]:
        """What masking and routing add. Nothing where they are not used, so that such releases keep their names."""
        part: dict[str, Any] = {}
        if self.fallbacks:
            part["fallbacks"] = [engine.release_part for engine in self.fallbacks]
        if self.has_managed_engine:
            part["zones"] = [engine.effective_zone for engine in self.engines]
            part["masks"] = self.masks
            without = {"vault_days", "timeout_seconds"} | (set() if self.privacy.detectors else {"detectors"})
            part["privacy"] = self.privacy.model_dump(mode="json", exclude=without)
            # Digests only: a dictionary may name customers, and a manifest is stored in the clear.
            part["privacy_files"] = {
                name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(self.privacy_texts.items())
            }
            part["masked_note"] = MASKED_NOTE
        return part

    @property
    def masks(self) -> dict[str, FieldMask]:
        """How each field is masked that is not simply searched."""
        return {name: field.mask for name, field in self.input.fields.items() if field.mask != "detect"}

    @cached_property
    def release(self) -> str:
        """SHA-256 of the manifest, in hexadecimal. Keys keep their order: that of fields and of a schema counts."""
        canonical = json.dumps(self.release_manifest, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def with_engine(self, **changes: Any) -> "UseCase":
        """The same use case on another engine (`--engine` on the command line). Raises `UseCaseInvalid`."""
        if "url" in changes and changes["url"] != self.engine.url:
            # The zone was written down for another machine; a new one is judged by its own address.
            changes = {"zone": None, "region": "", "facts": {}, **changes}
        try:
            engine = EngineChoice.model_validate({**self.engine.model_dump(), **changes})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            key = ".".join(["engine", *map(str, first["loc"])])
            raise UseCaseInvalid(self.name, key, first["msg"].removeprefix("Value error, ")) from None
        return self.model_copy(update={"engine": engine})


def load(path: Path) -> UseCase:
    """Read and check one use-case file, and the text files that it names.

    Raises a `UseCaseError` that names the file, the key and the next step.
    """
    data = _read_toml(path)
    part = data.get("instructions")
    files = part.get("files") if isinstance(part, dict) else None
    for internal in _INTERNAL & data.keys():
        raise UseCaseUnknownKey(str(path), internal)
    data["file_texts"] = {
        name: _read_text(path, f"instructions.files.{name}", str(file))
        for name, file in (files.items() if isinstance(files, dict) else ())
    }
    data["privacy_texts"] = _privacy_texts(path, data.get("privacy"))
    try:
        use_case = UseCase.model_validate(data)
    except ValidationError as error:
        raise _explain(path, error) from None
    if use_case.name != path.stem:
        raise UseCaseInvalid(str(path), "name", f'is "{use_case.name}", but the file is called {path.name}')
    _check_templates(path, use_case)
    return use_case


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a use-case file, for editors and for the reference page."""
    schema = UseCase.model_json_schema(by_alias=True)
    for internal in _INTERNAL:
        del schema["properties"][internal]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise UseCaseUnreadable(str(path), "no such file") from None
    except OSError as error:
        raise UseCaseUnreadable(str(path), error.strerror or "cannot be read") from None
    except UnicodeDecodeError as error:
        raise UseCaseUnreadable(str(path), f"not UTF-8 at byte {error.start}") from None
    except ValueError as error:  # TOMLDecodeError, or a number with more digits than Python reads
        raise UseCaseUnreadable(str(path), f"not TOML: {error}") from None
    except RecursionError:
        raise UseCaseUnreadable(str(path), "not TOML that can be read: nested too deeply") from None


def _privacy_texts(path: Path, part: Any) -> dict[str, str]:
    """The text of each file that `[privacy]` names. What has another form than it should is left to validation."""
    if not isinstance(part, dict):
        return {}
    words, dictionaries = part.get("words"), part.get("dictionaries")
    named = [(f"privacy.words.{key}", file) for key, file in words.items()] if isinstance(words, dict) else []
    named += [("privacy.dictionaries", file) for file in dictionaries] if isinstance(dictionaries, list) else []
    profile = part.get("profile")
    named += [("privacy.profile", profile)] if isinstance(profile, str) and profile.endswith(".toml") else []
    return {file: _read_text(path, key, file) for key, file in named if isinstance(file, str)}


def _read_text(path: Path, key: str, file: str) -> str:
    if "\x00" in file:
        raise UseCaseInvalid(str(path), key, "holds a NUL character")
    target = (path.parent / file).resolve()
    if not target.is_relative_to(path.parent.resolve()):
        raise UseCaseInvalid(str(path), key, f"{file} lies outside the folder of the use case")
    try:
        return target.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UseCaseInvalid(str(path), key, f"there is no file {file} beside the use case") from None
    except (OSError, UnicodeDecodeError):
        raise UseCaseInvalid(str(path), key, f"{file} cannot be read as UTF-8 text") from None


def _check_templates(path: Path, use_case: UseCase) -> None:
    known_by_template: tuple[tuple[str, Mapping[str, Any]], ...] = (
        (use_case.instructions.system, use_case.instructions.files),
        (use_case.instructions.item, use_case.input.fields),
    )
    for template, known in known_by_template:
        for name in placeholders(template):
            if name not in known:
                raise TemplateUnknownField(str(path), name, did_you_mean(name, list(known)))


def _explain(path: Path, error: ValidationError) -> UseCaseError:
    # A misspelt key is also a missing one; the misspelling is the cause.
    first = min(error.errors(include_url=False), key=lambda found: found["type"] != "extra_forbidden")
    location = [str(part) for part in first["loc"]]
    key = ".".join(location) or "(whole file)"
    if first["type"] == "extra_forbidden":
        return UseCaseUnknownKey(str(path), key, did_you_mean(location[-1], _keys_beside(location[:-1])))
    if first["type"] == "missing":
        return UseCaseInvalid(str(path), key, "is required")
    return UseCaseInvalid(str(path), key, first["msg"].removeprefix("Value error, "))


def _keys_beside(parents: list[str]) -> list[str]:
    """The keys that may stand in the table at `parents`. Free names, such as fields, and list positions are skipped."""
    model: Any = UseCase
    for part in parents:
        field = next((f for name, f in model.model_fields.items() if part in (name, f.alias)), None)
        if field is not None:
            model = next((m for m in _models_in(field.annotation)), model)
    return [f.alias or name for name, f in model.model_fields.items() if name not in _INTERNAL]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models_in(argument)]
