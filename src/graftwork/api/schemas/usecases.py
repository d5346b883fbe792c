"""Use cases, as far as a program that sends items or reviews needs to know them."""

from typing import Any, Literal

from pydantic import BaseModel, Field


class InputFieldOut(BaseModel):
    name: str
    type: Literal["text", "thread", "number", "boolean"]
    label: str
    required: bool
    aliases: list[str]
    max_characters: int


class ReasonOut(BaseModel):
    code: str
    label: str


class UseCaseOut(BaseModel):
    name: str
    title: str
    description: str
    id_field: str = Field(description="the field that names an item in the system it comes from")
    thread_field: str = Field(description="the field that says which items belong together")
    fields: list[InputFieldOut]
    output_type: Literal["text", "json"]
    output_schema: dict[str, Any] | None
    review_role: str
    reasons: list[ReasonOut] = Field(description="codes that a rejection may give")
    undo_seconds: float
    release: str = Field(description="what drafts now, named by its SHA-256")


class UseCaseList(BaseModel):
    use_cases: list[UseCaseOut]
