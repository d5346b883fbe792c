"""Sources, documents and passages, as they go in and come out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from graftwork.api.schemas.common import In, Text

SourceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$", examples=["handbook"])]
GroupName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$", examples=["claims"])]


class Passage(BaseModel):
    source: str
    document_id: UUID
    document: str = Field(description="its path in the source; an attachment's name follows that of its mail")
    title: str
    headings: list[str] = Field(description="the headings above it, outermost first")
    page: int | None = Field(description="counts from 1; null where the document has no pages")
    start: int = Field(description="offset in the text of the document, in characters")
    end: int
    text: str
    relevance: float = Field(ge=0, le=1, description="0 to 1; an estimate, not a promise")


class PassageList(BaseModel):
    passages: list[Passage] = Field(description="the best first")
    sources: list[str] = Field(description="what was searched")
    snapshot: str = Field(description="names the state that they were in; empty where there is nothing to search")


class SourceIn(In):
    model_config = ConfigDict(json_schema_extra={"example": {"groups": ["claims"]}})

    groups: list[GroupName] = Field([], max_length=50, description="only these may read it; everybody where empty")


class Failure(BaseModel):
    path: str
    code: str
    reason: str


class SourceOut(BaseModel):
    name: str
    kind: Literal["folder", "file", "feed"]
    groups: list[str]
    documents: int = Field(description="those that are searched")
    passages: int
    failed: int = Field(description="files that could not be read")
    created_at: datetime
    refreshed_at: datetime | None = Field(description="when its folder was looked through last; null for a feed")


class SourceDetail(SourceOut):
    failures: list[Failure] = Field(description="up to 100")


class SourceList(BaseModel):
    sources: list[SourceOut]


class DocumentStored(BaseModel):
    id: UUID
    path: Text
    format: str
    sha256: str
    passages: int
    changed: bool = Field(description="false where these very bytes were stored already")


class Removed(BaseModel):
    documents: int
