"""Zendesk Support, API v2: incremental export, comments, audits, ticket updates with a safe stamp."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from support.vendors.base import Answer, Message, Refused, Request, Ticket, Vendor, iso, pages

CUSTOMER, AGENT = 5001, 7001


class Zendesk(Vendor):
    name = "zendesk"
    base_path = "/api/v2"
    write_path = r"/tickets/\d+\.json$"
    work_path = r"/incremental/|/tickets/"
    routes: ClassVar[dict[tuple[str, str], str]] = {
        ("GET", r"/api/v2/users/me\.json"): "me",
        ("GET", r"/api/v2/incremental/tickets/cursor\.json"): "export",
        ("GET", r"/api/v2/tickets/(\d+)/comments\.json"): "comments",
        ("GET", r"/api/v2/tickets/(\d+)/audits\.json"): "audits",
        ("GET", r"/api/v2/tickets/(\d+)\.json"): "show",
        ("PUT", r"/api/v2/tickets/(\d+)\.json"): "update",
    }

    @property
    def settings(self) -> dict[str, Any]:
        return {"email": "bot@helpdesk.example.com"}

    @property
    def secrets(self) -> dict[str, str]:
        return {"api_token": "env:VENDOR_SECRET"}

    def authorise(self, request: Request) -> None:
        right = base64.b64encode(f"bot@helpdesk.example.com/token:{self.secret}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {right}":
            raise Refused(401)

    def error(self, status: int, code: str = "") -> Answer:
        if status == 401:
            return Answer(401, {"error": "Couldn't authenticate you"})
        if status == 403:
            return Answer(403, {"error": {"title": "Forbidden", "message": "You do not have access to this page."}})
        if status == 409:
            return Answer(409, {"error": "UpdateConflict", "description": "The ticket was updated in between"})
        if status == 422:
            details = {"status": [{"description": "Status: closed prevents ticket update"}]}
            return Answer(422, {"error": "RecordInvalid", "description": "validation errors", "details": details})
        names = {404: "RecordNotFound", 429: "APIRateLimitExceeded"}
        return Answer(status, {"error": names.get(status, "Error"), "description": code or "Not found"})

    def too_many(self, seconds: int) -> Answer:
        headers = {"Retry-After": str(seconds), "X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "0"}
        return Answer(429, self.error(429).body, {**headers, "ratelimit-reset": str(seconds)})

    # ---- what it answers -------------------------------------------------------------------------

    def me(self, request: Request) -> Answer:
        return Answer(200, {"user": {"id": AGENT, "role": "admin", "active": True}})

    def export(self, request: Request) -> Answer:
        after, since = self._place(request.query)
        changed = [t for t in self.by_update(since) if (iso(t.updated), t.number) > after]
        shown, more = pages(changed, self._size(request.query.get("per_page"), 1000))
        last = (iso(shown[-1].updated), shown[-1].number) if shown else after
        cursor = base64.b64encode(f"{last[0]}|{last[1]}".encode()).decode()
        body = {"tickets": [self._ticket(t) for t in shown], "after_cursor": cursor, "before_cursor": None}
        url = f"{self.url}/api/v2/incremental/tickets/cursor.json?cursor={cursor}"
        return Answer(200, {**body, "after_url": url, "before_url": None, "end_of_stream": not more})

    def _place(self, query: Mapping[str, str]) -> tuple[tuple[str, int], datetime | None]:
        if "cursor" in query:
            try:
                at, _, number = base64.b64decode(query["cursor"], validate=True).decode().partition("|")
                return (at, int(number)), None
            except ValueError:
                raise Refused(400, "InvalidCursor") from None
        if not query.get("start_time", "").isdecimal():
            raise Refused(400, "InvalidValue")
        since = datetime.fromtimestamp(int(query["start_time"]), UTC)
        if (datetime.now(UTC) - since).total_seconds() < 60:
            raise Refused(422, "StartTimeTooRecent")
        return ("", 0), since

    def comments(self, request: Request, number: str) -> Answer:
        found = [self._comment(m) for m in self.ticket(number).messages]
        return self._paged(request, "comments", found)

    def audits(self, request: Request, number: str) -> Answer:
        found = [
            {"id": 90_000 + m.number, "ticket_id": int(number), "created_at": iso(m.at), "author_id": self._author(m),
             "metadata": {"system": {}, "custom": m.extra.get("custom", {})},
             "events": [{"id": m.number, "type": "Comment", "public": m.public, "body": m.text}]}
            for m in self.ticket(number).messages
        ]  # fmt: skip
        return self._paged(request, "audits", found)

    def show(self, request: Request, number: str) -> Answer:
        return Answer(200, {"ticket": self._ticket(self.ticket(number))})

    def update(self, request: Request, number: str) -> Answer:
        ticket = self.ticket(number)
        wanted = request.json().get("ticket")
        if not isinstance(wanted, dict) or not isinstance(wanted.get("comment"), dict):
            raise Refused(400, "missing comment")
        if ticket.closed:
            raise Refused(422)
        if wanted.get("safe_update") is True and wanted.get("updated_stamp") != iso(ticket.updated):
            raise Refused(409)
        comment = wanted["comment"]
        if not isinstance(comment.get("public"), bool) or not comment.get("body"):
            raise Refused(422)
        custom = wanted.get("metadata", {})
        message = self.say(ticket, "agent", comment["body"], public=comment["public"], custom=custom)
        audit = {"id": 90_000 + message.number, "ticket_id": ticket.number, "events": [{"id": message.number}]}
        return Answer(200, {"ticket": self._ticket(ticket), "audit": audit})

    def _paged(self, request: Request, name: str, found: list[dict[str, Any]]) -> Answer:
        size = self._size(request.query.get("page[size]"), 100)
        after = request.query.get("page[after]", "0")
        if not after.isdecimal():
            raise Refused(400, "InvalidCursor")
        shown, more = pages(found, size, int(after))
        following = str(int(after) + size)
        link = f"{self.url}{request.path}?page%5Bafter%5D={following}&page%5Bsize%5D={size}" if more else None
        meta = {"has_more": more, "after_cursor": following if more else None, "before_cursor": None}
        return Answer(200, {name: shown, "meta": meta, "links": {"next": link, "prev": None}})

    def _size(self, asked: str | None, most: int) -> int:
        size = int(asked or most)
        if not 1 <= size <= most:
            raise Refused(400, "page size")
        return size

    def _author(self, message: Message) -> int:
        return CUSTOMER if message.by == "customer" else AGENT

    def _comment(self, m: Message) -> dict[str, Any]:
        return {
            "id": m.number, "type": "Comment", "author_id": self._author(m), "body": m.text, "plain_body": m.text,
            "html_body": f"<p>{m.text}</p>", "public": m.public, "attachments": [], "created_at": iso(m.at),
            "via": {"channel": "email" if m.by == "customer" else "api"}, "metadata": {"system": {}},
        }  # fmt: skip

    def _ticket(self, t: Ticket) -> dict[str, Any]:
        return {
            "id": t.number, "subject": t.subject, "description": t.messages[0].text,
            "status": "closed" if t.closed else "open", "requester_id": CUSTOMER, "submitter_id": CUSTOMER,
            "created_at": iso(t.created), "updated_at": iso(t.updated), "tags": [],
        }  # fmt: skip
