"""The REST interface, mounted at /api/v1/: its parts put together, and what its document says first."""

from graftwork import __version__
from graftwork.api import embed, errors, health, items, knowledge, outcomes, pilots, reference, reviews, usecases
from graftwork.api.auth import Token
from graftwork.api.mount import RestApi
from graftwork.api.parsing import JsonParser

DESCRIPTION = """\
Send items in, read drafts and reviews, decide, tell outcomes, search and feed the documents that drafts draw on.

**Authentication** is by token only: `Authorization: Bearer gw_...`. `graftwork token add` makes one, with the scopes it
needs: `items:read`, `items:write`, `reviews:read`, `reviews:write`, `outcomes:write`, `knowledge:read`,
`knowledge:write`, `embed:write`, `pilots:read`. A token acts for its user, within that user's roles and groups. The
session of the desk does not count here.

**Bodies** are JSON in UTF-8; only a document is sent as its bytes. Times are ISO 8601 in UTC, ids are UUIDs, what is
not known is null, and a name says its unit (`first_token_ms`, `active_seconds`).

**Errors** all have one shape, `{"error": {"code", "message", "next_step", "details"}}`. Codes are stable, wording
is not. What you may not see answers 404, as if it were not there. After 503, wait for `Retry-After` seconds.

**Listings** come in pages: ask again with `cursor` set to `next_cursor` until that is null.

A text that a person approved is in `final_text` of a review, from the moment it can no longer be undone, and nowhere
before.
"""

api = RestApi(
    title="Graftwork",
    version=__version__,
    description=DESCRIPTION,
    urls_namespace="api",
    auth=Token(),
    parser=JsonParser(),
    docs=reference.ReferencePage(),
)
errors.install(api)
for part in (items, reviews, outcomes, usecases, knowledge, pilots, embed, health, reference):
    api.add_router("", part.router)
