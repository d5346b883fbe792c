"""The file of a connector that reaches its system over HTTP, and the file that describes such a system."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, Field, model_validator

from graftwork.core.errors import did_you_mean
from graftwork.core.usecase_tables import Part
from graftwork.systems.contract import Event
from graftwork.systems.expressions import Expression
from graftwork.systems.file import Pull, Push, TwoWay
from graftwork.systems.http import tables
from graftwork.systems.http.tables import FieldMap, Http, Pages, Request, Setting, Since
from graftwork.systems.http.templates import parse, templates_in
from graftwork.systems.secret import SecretPlace


class Each(Request):
    """A further request for each record, such as its comments. What it finds joins the record, under its name."""

    roots: ClassVar[Collection[str]] = tables.EVERYWHERE | tables.OF_A_RECORD | tables.OF_PAGES - {"since"}

    items: Expression = Field("@", description="what is taken from the answer; lists of several pages are joined")
    only_if: Expression = Field("", description="true of a record that needs it")
    pages: Pages = Pages(most=10)
    page_items: int = Field(100, ge=1, le=5_000, description="asked for at once, as {page_items}")


class Settle(Request):
    """A request that shows in the system that a record was taken."""

    roots: ClassVar[Collection[str]] = tables.EVERYWHERE | tables.OF_STORED
    method: tables.Method = "POST"


class HttpPull(Pull, Request):
    """What is asked for, and how an item is made of a record. Expressions see the record as the system lists it."""

    roots: ClassVar[Collection[str]] = tables.EVERYWHERE | tables.OF_PAGES

    items: Expression = Field("@", description="where the list of records stands in the answer")
    page_items: int = Field(100, ge=1, le=5_000, description="records of one page, as {page_items}")
    pages: Pages = Pages()
    since: Since | None = None
    skip_if: Expression = Field("", description="true of a record, as listed, that is no work for us")
    each: Mapping[str, Each] = Field({}, description="further requests for each record, in this order")
    skip_later_if: Expression = Field("", description="the same, once what `each` found has joined the record")
    key: Expression = Field(min_length=1, description="what names the item for ever")
    thread: Expression = Field("", description="what names its conversation; the key where empty")
    changed: Expression = Field("", description="what tells that the place has changed; see [push.check]")
    origin: Mapping[str, Expression] = Field({}, description="what the push needs, as {origin.NAME}")
    fields: Mapping[str, FieldMap] = Field(min_length=1, description="the use case's input fields")
    settle: Settle | None = None


class Then(Request):
    """A second look, at the list that the first one `found`, such as ids. Left out where that is empty."""

    roots: ClassVar[Collection[str]] = tables.EVERYWHERE | tables.OF_A_DELIVERY | {"found"}

    items: Expression = Field("@", description="the entries, in place of those of the first look")


class Find(Request):
    """How to see that a write of ours has arrived: a list, one entry of which holds the delivery's key."""

    roots: ClassVar[Collection[str]] = tables.EVERYWHERE | tables.OF_A_DELIVERY | tables.OF_PAGES - {"since"}

    items: Expression = Field("@", description="the entries among which it would be")
    mark: Expression = Field(min_length=1, description="of an entry: the text that would hold the delivery's key")
    what: tables.TemplateText = Field("{key}", min_length=1, description="what it holds; {text} where it keeps no key")
    reference: Expression = Field("", description="of that entry: what the system calls it")
    pages: Pages = Pages(most=10)
    page_items: int = Field(100, ge=1, le=5_000, description="asked for at once, as {page_items}")
    then: Then | None = None

    @model_validator(mode="after")
    def _what_names_what_there_is(self) -> "Find":
        self._check_names(self.what, "what")
        return self


class Write(Request):
    """One request of a delivery. One that may not be repeated needs `find`; else a person decides after a break."""

    roots: ClassVar[Collection[str]] = tables.EVERYWHERE | tables.OF_A_DELIVERY
    method: tables.Method = "POST"

    only_on: tuple[Event, ...] = Field((), description="for these decisions only")
    only_if: Expression = Field("", description="true of the push's names: setting.visibility == 'public'")
    repeatable: bool | None = Field(
        None, description="whether sending it twice does what once does; true of PUT and DELETE where not said"
    )
    find: Find | None = None
    headers_if_unchanged: Mapping[tables.HeaderName, tables.TemplateText] = Field(
        {}, description="such as If-Match; left out where a person wants it delivered anyway"
    )
    headers_if_overwriting: Mapping[tables.HeaderName, tables.TemplateText] = Field({}, description="sent instead then")
    rejected_if: Expression = Field("", description="true of an answer that refuses, under a status of success")
    reference: Expression = Field("", description="what the answer calls the result; shown in the receipt")

    @model_validator(mode="after")
    def _guards_name_what_there_is(self) -> "Write":
        for part in ("headers_if_unchanged", "headers_if_overwriting"):
            self._check_names(getattr(self, part), part)
        return self

    @property
    def may_repeat(self) -> bool:
        return self.method in ("GET", "PUT", "DELETE") if self.repeatable is None else self.repeatable


class Check(Request):
    """What is read before a write, to see whether somebody changed the place since `pull.changed` was read."""

    roots: ClassVar[Collection[str]] = tables.EVERYWHERE | tables.OF_A_DELIVERY | tables.OF_PAGES - {"since"}
    changed: Expression = Field(min_length=1, description="of the answer: what `pull.changed` is of a record")
    items: Expression = Field(
        "", description="where it is a list of several pages; `changed` is then of the whole list"
    )
    pages: Pages = Pages(most=10)
    page_items: int = Field(100, ge=1, le=5_000, description="asked for at once, as {page_items}")


class HttpPush(Push):
    """What is sent for one decision: all requests, in order."""

    requests: tuple[Write, ...] = Field(min_length=1)
    check: Check | None = None


class HttpDescription(Part):
    """A file of connectors/systems/: a system described once, for all connectors that name it."""

    about: tables.About
    settings: Mapping[str, Setting] = {}
    http: Http
    pull: HttpPull | None = None
    push: HttpPush | None = None
    probe: Request | None = Field(None, description="a harmless request for `graftwork connectors check`")

    @model_validator(mode="after")
    def _settings_exist(self) -> "HttpDescription":
        check_settings(self, self.settings)
        return self


class HttpConnector(TwoWay):
    """A connector: what its file says, together with what the description of its system says."""

    about: tables.About | None = None
    settings: Mapping[str, Setting] = Field({}, description="the values of what the system's file asks for")
    http: Http
    pull: HttpPull | None = None
    push: HttpPush | None = None
    probe: Request | None = Field(None, description="a harmless request for `graftwork connectors check`")

    @model_validator(mode="after")
    def _settings_are_given(self) -> "HttpConnector":
        used = check_settings(self, self.settings)
        for name, setting in self.settings.items():
            # One that only a condition names is compared there, and a wrong value would leave out every request.
            if name in used or setting.given is not None:
                check_value(name, setting)
        return self


def check_settings(tables_of_file: BaseModel, settings: Mapping[str, Setting]) -> list[str]:
    """The settings that the file's templates cannot do without. A secret may stand in [http.auth] only."""
    used: dict[str, None] = {}
    for place, name, optional in _settings_named(tables_of_file):
        if name not in settings:
            raise ValueError(
                f"`{place}` names the setting `{name}`, which there is not{did_you_mean(name, list(settings))}"
            )
        if settings[name].secret and not place.startswith("http.auth."):
            raise ValueError(f"`{place}` names the secret `{name}`; secrets may stand in [http.auth] only")
        if not optional:
            used[name] = None
    return list(used)


def check_value(name: str, setting: Setting) -> None:
    """Whether a setting that is used can be used. No message quotes it: it may be a secret in the wrong place."""
    given = setting.given
    if given is None:
        what = f": {setting.description}" if setting.description else ""
        raise ValueError(f"needs `settings.{name}`{what}")
    if setting.secret:
        _check_place(name, given)
    if setting.choices and given not in setting.choices:
        raise ValueError(f"needs `settings.{name}` to be one of {', '.join(setting.choices)}")
    if setting.pattern and not re.fullmatch(setting.pattern, str(given)):
        raise ValueError(f"needs `settings.{name}` to match {setting.pattern}")


class _Place(Part):
    place: SecretPlace


def _check_place(name: str, given: Any) -> None:
    try:
        _Place(place=given)
    except ValueError:
        raise ValueError(
            f"needs `settings.{name}` to say where the secret lies, as env:NAME or file:PATH; a secret never stands "
            "in this file"
        ) from None


def _settings_named(model: BaseModel) -> Iterator[tuple[str, str, bool]]:
    # Expressions may hold braces too; only what was declared a template is read as one.
    for place, text in _template_texts(model, ""):
        for found in parse(text).placeholders:
            if found.root == "setting":
                yield place, found.name.partition(".")[2], found.optional


def _template_texts(model: BaseModel, place: str) -> Iterator[tuple[str, str]]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        where = f"{place}.{field.alias or name}".lstrip(".")
        if isinstance(value, BaseModel):
            yield from _template_texts(value, where)
        elif name in _TEMPLATES and isinstance(model, Request | Http | tables.Auth | tables.Csrf):
            yield from templates_in(value, where)
        else:
            yield from _inside(value, where)


def _inside(value: Any, where: str) -> Iterator[tuple[str, str]]:
    children = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, tuple) else ()
    for key, child in children:
        if isinstance(child, BaseModel):
            yield from _template_texts(child, f"{where}.{key}")


_TEMPLATES = frozenset(
    {"path", "query", "headers", "body", "form", "what", "headers_if_unchanged", "headers_if_overwriting", "base_url",
     *tables.Auth.TEMPLATES}
)  # fmt: skip
