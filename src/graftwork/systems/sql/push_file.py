"""What the file of a connector says about writing rows."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from graftwork.core.usecase_tables import Part
from graftwork.systems.contract import Event
from graftwork.systems.file import Push
from graftwork.systems.sql.template import Template, parse_delivery

Constant = bool | int | float


def _check_written(value: str | Constant) -> str | Constant:
    if isinstance(value, str):
        parse_delivery(value)
    return value


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is no time zone, such as UTC or Europe/Berlin") from None
    return name


Written = Annotated[str | Constant, AfterValidator(_check_written)]
TimeZone = Annotated[str, AfterValidator(_check_zone)]


class Write(Part):
    """One row that is changed, or added."""

    action: Literal["update", "insert"] = Field("update", description="change the row, or add one")
    table: str = Field("", description="the table; that which is pulled from where empty")
    schema_name: str = Field("", alias="schema", description="its schema; that which is pulled from where empty")
    set: dict[str, Written] = Field(
        min_length=1,
        description='by column: a constant or a text with gaps, such as "{text}", "{values.category}", "{decided_at}"',
    )
    where: dict[str, Written] = Field(
        {}, description="which row is changed, by column; the row that was read where empty"
    )
    once_by: tuple[str, ...] = Field(
        (), description='columns that tell a row that is there already; those with "{key}", or else all'
    )
    on: tuple[Event, ...] = Field((), description="for which decisions; for all that are delivered where empty")

    @model_validator(mode="after")
    def _fits_its_action(self) -> "Write":
        if self.action == "update" and self.once_by:
            raise ValueError("`once_by` goes with an insert: an update is recognised by what its columns hold")
        if self.action == "insert" and self.where:
            raise ValueError("`where` goes with an update")
        if missing := [column for column in self.once_by if column not in self.set]:
            raise ValueError(f"`once_by` names `{missing[0]}`, which `set` does not write")
        return self

    @property
    def guard(self) -> tuple[str, ...]:
        """The columns that tell whether the row of an insert is there."""
        return self.once_by or self._with_the_key or tuple(self.set)

    @property
    def is_guarded_by_key(self) -> bool:
        """Whether a row that is found can be of this delivery only."""
        return bool(set(self.guard) & set(self._with_the_key))

    @property
    def _with_the_key(self) -> tuple[str, ...]:
        return tuple(column for column, value in self.set.items() if "key" in template_of(value).names)


class SqlPush(Push):
    """One write stands here by itself, or several in `writes`: all of them in one transaction."""

    action: Literal["update", "insert"] = Field("update", description="change the row, or add one")
    table: str = Field("", description="the table; that which is pulled from where empty")
    schema_name: str = Field("", alias="schema", description="its schema; that which is pulled from where empty")
    set: dict[str, Written] = Field(
        {}, description='by column: a constant or a text with gaps, such as "{text}", "{values.category}"'
    )
    where: dict[str, Written] = Field(
        {}, description="which row is changed, by column; the row that was read where empty"
    )
    once_by: tuple[str, ...] = Field(
        (), description='columns that tell a row that is there already; those with "{key}", or else all'
    )
    writes: tuple[Write, ...] = Field((), description="several rows in one transaction; in place of `set`")
    check: tuple[str, ...] | None = Field(
        None, description="columns that must be as they were read; all that were read and are written where absent"
    )
    time_zone: TimeZone = Field("UTC", description="of {decided_at}, in columns that have no zone of their own")
    read_back: bool = Field(
        True, description="read what was written before it is made final; off where triggers alter it"
    )

    @model_validator(mode="after")
    def _writes_something(self) -> "SqlPush":
        if bool(self.set) == bool(self.writes):
            raise ValueError("needs `set` or `writes`, and not both")
        if self.writes and (self.table or self.where or self.once_by):
            raise ValueError("`table`, `where` and `once_by` stand in each of `writes`, where there are some")
        for event in self.on:
            if not self.writes_of(event):
                raise ValueError(f"delivers {event}, for which nothing is written")
        return self

    @property
    def all_writes(self) -> tuple[Write, ...]:
        return self.writes or (
            Write(
                action=self.action, table=self.table, schema=self.schema_name, set=self.set, where=self.where,
                once_by=self.once_by,
            ),
        )  # fmt: skip

    def writes_of(self, event: Event) -> tuple[Write, ...]:
        return tuple(write for write in self.all_writes if not write.on or event in write.on)


def template_of(value: str | Constant) -> Template:
    """Constants that are no text have no gaps."""
    return parse_delivery(value) if isinstance(value, str) else Template(())
