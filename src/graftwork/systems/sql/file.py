"""The file of a connector to an SQL database: which rows are read, what becomes of them, what is written back."""

import codecs
import re
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, Field, model_validator

from graftwork.core.usecase_tables import NAME, Part
from graftwork.systems.file import Pull, TwoWay
from graftwork.systems.secret import SecretPlace
from graftwork.systems.sql.push_file import SqlPush
from graftwork.systems.sql.template import parse

# Dates in texts follow the order of time only where the longest unit stands first.
SORTABLE = ("Y", "m", "d", "H", "M", "S", "f")
DATE_DIRECTIVES = 3

_PASSWORD_IN_ODBC = re.compile(r"(?i)(^|;)\s*(pwd|password)\s*=")
_PASSWORD_WORD = re.compile(r"(?i)pass|pwd|secret|token")


def _check_encoding(name: str) -> str:
    try:
        encodes = isinstance("".encode(name), bytes)
    except (LookupError, UnicodeError):
        encodes = False
    if name and not encodes:
        raise ValueError("is no encoding of texts, such as latin-1, windows-1252, utf-8 or cp850")
    return codecs.lookup(name).name if name else ""


def _check_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        holds = parts.password is not None or any(_PASSWORD_WORD.search(key) for key, _ in parse_qsl(parts.query))
    except ValueError:
        raise ValueError("is not a URL such as postgresql://db.example.com/crm") from None
    if holds:
        raise ValueError('must not hold a password; say where it lies: password = "env:NAME"')
    if not parts.scheme or "://" not in url:
        raise ValueError("is not a URL such as postgresql://db.example.com/crm")
    return url


def _check_odbc(text: str) -> str:
    if _PASSWORD_IN_ODBC.search(text):
        raise ValueError('must not hold a password; say where it lies: password = "env:NAME"')
    return text


def _check_template(text: str) -> str:
    if "{" in text or "}" in text:
        parse(text)
    if not text:
        raise ValueError('is empty; it is the name of a column, or a text with columns in it: "{subject}: {body}"')
    return text


Encoding = Annotated[str, AfterValidator(_check_encoding)]
FromColumns = Annotated[str, AfterValidator(_check_template)]


class ColumnRule(Part):
    """How one column is to be understood, where its type does not say it."""

    kind: Literal["text", "number", "date", "boolean"] = Field("text", description="what it holds")
    format: str = Field("", description="of dates kept as text, in strptime's directives: %d.%m.%Y %H:%M")
    true: tuple[str, ...] = Field(("1", "Y", "T", "true", "yes"), description="texts of a boolean that mean yes")
    false: tuple[str, ...] = Field(("0", "N", "F", "false", "no"), description="texts of a boolean that mean no")
    nulls: tuple[str, ...] = Field((), description='texts that mean nothing, such as "00000000"')
    encoding: Encoding = Field("", description="as the connector's `encoding`, for this column")
    misread_as: Encoding = Field("", description="as the connector's `misread_as`, for this column")

    @model_validator(mode="after")
    def _format_belongs_to_a_date(self) -> "ColumnRule":
        if self.format and self.kind != "date":
            raise ValueError('`format` goes with kind = "date"')
        return self


class Conversation(Part):
    """Rows of another table that become the turns of one field, such as the messages of a ticket."""

    field: str = Field("conversation", pattern=NAME, description="the field; what `fields` gives it is the first turn")
    table: str = Field(min_length=1, description="the table with the turns")
    schema_name: str = Field("", alias="schema", description="its schema, where it is not the account's own")
    parent: str = Field(min_length=1, description="its column that names the row they belong to")
    of: str = Field("", description="the column of that row; its key where empty")
    order: tuple[str, ...] = Field(min_length=1, description="its columns by which the turns follow each other")
    text: FromColumns = Field(description="its column with the text, or a text with columns in it")
    speaker: str = Field("", description="its column that says who wrote it; everything is the customer's where empty")
    speakers: dict[str, str] = Field({}, description='what its values mean, such as A = "agent"; themselves otherwise')
    where: str = Field("", description="an SQL condition that chooses among them")


class SqlPull(Pull):
    """Rows come from `table` or `query`. A watermark, a status, or both say which of them are new."""

    table: str = Field("", description="the table or view that is read")
    schema_name: str = Field("", alias="schema", description="its schema, where it is not the account's own")
    query: str = Field("", description="a SELECT of your own in place of `table`")
    where: str = Field("", description="an SQL condition that chooses among the rows")
    key: tuple[str, ...] = Field((), description="the columns that name a row for ever")
    key_expression: str = Field("", description="an SQL expression that does, where no column names a row")
    watermark: str = Field("", description="a column that grows with each new or changed row")
    watermark_expression: str = Field("", description="an SQL expression that does, where no column grows")
    watermark_kind: Literal["timestamp", "number", "text"] = Field(
        "timestamp", description="what the watermark is; text is a date kept as text, longest unit first"
    )
    watermark_format: str = Field("", description="of a watermark kept as text: %Y-%m-%d %H:%M:%S, %Y%m%d")
    since: str | int | None = Field(None, description="where to begin, as the watermark is written in the database")
    overlap_seconds: float = Field(
        60, ge=0, le=604_800, description="how long a transaction may stay open there: that far back it looks again"
    )
    overlap_numbers: int = Field(
        100, ge=0, description="with a number as watermark: how far below the greatest it looks again"
    )
    status: str = Field("", description="a column that says which rows are to be read")
    new_values: tuple[str | int, ...] = Field((), description="its values in rows that are to be read")
    new_is_null: bool = Field(False, description="whether NULL there is such a value too")
    taken_value: str | int | None = Field(None, description="written there once a row is stored here; needs UPDATE")
    thread: str = Field("", description="the column that says which rows belong together; the key where empty")
    fields: dict[Annotated[str, Field(pattern=NAME)], FromColumns] = Field(
        min_length=1, description="by field of the use case: a column, or a text with columns in it"
    )
    columns: dict[str, ColumnRule] = Field({}, description="what single columns hold")
    strip: bool = Field(True, description="take the blanks off the end of texts, as CHAR columns have them")
    empty_is_null: bool = Field(False, description="whether an empty text is nothing, in fields and keys")
    conversation: Conversation | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_key_is_a_list(cls, data: object) -> object:
        if isinstance(data, dict) and isinstance(data.get("key"), str):
            return {**data, "key": (data["key"],)}
        return data

    @model_validator(mode="after")
    def _says_what_is_read(self) -> "SqlPull":
        _exactly_one("table", self.table, "query", self.query)
        _exactly_one("key", self.key, "key_expression", self.key_expression)
        if self.watermark and self.watermark_expression:
            raise ValueError("`watermark` and `watermark_expression` exclude each other")
        if self.query and self.schema_name:
            raise ValueError("`schema` goes with `table`")
        if self.conversation and not self.conversation.of and len(self.key) != 1:
            raise ValueError("`conversation.of` is required where the key is not one column")
        return self

    @model_validator(mode="after")
    def _watermark_grows(self) -> "SqlPull":
        if (self.watermark_kind == "text") != bool(self.watermark_format):
            raise ValueError('`watermark_format` goes with watermark_kind = "text", and is required there')
        directives = re.findall(r"%(.)", self.watermark_format)
        if self.watermark_format and (
            tuple(directives) != SORTABLE[: len(directives)] or len(directives) < DATE_DIRECTIVES
        ):
            raise ValueError(
                "`watermark_format` must begin with the year and go down to shorter units (%Y%m%d, %Y-%m-%d %H:%M:%S): "
                "other texts do not sort by time; make one with `watermark_expression`"
            )
        if self.since is not None and not self.has_watermark:
            raise ValueError("`since` goes with a watermark")
        return self

    @model_validator(mode="after")
    def _status_has_values(self) -> "SqlPull":
        if bool(self.status) != bool(self.new_values or self.new_is_null):
            raise ValueError("`status` goes with `new_values`, `new_is_null`, or both")
        if self.taken_value is not None and not self.status:
            raise ValueError("`taken_value` goes with `status`")
        if self.taken_value is not None and self.taken_value in self.new_values:
            raise ValueError("`taken_value` must not be one of `new_values`")
        if self.taken_value is not None and not self.table:
            raise ValueError("`taken_value` goes with `table`: nothing can be written to a query")
        return self

    @property
    def has_watermark(self) -> bool:
        return bool(self.watermark or self.watermark_expression)


class SqlConnector(TwoWay):
    """A database of PostgreSQL, MySQL, MariaDB, SQL Server, Oracle, SQLite, or behind ODBC."""

    url: Annotated[str, AfterValidator(_check_url)] = Field(
        description="postgresql://, mysql://, mariadb://, mssql://, oracle:// or odbc://, then HOST:PORT/DATABASE; "
        "sqlite:///PATH; never with a password"
    )
    odbc: Annotated[str, AfterValidator(_check_odbc)] = Field(
        "", description="with odbc:// and mssql+pyodbc://, the connection string: DSN=crm or Driver=...;Server=..."
    )
    username: str = Field("", description="the account; that of the URL where empty")
    password: SecretPlace | None = Field(None, description="where its password lies: env:NAME or file:PATH")
    connect_timeout_seconds: float = Field(10, gt=0, le=300, description="longest wait for a connection")
    statement_timeout_seconds: float = Field(60, gt=0, le=3600, description="longest wait for one statement")
    lock_timeout_seconds: float = Field(5, gt=0, le=300, description="longest wait for a lock of somebody else's")
    encoding: Encoding = Field("", description="of texts that the database hands out as bytes; UTF-8 where empty")
    misread_as: Encoding = Field(
        "", description="what the database takes its texts for, where they come out garbled: latin-1"
    )
    pull: SqlPull | None = None
    push: SqlPush | None = None

    @model_validator(mode="after")
    def _odbc_is_described(self) -> "SqlConnector":
        behind_odbc = self.url.startswith("odbc:")
        if behind_odbc != bool(self.odbc) and not (self.odbc and "+pyodbc:" in self.url):
            raise ValueError("`odbc` goes with a URL that begins with odbc://, and is required there")
        if self.misread_as and not self.encoding:
            raise ValueError("`misread_as` goes with `encoding`, which says what the texts really are")
        return self

    @model_validator(mode="after")
    def _updates_know_their_row(self) -> "SqlConnector":
        for number, write in enumerate(self.push.all_writes if self.push else (), 1):
            same = self.pull is not None and self.pull.table and write.table in ("", self.pull.table)
            if not write.table and not same:
                raise ValueError(f"write {number} needs a `table`, since none is pulled from")
            if write.action == "update" and not write.where and not same:
                raise ValueError(f"write {number} updates a table that is not pulled from, so it needs `where`")
        return self


def _exactly_one(one: str, first: object, other: str, second: object) -> None:
    if bool(first) == bool(second):
        raise ValueError(f"needs `{one}` or `{other}`, and not both")
