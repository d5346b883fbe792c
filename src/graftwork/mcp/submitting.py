"""`submit_item`: hand a piece of work to the people who decide on it."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from graftwork.apps.actors import Actor
from graftwork.apps.keyring import keyring
from graftwork.apps.work.actions.idempotency import once
from graftwork.apps.work.actions.items import create_items
from graftwork.apps.work.queries import visible_items
from graftwork.apps.work.usecases import get_usecase
from graftwork.core.errors import RequestInvalid, RowRejected, did_you_mean
from graftwork.core.ids import uuid7
from graftwork.core.items import read_row
from graftwork.core.usecase import UseCase
from graftwork.mcp.told import Arguments, Identifier, Told, Tool, UseCaseName

MAX_NAME_CHARACTERS = 80


class NewItem(Arguments):
    use_case: UseCaseName
    fields: dict[str, Any] = Field(description="the item's fields by name, as list_use_cases tells them")
    id: Identifier | None = Field(
        None,
        description="its name in the system it comes from, such as a ticket number; the same id twice is one item. "
        "Without it, the same call within a day is one item",
    )
    thread: Identifier | None = Field(None, description="what it belongs to, such as a conversation; may be left out")


class Submitted(BaseModel):
    item_id: UUID = Field(description="for read_result")
    id: str = Field(description="its name, as given or as made here")
    use_case: str
    created: bool = Field(description="false where the item was there already: nothing was changed")
    differs: bool = Field(description="true where the stored item has other content than this call")
    state: str | None = Field(description="of the item; null where the token may not read items")
    message: str


def submit_item(actor: Actor, given: NewItem, now: datetime) -> Told:
    actor.require_scope("items:write")
    use_case = get_usecase(given.use_case)
    _refuse_unknown(use_case, given.fields)
    row = {**given.fields, **_names(use_case, given)}
    if row.get(use_case.input.id) in (None, ""):
        made, replayed = _create_once(actor, use_case, row, now)
    else:
        made, replayed = _create(actor, use_case, row, now), False
    created = made["created"] and not replayed
    item_id = UUID(made["item_id"])
    answer = Submitted(
        item_id=item_id, id=made["id"], use_case=use_case.name, created=created, differs=made["differs"],
        state=_state(actor, item_id), message=_message(created=created, differs=made["differs"]),
    )  # fmt: skip
    return Told(answer, f"item:{item_id}", {"use_case": use_case.name, "created": created})


def _names(use_case: UseCase, given: NewItem) -> dict[str, str]:
    names = {use_case.input.id: given.id, use_case.input.thread: given.thread}
    return {column: name for column, name in names.items() if name is not None}


def _create_once(actor: Actor, use_case: UseCase, row: Mapping[str, Any], now: datetime) -> tuple[dict[str, Any], bool]:
    """A caller that repeats a call whose answer it lost gets the item of the first one, for a day.

    Not for longer: two customers may well write the same few words. The digest has a key, because it is stored in the
    clear and short texts could be tried out against it.
    """
    text = json.dumps([use_case.name, row], sort_keys=True)
    key = hmac.digest(keyring().audit_secret, b"graftwork.mcp.submit", "sha256")
    digest = hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
    named = {**row, use_case.input.id: f"mcp-{uuid7().hex}"}
    stored = once(actor, f"mcp:{digest}", digest, now, lambda: _create(actor, use_case, named, now))
    return stored.body, stored.replayed


def _create(actor: Actor, use_case: UseCase, row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    try:
        item = read_row(use_case, row, line=1)
    except RowRejected as error:
        raise RequestInvalid("fields", error.reason) from None
    except OverflowError:
        raise RequestInvalid("fields", "holds a number that is too large") from None
    [made] = create_items(actor, use_case, [item], now)
    return {"item_id": str(made.item_id), "id": made.external_id, "created": made.created, "differs": made.differs}


def _refuse_unknown(use_case: UseCase, fields: Mapping[str, Any]) -> None:
    """Files and connectors bring columns that nobody wants; an assistant that sends a wrong name has made a mistake."""
    declared = use_case.input.fields
    known = [*declared, *(alias for spec in declared.values() for alias in spec.aliases)]
    known += [use_case.input.id, use_case.input.thread]
    for name in fields:
        if name not in known:
            shown = name[:MAX_NAME_CHARACTERS].encode(errors="replace").decode()
            takes = f"{use_case.name}, which takes {', '.join(declared)}"
            raise RequestInvalid("fields", f"`{shown}` is no field of {takes}{did_you_mean(shown, known)}")


def _state(actor: Actor, item_id: UUID) -> str | None:
    if actor.scopes is not None and "items:read" not in actor.scopes:
        return None
    return visible_items(actor).filter(pk=item_id).values_list("state", flat=True).first()


def _message(*, created: bool, differs: bool) -> str:
    if created:
        return "Submitted. A draft is made, and a person decides on it; read_result tells when they have."
    if differs:
        return "An item with this id was there already, with other content. It was left as it is; take another id."
    return "This very item was there already; no second one was made. For another one like it, give it an id."


TOOL = Tool(
    "submit_item",
    "Submit an item",
    "Hand a piece of work to Graftwork: a draft is written for it, and a person decides on it. Nothing "
    "is sent to anybody before that. Answers at once with the item's id and state; read_result tells the rest. "
    "Repeating a call makes no second item.",
    NewItem,
    Submitted,
    submit_item,
    writes=True,
)
