"""A workspace: a folder with `graftwork.toml`, `usecases/` and `data/`; and the settings that its file may hold.

Every setting can also be given as an environment variable, `GRAFTWORK_<TABLE>_<KEY>`, which wins over the file.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from graftwork.core.errors import SettingInvalid, WorkspaceNotFound, did_you_mean
from graftwork.core.privacy.adapters.choice import check_detector_url
from graftwork.core.types import Zone
from graftwork.core.zones import IN_THE_CLEAR, is_in_the_clear, zone_of

FILE_NAME = "graftwork.toml"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseSettings(_Table):
    url: str = Field(
        "sqlite:///data/graftwork.sqlite3", description="SQLite file in the workspace, or postgres://user@host/name"
    )
    lock_timeout_seconds: float = Field(20.0, gt=0, description="how long a write waits for another one")
    pool_size: int = Field(8, ge=1, le=200, description="PostgreSQL connections a process keeps open")


class WebSettings(_Table):
    host: str = Field("127.0.0.1", description="address that the desk listens on")
    port: int = Field(8000, ge=1, le=65_535, description="port that the desk listens on")
    public_url: str = Field("", description="address that people use, where it differs (behind a proxy)")
    session_hours: float = Field(12.0, gt=0, le=24 * 30, description="how long a sign-in lasts")
    max_request_bytes: int = Field(16_000_000, ge=1024, description="largest request that is read")


class WorkerSettings(_Table):
    lease_seconds: float = Field(60.0, ge=1, description="an item whose worker is silent for this long is taken over")
    batch_items: int = Field(128, ge=1, le=10_000, description="most items leased or saved in one transaction")
    poll_seconds: float = Field(0.25, gt=0, le=60, description="pause between two looks into an empty queue")
    sweep_seconds: float = Field(5.0, gt=0, le=3600, description="pause between two searches for lost leases")


class EngineSettings(_Table):
    threads: int = Field(0, ge=0, description="threads of the embedded engine; 0 takes one per core")
    context_tokens: int = Field(4096, ge=512, description="context of one slot of the embedded engine")


class VaultSettings(_Table):
    key_file: str = Field("data/keys.json", description="the key ring; keep a copy of it outside this machine")


def _check_detector(url: str) -> str:
    return check_detector_url(url) if url else ""


def _check_embeddings_url(url: str) -> str:
    if url and not url.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    if url and (urlsplit(url).username is not None or not urlsplit(url).hostname):
        raise ValueError("is not a URL with a host and without a password; name a variable with the key")
    return url


def _check_key_variable(name: str) -> str:
    if name.upper().startswith("GRAFTWORK_"):
        raise ValueError("must not name a variable of Graftwork's own: it would be sent to the server")
    return name


class GatewaySettings(_Table):
    enabled: bool = Field(False, description="whether `graftwork up` starts the gateway too")
    host: str = Field("127.0.0.1", description="address that the gateway listens on")
    port: int = Field(8100, ge=1, le=65_535, description="port that the gateway listens on")
    managed: Literal["never", "masked", "allowed"] = Field(
        "masked", description="what may go to a managed engine: nothing, masked text, or everything; a key can differ"
    )
    local: Literal["masked", "allowed"] = Field("allowed", description="what may go to a local engine")
    unmaskable: Literal["refuse", "pass"] = Field(
        "refuse", description="what becomes of images, files and sounds on their way to an engine that gets masked text"
    )
    fallback_to_managed: bool = Field(
        False,
        description="whether a request in which nothing sensitive was found may go from a failed local engine "
        "to a managed one",
    )
    retries: int = Field(1, ge=0, le=10, description="further tries at one engine, before the first byte only")
    profile: str = Field(
        "gdpr",
        description="which kinds of values are masked: a packaged profile, or the path of a TOML file in the workspace",
    )
    languages: str = Field("en, de, fr, es", description="languages of the texts, as ISO 639-1 codes with commas")
    ner: bool = Field(True, description="whether a small model looks for English names too; rules alone are faster")
    dictionary: str = Field("", description="a file in the workspace with words of your own to mask, one a line")
    detector_url: Annotated[str, AfterValidator(_check_detector)] = Field(
        "",
        description="a service on your own network that is asked too, and answers as Presidio's analyzer does; "
        "while it is down, nothing that has to be masked is sent",
    )
    detect_seconds: float = Field(10.0, gt=0, description="a request that cannot be masked within this is refused")
    key_cache_seconds: float = Field(2.0, ge=0, le=10, description="how long a revoked key may still hold")
    record_content: bool = Field(False, description="whether what was sent and answered is kept, encrypted")
    max_request_bytes: int = Field(32_000_000, ge=1024, description="largest request that is read")


class KnowledgeSettings(_Table):
    embedding_model: str = Field(
        "minilm-l6-v2", description="the model of the catalog that embeds passages and questions on this machine"
    )
    embeddings_url: Annotated[str, AfterValidator(_check_embeddings_url)] = Field(
        "", description="base URL of an OpenAI-compatible server that embeds instead, such as http://gpu-box:8000/v1"
    )
    embeddings_model: str = Field("", max_length=200, description="the model of that server")
    query_prefix: str = Field(
        "", max_length=200, description='what stands before each question for that model, such as "query: " for E5'
    )
    passage_prefix: str = Field(
        "", max_length=200, description='what stands before each passage for that model, such as "passage: " for E5'
    )
    api_key_env: Annotated[str, AfterValidator(_check_key_variable)] = Field(
        "", description="the environment variable that holds that server's key"
    )
    zone: Literal["", "local", "managed"] = Field(
        "", description="whose machine that server is; managed where it is not on a private network"
    )
    managed: Literal["never", "allowed"] = Field(
        "never",
        description="whether a server in the zone managed may see the documents as they are; questions go there only "
        'for use cases whose `privacy.managed` is "allowed"',
    )
    refresh_minutes: float = Field(
        15.0, ge=0, le=10_080, description="how often a worker looks for changed files; 0 leaves it to people"
    )
    document_seconds: float = Field(60.0, gt=0, le=3600, description="longest reading of one document")
    ocr_language: str = Field(
        "eng",
        pattern=r"^[A-Za-z_]{2,20}(\+[A-Za-z_]{2,20}){0,9}$",
        description="language of scanned pages, as Tesseract calls it; several with +, such as deu+eng",
    )
    document_megabytes: float = Field(200.0, gt=0, le=2_000, description="largest document that is read")

    @model_validator(mode="after")
    def _nothing_leaves_unsaid(self) -> "KnowledgeSettings":
        if self.embeddings_url and not self.embeddings_model:
            raise ValueError("`embeddings_url` needs `embeddings_model`")
        if self.embeddings_url and is_in_the_clear(self.embeddings_url, self.effective_zone):
            raise ValueError(f"`embeddings_url`: {IN_THE_CLEAR}")
        if self.effective_zone == "managed" and self.managed == "never":
            raise ValueError(
                "the server of `embeddings_url` is in the zone managed, from which `managed = "
                '"never"` keeps documents; where it is your own, write `zone = "local"`'
            )
        return self

    @property
    def effective_zone(self) -> Zone:
        """Where the texts go that are embedded."""
        return (self.zone or zone_of(self.embeddings_url)) if self.embeddings_url else "local"


def _check_origins(text: str) -> str:
    """Origins as browsers send them (RFC 6454, section 6.2), with commas; never `*` and never `null`."""
    origins = [origin.strip().rstrip("/").lower() for origin in text.split(",") if origin.strip()]
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
            raise ValueError("must be origins such as https://crm.example.com, several with commas")
        if parts.username is not None or "*" in origin:
            raise ValueError("names each origin in full, without a user and without *")
        if (parts.scheme, parts.port) in (("http", 80), ("https", 443)):
            raise ValueError("leaves out the port that goes without saying, as browsers do")
    return ", ".join(origins)


class EmbedSettings(_Table):
    origins: Annotated[str, AfterValidator(_check_origins)] = Field(
        "",
        description="the sites whose pages may show a draft to decide on, such as https://crm.example.com, with "
        "commas; empty for none",
    )
    token_minutes: float = Field(30.0, gt=0, le=720, description="how long one embedded draft can be worked on")

    @property
    def allowed_origins(self) -> frozenset[str]:
        return frozenset(self.origins.split(", ")) - {""}


class McpSettings(_Table):
    zone: Zone = Field(
        "managed",
        description="whose machine the assistant's model runs on; one in the zone managed is shown masked text only, "
        "as far as the use case lets it have any",
    )
    host: str = Field("127.0.0.1", description="address that `graftwork mcp --http` listens on")
    port: int = Field(8200, ge=1, le=65_535, description="port that `graftwork mcp --http` listens on")
    public_url: str = Field("", description="address that assistants use, where it differs (behind a proxy)")


class Settings(_Table):
    """Everything that graftwork.toml may hold."""

    database: DatabaseSettings = DatabaseSettings()
    web: WebSettings = WebSettings()
    worker: WorkerSettings = WorkerSettings()
    engine: EngineSettings = EngineSettings()
    vault: VaultSettings = VaultSettings()
    gateway: GatewaySettings = GatewaySettings()
    embed: EmbedSettings = EmbedSettings()
    knowledge: KnowledgeSettings = KnowledgeSettings()
    mcp: McpSettings = McpSettings()


@dataclass(frozen=True)
class Workspace:
    folder: Path
    settings: Settings

    @property
    def data_folder(self) -> Path:
        return self.folder / "data"

    @property
    def usecases_folder(self) -> Path:
        return self.folder / "usecases"

    @property
    def connectors_folder(self) -> Path:
        return self.folder / "connectors"

    @property
    def key_file(self) -> Path:
        return self.folder / self.settings.vault.key_file

    @property
    def base_url(self) -> str:
        web = self.settings.web
        host = f"[{web.host}]" if ":" in web.host else web.host
        return web.public_url.rstrip("/") or f"http://{host}:{web.port}"

    @property
    def gateway_url(self) -> str:
        gateway = self.settings.gateway
        host = f"[{gateway.host}]" if ":" in gateway.host else gateway.host
        return f"http://{host}:{gateway.port}"


def find_workspace() -> Path | None:
    """GRAFTWORK_WORKSPACE, or the nearest folder from here upwards that holds graftwork.toml."""
    if named := os.environ.get("GRAFTWORK_WORKSPACE"):
        return Path(named).resolve()
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / FILE_NAME).is_file()), None)


def open_workspace(folder: Path | None = None, environ: Mapping[str, str] = os.environ) -> Workspace:
    """The workspace at `folder`, or the one found from here. Raises `WorkspaceNotFound` or `SettingInvalid`."""
    folder = folder or find_workspace()
    if folder is None or not (folder / FILE_NAME).is_file():
        raise WorkspaceNotFound(str(folder or Path.cwd()))
    return Workspace(folder, _read_settings(folder / FILE_NAME, environ))


def _read_settings(file: Path, environ: Mapping[str, str]) -> Settings:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingInvalid(str(file), "(whole file)", str(error)) from None
    for variable, table, key in setting_variables():
        if variable in environ:
            data.setdefault(table, {})[key] = environ[variable]
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        raise _explain(file, error) from None


def setting_variables() -> list[tuple[str, str, str]]:
    """(environment variable, table, key) of every setting."""
    return [
        (f"GRAFTWORK_{table}_{key}".upper(), table, key)
        for table, field in Settings.model_fields.items()
        for key in _keys(field.annotation)
    ]


def _keys(model: Any) -> list[str]:
    return list(model.model_fields)


def _explain(file: Path, error: ValidationError) -> SettingInvalid:
    first = error.errors(include_url=False)[0]
    path = [str(part) for part in first["loc"]]
    reason = first["msg"]
    if first["type"] == "extra_forbidden":
        model: Any = Settings if len(path) == 1 else Settings.model_fields[path[0]].annotation
        reason = f"unknown setting{did_you_mean(path[-1], _keys(model))}"
    return SettingInvalid(str(file), ".".join(path), reason)
