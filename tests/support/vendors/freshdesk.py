"""Freshdesk, API v2: tickets by time of change, conversations, private notes and replies."""

import base64
from datetime import datetime
from html import escape
from typing import Any, ClassVar

from support.vendors.base import Answer, Message, Refused, Request, Ticket, Vendor, iso, pages

CUSTOMER, AGENT = 5001, 7001


class Freshdesk(Vendor):
    name = "freshdesk"
    base_path = "/api/v2"
    write_path = r"/(notes|reply)$"
    work_path = r"/tickets"
    routes: ClassVar[dict[tuple[str, str], str]] = {
        ("GET", r"/api/v2/agents/me"): "me",
        ("GET", r"/api/v2/tickets"): "tickets_changed",
        ("GET", r"/api/v2/tickets/(\d+)"): "show",
        ("GET", r"/api/v2/tickets/(\d+)/conversations"): "conversations",
        ("POST", r"/api/v2/tickets/(\d+)/notes"): "note",
        ("POST", r"/api/v2/tickets/(\d+)/reply"): "reply",
    }

    @property
    def secrets(self) -> dict[str, str]:
        return {"api_key": "env:VENDOR_SECRET"}

    def authorise(self, request: Request) -> None:
        right = base64.b64encode(f"{self.secret}:X".encode()).decode()
        if request.headers.get("authorization") != f"Basic {right}":
            raise Refused(401)

    def error(self, status: int, code: str = "") -> Answer:
        if status == 404:
            return Answer(404)
        if status == 400:
            problem = {"field": code or "body", "message": "It should be valid", "code": "invalid_value"}
            return Answer(400, {"description": "Validation failed", "errors": [problem]})
        codes = {401: "invalid_credentials", 403: "access_denied", 415: "invalid_content_type"}
        return Answer(status, {"code": codes.get(status, "error"), "message": "You cannot do this."})

    def too_many(self, seconds: int) -> Answer:
        return Answer(429, {"message": "You have exceeded the limit"}, {"Retry-After": str(seconds)})

    # ---- what it answers -------------------------------------------------------------------------

    def me(self, request: Request) -> Answer:
        return Answer(200, {"id": AGENT, "available": True, "contact": {"name": "Bot"}})

    def tickets_changed(self, request: Request) -> Answer:
        query = request.query
        if query.get("order_by") != "updated_at" or query.get("order_type") != "asc":
            raise Refused(400, "order_by")
        try:
            since = datetime.fromisoformat(query["updated_since"])
        except (KeyError, ValueError):
            raise Refused(400, "updated_since") from None
        with_text = "description" in query.get("include", "")
        return self._paged(request, [self._ticket(t, with_text) for t in self.by_update(since)])

    def show(self, request: Request, number: str) -> Answer:
        return Answer(200, self._ticket(self.ticket(number), True))

    def conversations(self, request: Request, number: str) -> Answer:
        return self._paged(
            request, [self._entry(m, number) for m in self.in_some_order(self.ticket(number).messages[1:])]
        )

    def note(self, request: Request, number: str) -> Answer:
        body = request.json()
        if not isinstance(body.get("private"), bool) or not body.get("body"):
            raise Refused(400, "private")
        message = self.say(self.ticket(number), "agent", body["body"], public=not body["private"])
        return Answer(201, self._entry(message, number))

    def reply(self, request: Request, number: str) -> Answer:
        body = request.json()
        if set(body) - {"body", "from_email", "user_id", "cc_emails", "bcc_emails"} or not body.get("body"):
            raise Refused(400)
        return Answer(201, self._entry(self.say(self.ticket(number), "agent", body["body"]), number))

    def _paged(self, request: Request, found: list[dict[str, Any]]) -> Answer:
        size, page = int(request.query.get("per_page", 30)), int(request.query.get("page", 1))
        if not 1 <= size <= 100 or not 1 <= page <= 300:
            raise Refused(400, "per_page")
        shown, more = pages(found, size, (page - 1) * size)
        query = "&".join(f"{key}={value}" for key, value in request.query.items() if key != "page")
        link = f'<{self.url}{request.path}?{query}&page={page + 1}>; rel="next"'
        return Answer(200, shown, {"Link": link} if more else {})

    def _entry(self, m: Message, number: str) -> dict[str, Any]:
        html = m.text if m.text.startswith("<") else f"<div>{escape(m.text)}</div>"
        return {
            "id": m.number, "ticket_id": int(number), "body": html, "body_text": m.text,
            "incoming": m.by == "customer", "private": not m.public, "source": 0 if m.public else 2,
            "user_id": CUSTOMER if m.by == "customer" else AGENT,
            "created_at": iso(m.at), "updated_at": iso(m.at), "attachments": [],
        }  # fmt: skip

    def _ticket(self, t: Ticket, with_text: bool) -> dict[str, Any]:
        text = {"description": f"<div>{escape(t.messages[0].text)}</div>", "description_text": t.messages[0].text}
        return {
            "id": t.number, "subject": t.subject, "status": 5 if t.closed else 2, "priority": 1, "source": 1,
            "requester_id": CUSTOMER, "spam": False, "created_at": iso(t.created), "updated_at": iso(t.updated),
            **(text if with_text else {}),
        }  # fmt: skip
