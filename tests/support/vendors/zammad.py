"""Zammad, REST API v1: ticket search, articles, internal articles."""

import re
from datetime import datetime
from typing import Any, ClassVar

from support.vendors.base import Answer, Message, Refused, Request, Ticket, Vendor, iso, pages

QUERY = re.compile(r"updated_at:\[(\S+) TO \*\]")


class Zammad(Vendor):
    name = "zammad"
    base_path = "/api/v1"
    write_path = r"/ticket_articles$"
    work_path = r"/ticket"
    routes: ClassVar[dict[tuple[str, str], str]] = {
        ("GET", r"/api/v1/users/me"): "me",
        ("GET", r"/api/v1/tickets/search"): "search",
        ("GET", r"/api/v1/tickets/(\d+)"): "show",
        ("GET", r"/api/v1/ticket_articles/by_ticket/(\d+)"): "articles",
        ("POST", r"/api/v1/ticket_articles"): "write",
    }

    @property
    def secrets(self) -> dict[str, str]:
        return {"access_token": "env:VENDOR_SECRET"}

    def authorise(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Token token={self.secret}":
            raise Refused(401)

    def error(self, status: int, code: str = "") -> Answer:
        said = {401: "Invalid token!", 403: "Not authorized", 404: "No such object", 422: "Invalid value"}
        text = said.get(status, "Something went wrong")
        return Answer(status, {"error": text, "error_human": text})

    # ---- what it answers -------------------------------------------------------------------------

    def me(self, request: Request) -> Answer:
        return Answer(200, {"id": 3, "login": "bot@helpdesk.example.com", "active": True})

    def search(self, request: Request) -> Answer:
        query = request.query
        found = QUERY.search(query.get("query", ""))
        if found is None or query.get("sort_by") != "updated_at" or query.get("order_by") != "asc":
            raise Refused(422)
        since = datetime.fromisoformat(found[1])
        size, page = int(query.get("per_page", 50)), int(query.get("page", 1))
        if not 1 <= size <= 200 or page < 1:
            raise Refused(422)
        shown, _ = pages(self.by_update(since), size, (page - 1) * size)
        if query.get("expand") != "true":
            return Answer(200, {"tickets": [t.number for t in shown], "tickets_count": len(shown), "assets": {}})
        return Answer(200, [self._ticket(t) for t in shown])

    def show(self, request: Request, number: str) -> Answer:
        return Answer(200, self._ticket(self.ticket(number)))

    def articles(self, request: Request, number: str) -> Answer:
        return Answer(200, [self._article(m, int(number)) for m in self.in_some_order(self.ticket(number).messages)])

    def write(self, request: Request) -> Answer:
        body = request.json()
        ticket = self.ticket(str(body.get("ticket_id", "")))
        internal = body.get("internal")
        if not isinstance(internal, bool) or body.get("type") not in ("note", "email") or not body.get("body"):
            raise Refused(422)
        message = self.say(ticket, "agent", body["body"], public=not internal, content_type=body.get("content_type"))
        return Answer(201, self._article(message, ticket.number))

    def _article(self, m: Message, number: int) -> dict[str, Any]:
        kind = m.extra.get("content_type") or "text/plain"
        return {
            "id": m.number, "ticket_id": number, "sender": "Customer" if m.by == "customer" else "Agent",
            "type": "email" if m.public else "note", "body": m.text,
            "content_type": kind, "internal": not m.public, "created_at": iso(m.at), "updated_at": iso(m.at),
        }  # fmt: skip

    def _ticket(self, t: Ticket) -> dict[str, Any]:
        return {
            "id": t.number, "number": f"20{t.number}", "title": t.subject, "state": "closed" if t.closed else "open",
            "group": "Support", "customer": "nora@customer.example.com", "article_count": len(t.messages),
            "created_at": iso(t.created), "updated_at": iso(t.updated),
        }  # fmt: skip
