"""From one page to the next. A position is plain JSON, since it is kept in the cursor between two pulls."""

from collections.abc import Mapping
from typing import Any

from graftwork.systems.errors import TryFailed
from graftwork.systems.expressions import ExpressionFailed, evaluate, holds
from graftwork.systems.http.addresses import AddressRefused, followed
from graftwork.systems.http.client import Answer, Client, Filled
from graftwork.systems.http.tables import Pages, Request

# What stands in a cursor goes into the next address, and what is longer is no cursor.
MOST_CURSOR_CHARACTERS = 4_000

Position = Mapping[str, Any]
BEGINNING: Position = {}


def fill_page(
    client: Client, request: Request, pages: Pages, position: Position, values: Mapping[str, Any], page_items: int
) -> Filled:
    """The request for the page at `position`. Raises `Rejected`."""
    counted = {
        "page": position.get("page", pages.first),
        "offset": position.get("offset", 0),
        "cursor": position.get("cursor"),
        "page_items": page_items,
    }
    if position and pages.without:
        left = {name: source for name, source in request.query.items() if name not in pages.without}
        request = request.model_copy(update={"query": left})
    return client.fill(request, {**values, **counted}, link=str(position.get("link", "")))


def next_position(
    client: Client, pages: Pages, position: Position, data: Any, answer: Answer, count: int, page_items: int
) -> Position | None:
    """Where the next page begins; `None` where this was the last one. `count` entries stood on this one.

    Raises `TryFailed` where the answer leads back to the same page, or to another host.
    """
    if pages.kind == "none" or (pages.more and not _holds(pages.more, data)):
        return None
    following = _following(client, pages, position, data, answer, count, page_items)
    if following is not None and following == position:
        if not count:
            return None
        raise TryFailed("the next page is the same page again")
    return following


def _following(
    client: Client, pages: Pages, position: Position, data: Any, answer: Answer, count: int, page_items: int
) -> Position | None:
    match pages.kind:
        case "next":
            return _linked(client, _found(pages.next, data), answer)
        case "link_header":
            return _linked(client, answer.link_to_next, answer)
        case "cursor":
            return _cursor(_found(pages.cursor, data))
    # Where the answer says whether there are more, a short page proves nothing.
    if not count or (count < page_items and not pages.more):
        return None
    if pages.kind == "offset":
        return {"offset": position.get("offset", 0) + count}
    return {"page": position.get("page", pages.first) + 1}


def _linked(client: Client, link: Any, answer: Answer) -> Position | None:
    if link is None or link == "":
        return None
    try:
        return {"link": client.storable(followed(link, client.base.url + answer.address, client.base))}
    except AddressRefused as error:
        raise TryFailed(error.reason) from None


def _cursor(found: Any) -> Position | None:
    if found is None or found == "" or isinstance(found, bool):
        return None
    if not isinstance(found, str | int) or len(str(found)) > MOST_CURSOR_CHARACTERS:
        raise TryFailed("the cursor of the next page is no text of a usable length")
    return {"cursor": str(found)}


def kept_cursor(pages: Pages, data: Any) -> Position | None:
    """Of an answer that is the last one of its run: where the next run begins."""
    return _cursor(_found(pages.cursor, data)) if pages.keep else None


def entries(expression: str, data: Any) -> list[Any]:
    """Raises `TryFailed` where there is no list; nothing at all is an empty one."""
    found = _found(expression, data)
    if found is None:
        return []
    if not isinstance(found, list):
        raise TryFailed("the answer has no list where `items` says")
    return found


def all_entries(
    client: Client, request: Request, pages: Pages, expression: str, page_items: int, values: Mapping[str, Any]
) -> tuple[list[Any], bool]:
    """The entries of all pages, and whether these were all. Raises as `Client.get_json` does."""
    together: list[Any] = []
    position: Position | None = BEGINNING
    for _ in range(pages.most):
        filled = fill_page(client, request, pages, position or BEGINNING, values, page_items)
        data, answer = client.get_json(request, filled)
        found = entries(expression, data)
        together += found
        position = next_position(client, pages, position or BEGINNING, data, answer, len(found), page_items)
        if position is None:
            return together, True
    return together, False


def _found(expression: str, data: Any) -> Any:
    try:
        return evaluate(expression, data)
    except ExpressionFailed:
        raise TryFailed("the answer does not fit the expressions of the file") from None


def _holds(expression: str, data: Any) -> bool:
    try:
        return holds(expression, data)
    except ExpressionFailed:
        raise TryFailed("the answer does not fit the expressions of the file") from None
