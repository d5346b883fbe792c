"""Reading feedback, and what a module says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from graftwork.apps.actors import Actor
from graftwork.apps.adoption.access import led_usecase
from graftwork.apps.adoption.models import Feedback
from graftwork.apps.keyring import keyring
from graftwork.apps.vault.sealing import unwrap
from graftwork.apps.work.models import Item

PAGE = 50
# Headings of a text stand below those of the page that it is shown on.
_HEADINGS_BELOW = 2
_DEEPEST_NESTING = 50


@dataclass(frozen=True, slots=True)
class FeedbackShown:
    """`item` is empty where none is named, or it is gone; `by` where no name was given."""

    id: UUID
    text: str
    by: str
    item: UUID | None
    external_id: str
    given_at: datetime
    seen_at: datetime | None


def feedback_of(
    actor: Actor, use_case: str, *, unseen_only: bool = False, skip: int = 0
) -> tuple[Sequence[FeedbackShown], bool]:
    """A page of what people said, newest first, and whether there is more; for those who lead the use case."""
    led_usecase(actor, use_case)
    rows = Feedback.objects.filter(use_case=use_case).select_related("scope_key", "user").order_by("-given_at", "pk")
    if unseen_only:
        rows = rows.filter(seen_at=None)
    found = list(rows[skip : skip + PAGE + 1])
    names = dict(Item.objects.filter(pk__in=[row.item for row in found if row.item]).values_list("pk", "external_id"))
    ring = keyring()
    shown = [
        FeedbackShown(
            id=row.pk,
            text=unwrap(row.scope_key, ring).unseal(row.text_sealed, row.text_label),
            by=row.user.get_username() if row.user else "",
            item=row.item if row.item in names else None,
            external_id=names.get(row.item, "") if row.item else "",
            given_at=row.given_at,
            seen_at=row.seen_at,
        )
        for row in found[:PAGE]
    ]
    return shown, len(found) > PAGE


def markdown_as_html(text: str) -> str:
    """CommonMark with tables as HTML. Raw HTML stays text, pictures are not loaded, and no link runs a script."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - only where a module is shown
    from markdown_it.token import Token  # noqa: PLC0415 - as above

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _DEEPEST_NESTING}).enable("table").disable("image")
    tokens = parser.parse(text)

    def mend(token: Token) -> None:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + _HEADINGS_BELOW)}"
        elif token.type == "link_open":
            token.attrSet("rel", "noopener noreferrer")
        elif token.type == "th_open":
            token.attrSet("scope", "col")
        if style := token.attrGet("style"):  # the alignment of a cell; a style in the page would be refused
            del token.attrs["style"]
            token.attrSet("class", f"is-{str(style).rpartition(':')[2]}")
        for child in token.children or ():
            mend(child)

    for token in tokens:
        mend(token)
    return str(parser.renderer.render(tokens, parser.options, {}))
