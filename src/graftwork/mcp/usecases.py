"""`list_use_cases`: what can be submitted, and what an item of it takes."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from graftwork.apps.actors import Actor
from graftwork.apps.work.queries import visible_usecases
from graftwork.core.usecase import UseCase
from graftwork.mcp.told import Arguments, Told, Tool


class Nothing(Arguments):
    pass


class InputField(BaseModel):
    name: str
    label: str
    type: Literal["text", "thread", "number", "boolean"] = Field(
        description="a thread is a text, or a list of turns with `from` and `text`"
    )
    required: bool
    max_characters: int


class UseCaseShown(BaseModel):
    name: str
    title: str
    description: str
    fields: list[InputField]
    output: Literal["text", "json"]


class UseCases(BaseModel):
    use_cases: list[UseCaseShown]


def list_use_cases(actor: Actor, given: Nothing, now: datetime) -> Told:
    del given, now
    actor.require_scope("items:read")
    found = visible_usecases(actor)
    return Told(UseCases(use_cases=[_shown(one) for one in found]), "usecases", {"use_cases": len(found)})


def _shown(use_case: UseCase) -> UseCaseShown:
    fields = [
        InputField(
            name=name, label=spec.label or name, type=spec.type, required=spec.required,
            max_characters=spec.max_characters,
        )
        for name, spec in use_case.input.fields.items()
    ]  # fmt: skip
    return UseCaseShown(
        name=use_case.name, title=use_case.title, description=use_case.description, fields=fields,
        output=use_case.output.type,
    )  # fmt: skip


TOOL = Tool(
    "list_use_cases",
    "List use cases",
    "Name the kinds of work that can be submitted (a support reply, a report to extract, ...), each with the fields "
    "that an item takes. Call it before submit_item.",
    Nothing,
    UseCases,
    list_use_cases,
)
