"""The file of a folder or object store: where it is, which documents of it become items, how results are written."""

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from graftwork.core.usecase_tables import Part
from graftwork.core.zones import is_in_the_clear, zone_of
from graftwork.systems.file import Pull, Push, TwoWay
from graftwork.systems.folder.names import is_safe, looks_like_documents, template_problem
from graftwork.systems.secret import SecretPlace

DOCUMENTS = ("*.pdf", "*.docx", "*.html", "*.htm", "*.md", "*.markdown", "*.txt", "*.eml")


class FolderPull(Pull):
    """Which documents become items. Hidden files, links, half-written files and our own results never do."""

    pattern: tuple[str, ...] = Field(
        DOCUMENTS, min_length=1, max_length=50, description="file names, with * and ?; with a / in it, paths"
    )
    recursive: bool = Field(True, description="whether folders inside are read too")
    versions: bool = Field(False, description="whether a changed file becomes a new item, or stays the one it was")
    settle_seconds: float = Field(
        10.0, ge=0, le=86_400, description="how long a file must stay unchanged before it is read"
    )
    max_bytes: int = Field(50_000_000, ge=1, le=1_000_000_000, description="a larger file is refused")


class FolderPush(Push):
    """Where results are written: beside the document, under a name of their own, or into a folder of their own."""

    format: Literal["json", "text"] = Field(
        "json", description="json: everything about the decision; text: the text alone"
    )
    name: str = Field(
        "", max_length=200, description="of {name}, {stem} and {key}; {name}.graftwork.json or .txt where empty"
    )
    folder: str = Field("", max_length=500, description="a folder inside; beside each document where empty")
    check_document: bool = Field(
        True, description="whether a document that was changed or taken away meanwhile makes it a conflict"
    )
    name_reviewer: bool = Field(False, description="whether the result says who decided")

    @field_validator("name")
    @classmethod
    def _fits(cls, name: str) -> str:
        if problem := template_problem(name):
            raise ValueError(problem)
        return name

    @field_validator("folder")
    @classmethod
    def _inside(cls, folder: str) -> str:
        if folder and not is_safe(folder):
            raise ValueError("must be a path inside the folder, without `..`")
        return folder

    @model_validator(mode="after")
    def _text_is_there(self) -> "FolderPush":
        if self.format == "text" and self.on != ("approved",):
            raise ValueError('`format = "text"` goes with `on = ["approved"]`: nothing else has a text')
        return self

    @property
    def template(self) -> str:
        return self.name or ("{name}.graftwork.json" if self.format == "json" else "{name}.graftwork.txt")


class S3Access(Part):
    """An object store that speaks S3. Without keys, those that the machine itself has are used."""

    endpoint_url: str = Field("", max_length=500, description="address of the store; Amazon's where empty")
    region: str = Field("", max_length=60, description="region of the bucket")
    key: SecretPlace | None = Field(None, description="place of the access key")
    secret: SecretPlace | None = Field(None, description="place of the secret key")

    @model_validator(mode="after")
    def _fits(self) -> "S3Access":
        if (self.key is None) != (self.secret is None):
            raise ValueError("`key` and `secret` belong together")
        if self.endpoint_url and is_in_the_clear(self.endpoint_url, zone_of(self.endpoint_url)):
            raise ValueError("`endpoint_url` must be https: others on the way could read the documents")
        return self


class SftpAccess(Part):
    """How we show who we are, and how we know the server."""

    password: SecretPlace | None = Field(None, description="place of the password")
    key_file: str = Field("", max_length=500, description="private key, in the workspace or by its full path")
    key_passphrase: SecretPlace | None = Field(None, description="place of what opens the private key")
    known_hosts: str = Field(
        "~/.ssh/known_hosts", min_length=1, description="file with the server's key, as ssh-keyscan writes it"
    )


class FolderConnector(TwoWay):
    """A folder of this machine, a prefix of an S3 bucket, a folder on an SFTP server, or whatever fsspec can reach."""

    url: str = Field(
        min_length=1,
        max_length=1_000,
        description="a path in the workspace or a full one, s3://bucket/prefix, sftp://user@host/path, or fsspec's own",
    )
    pull: FolderPull | None = None
    push: FolderPush | None = None
    s3: S3Access | None = None
    sftp: SftpAccess | None = None
    options: Mapping[str, Any] = Field({}, description="options of another fsspec protocol, as they stand here")
    secret_options: Mapping[str, SecretPlace] = Field({}, description="its options that are secret, each by its place")
    timeout_seconds: float = Field(30.0, gt=0, le=600, description="longest wait for an answer of the store")

    @field_validator("url")
    @classmethod
    def _is_a_place(cls, url: str) -> str:
        if "\x00" in url or "::" in url:
            raise ValueError("must be one path or one address")
        try:
            password = urlsplit(url).password if "://" in url else None
        except ValueError:
            raise ValueError("is no address") from None
        if password is not None:
            raise ValueError("must not hold a password; name its place in `[sftp]` or `secret_options`")
        return url

    @model_validator(mode="after")
    def _tables_fit(self) -> "FolderConnector":
        for name, table in (("s3", self.s3), ("sftp", self.sftp)):
            if table is not None and self.protocol != name:
                raise ValueError(f"`[{name}]` goes with an address that begins with {name}://")
        if (self.options or self.secret_options) and self.protocol in ("", "file", "s3", "sftp"):
            raise ValueError("`options` are for other protocols; this one has a table of its own, or needs none")
        if self.pull and self.push and looks_like_documents(self.push.template, self.pull.pattern):
            raise ValueError(
                "`push.name` would make every such document look like a result; add a word, as in .answer.txt"
            )
        if self.protocol == "sftp" and not (urlsplit(self.url).hostname and urlsplit(self.url).username):
            raise ValueError("`url` must be sftp://user@host/path")
        return self

    @property
    def protocol(self) -> str:
        """Empty for a path of this machine."""
        return self.url.partition("://")[0].lower() if "://" in self.url else ""
