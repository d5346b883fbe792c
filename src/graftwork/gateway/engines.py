"""The engines behind the gateway: what `engines.toml` says of each, and which of them serve a model."""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from graftwork.core.engines.attachments import Attachment
from graftwork.core.errors import EngineKeyMissing, SettingInvalid, did_you_mean
from graftwork.core.types import Zone
from graftwork.core.zones import IN_THE_CLEAR, is_in_the_clear, zone_of

FILE_NAME = "engines.toml"
# Of the engines that `graftwork up` serves itself, whatever the file says.
ATTACHED_PREFIX = "embedded-"
Protocol = Literal["openai", "anthropic"]
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")


class EngineTable(BaseModel):
    """One table `[NAME]` of engines.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern=r"^https?://\S+$", description="base address of its API, such as https://host/v1")
    protocol: Protocol = Field("openai", description="which API it speaks")
    models: list[str] | dict[str, str] = Field(
        [], description="models it serves; as a table, the name that callers use = the engine's own name"
    )
    api_key_env: str | None = Field(None, description="the environment variable that holds its key")
    zone: Zone | None = Field(None, description="managed where `url` is not on a private network")
    region: str = Field("", max_length=60, description="where its machines stand, such as eu")
    input_price_per_million: Decimal | None = Field(None, ge=0, description="price of a million prompt tokens")
    output_price_per_million: Decimal | None = Field(None, ge=0, description="price of a million answer tokens")
    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$", description="of the two prices")
    connect_seconds: float = Field(5.0, gt=0, description="longest wait for a connection")
    first_byte_seconds: float = Field(120.0, gt=0, description="longest wait for the first piece of a stream")
    idle_seconds: float = Field(120.0, gt=0, description="longest pause within a stream")
    total_seconds: float = Field(600.0, gt=0, description="longest call as a whole")

    @model_validator(mode="after")
    def _nothing_goes_in_the_clear(self) -> "EngineTable":
        if is_in_the_clear(self.url, self.zone or zone_of(self.url)):
            raise ValueError(IN_THE_CLEAR)
        return self


@dataclass(frozen=True, slots=True)
class Engine:
    """One upstream. `models` leads from the names that callers use to its own; empty: any name after `NAME/`."""

    name: str
    url: str
    protocol: Protocol
    zone: Zone
    models: Mapping[str, str]
    api_key: str | None = field(default=None, repr=False)
    region: str = ""
    input_price: Decimal | None = None
    output_price: Decimal | None = None
    currency: str = "EUR"
    connect_seconds: float = 5.0
    first_byte_seconds: float = 120.0
    idle_seconds: float = 120.0
    total_seconds: float = 600.0

    def cost(self, prompt_tokens: int | None, completion_tokens: int | None) -> Decimal | None:
        """Unknown where a price or a count is."""
        prices = (self.input_price, self.output_price)
        if prompt_tokens is None or None in prices:
            return None
        total = prompt_tokens * (self.input_price or 0) + (completion_tokens or 0) * (self.output_price or 0)
        return Decimal(total) / 1_000_000


@dataclass(frozen=True, slots=True)
class Route:
    """One way to serve a model."""

    engine: Engine
    model: str


class Directory:
    """Which engines serve which model, in the order of the file: the first is asked, the others are its fallbacks."""

    def __init__(self, engines: Iterable[Engine]) -> None:
        self.engines = {engine.name: engine for engine in engines}
        self._routes: dict[str, list[Route]] = {}
        for engine in self.engines.values():
            for name, own in engine.models.items():
                self._routes.setdefault(name, []).append(Route(engine, own))

    def routes(self, model: str, only: tuple[str, ...] = ()) -> list[Route]:
        """Every way to serve `model` on the engines named in `only` (all where empty); `ENGINE/MODEL` names one."""
        found = self._routes.get(model)
        if found is None:
            engine_name, _, own = model.partition("/")
            engine = self.engines.get(engine_name)
            if engine is None or not own or (engine.models and own not in engine.models):
                return []
            found = [Route(engine, engine.models.get(own, own))]
        return found if not only else [route for route in found if route.engine.name in only]

    def models(self, only: tuple[str, ...] = ()) -> list[tuple[str, Engine]]:
        """Every model by the name that callers use, with the engine that is asked first."""
        rows = [
            (name, next(route.engine for route in routes if not only or route.engine.name in only))
            for name, routes in self._routes.items()
            if any(not only or route.engine.name in only for route in routes)
        ]
        return sorted(rows, key=lambda row: row[0])


def read_engines(file: Path, environ: Mapping[str, str] = os.environ) -> list[Engine]:
    """What the file says; empty where there is none. Raises `SettingInvalid` or `EngineKeyMissing`."""
    return [_engine(name, table, environ) for name, table in read_tables(file).items()]


def read_tables(file: Path) -> dict[str, EngineTable]:
    """The same by name, without the keys that they need. Raises `SettingInvalid`."""
    if not file.is_file():
        return {}
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingInvalid(str(file), "(whole file)", str(error)) from None
    return {name: _table(file, name, table) for name, table in data.items()}


def attached_engines(attached: Mapping[str, Attachment]) -> list[Engine]:
    """The embedded models that another process of this machine serves, all under the name of their model."""
    return [
        Engine(
            name=re.sub(r"[^a-z0-9_-]", "-", f"{ATTACHED_PREFIX}{model}".lower())[:63],
            url=attachment.url,
            protocol="openai",
            zone="local",
            models={model: model},
            api_key=attachment.api_key,
        )
        for model, attachment in attached.items()
    ]


def _table(file: Path, name: str, data: Any) -> EngineTable:
    if not _NAME.fullmatch(name):
        raise SettingInvalid(str(file), name, "an engine's name has lower-case letters, digits, - and _")
    try:
        return EngineTable.model_validate(data)
    except ValidationError as error:
        raise _explain(file, name, error) from None


def _engine(name: str, table: EngineTable, environ: Mapping[str, str]) -> Engine:
    return Engine(
        name=name,
        url=table.url.rstrip("/"),
        protocol=table.protocol,
        zone=table.zone or zone_of(table.url),
        models=table.models if isinstance(table.models, dict) else {model: model for model in table.models},
        api_key=_key(name, table.api_key_env, environ),
        region=table.region,
        input_price=table.input_price_per_million,
        output_price=table.output_price_per_million,
        currency=table.currency,
        connect_seconds=table.connect_seconds,
        first_byte_seconds=table.first_byte_seconds,
        idle_seconds=table.idle_seconds,
        total_seconds=table.total_seconds,
    )


def _key(name: str, variable: str | None, environ: Mapping[str, str]) -> str | None:
    if variable is None:
        return None
    key = environ.get(variable, "").strip()
    if not key:
        raise EngineKeyMissing(name, variable)
    return key


def _explain(file: Path, name: str, error: ValidationError) -> SettingInvalid:
    # A misspelt key is also a missing one; the misspelling is the cause.
    first = min(error.errors(include_url=False), key=lambda found: found["type"] != "extra_forbidden")
    path = [str(part) for part in first["loc"]]
    reason = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        reason = f"unknown key{did_you_mean(path[-1], list(EngineTable.model_fields))}"
    return SettingInvalid(str(file), ".".join((name, *path)), reason)
