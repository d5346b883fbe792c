"""ServiceNow, Table API v2: incident and its journal; encoded queries, Link headers, hourly limits."""

import base64
import re
from datetime import UTC, datetime
from typing import Any, ClassVar

from support.vendors.base import Answer, Message, Refused, Request, Ticket, Vendor, pages

CHANGED = re.compile(r"sys_updated_on>=([\d-]+ [\d:]+)")
JOURNAL = re.compile(r"name=incident\^element_id=([0-9a-f]{32})")


def sys_id(number: int) -> str:
    return f"{number:032x}"


def local(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


class ServiceNow(Vendor):
    name = "servicenow"
    base_path = "/api/now/v2"
    write_path = r"/table/incident/"
    work_path = r"/table/"
    routes: ClassVar[dict[tuple[str, str], str]] = {
        ("GET", r"/api/now/v2/table/sys_user"): "users",
        ("GET", r"/api/now/v2/table/incident"): "incidents",
        ("GET", r"/api/now/v2/table/incident/([0-9a-f]{32})"): "show",
        ("PATCH", r"/api/now/v2/table/incident/([0-9a-f]{32})"): "update",
        ("GET", r"/api/now/v2/table/sys_journal_field"): "journal",
    }

    @property
    def settings(self) -> dict[str, Any]:
        return {"user": "graftwork.bot"}

    @property
    def secrets(self) -> dict[str, str]:
        return {"password": "env:VENDOR_SECRET"}

    def authorise(self, request: Request) -> None:
        right = base64.b64encode(f"graftwork.bot:{self.secret}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {right}":
            raise Refused(401)

    def error(self, status: int, code: str = "") -> Answer:
        said = {401: "User Not Authenticated", 403: "Insufficient rights", 404: "No Record found"}
        error = {"message": said.get(status, "Invalid request"), "detail": code or "See the log"}
        return Answer(status, {"error": error, "status": "failure"})

    def too_many(self, seconds: int) -> Answer:
        reset = int(datetime.now(UTC).timestamp()) + seconds
        headers = {"X-RateLimit-Limit": "100", "X-RateLimit-Reset": str(reset), "X-RateLimit-Rule": sys_id(9)}
        return Answer(429, {"error": {"message": "Rate limit exceeded", "detail": ""}, "status": "failure"}, headers)

    # ---- what it answers -------------------------------------------------------------------------

    def users(self, request: Request) -> Answer:
        return Answer(200, {"result": [{"sys_id": sys_id(3), "user_name": "graftwork.bot"}]})

    def incidents(self, request: Request) -> Answer:
        query = request.query.get("sysparm_query", "")
        found = CHANGED.search(query)
        if "ORDERBYsys_updated_on" not in query or found is None:
            raise Refused(400, "sysparm_query")
        since = datetime.fromisoformat(f"{found[1]}+00:00")
        open_only = "active=true" in query
        chosen = [t for t in self.by_update(since) if not (open_only and t.closed)]
        return self._listed(request, [self._incident(t) for t in chosen])

    def show(self, request: Request, key: str) -> Answer:
        return Answer(200, {"result": self._incident(self._by_key(key))})

    def update(self, request: Request, key: str) -> Answer:
        ticket, body = self._by_key(key), request.json()
        if not isinstance(body, dict) or set(body) - {"work_notes", "comments"} or len(body) != 1:
            raise Refused(400)
        element, text = next(iter(body.items()))
        self.say(ticket, "agent", text, public=element == "comments")
        return Answer(200, {"result": self._incident(ticket)})

    def journal(self, request: Request) -> Answer:
        found = JOURNAL.match(request.query.get("sysparm_query", ""))
        if found is None:
            raise Refused(400, "sysparm_query")
        entries = self._by_key(found[1]).messages[1:]
        return self._listed(request, [self._entry(m, found[1]) for m in entries])

    def _listed(self, request: Request, found: list[dict[str, Any]]) -> Answer:
        limit, offset = int(request.query.get("sysparm_limit", 10_000)), int(request.query.get("sysparm_offset", 0))
        names = request.query.get("sysparm_fields", "")
        if request.query.get("sysparm_exclude_reference_link") != "true" or not names:
            raise Refused(400, "this fake answers plain values of named fields only")
        shown, more = pages(found, limit, offset)
        only = [{name: row.get(name, "") for name in names.split(",")} for row in shown]
        link = f'<{self.url}{request.path}?sysparm_offset={offset + limit}&sysparm_limit={limit}>;rel="next"'
        headers = {"X-Total-Count": str(len(found)), **({"Link": link} if more else {})}
        return Answer(200, {"result": only}, headers)

    def _by_key(self, key: str) -> Ticket:
        return self.ticket(str(int(key, 16)))

    def _entry(self, m: Message, key: str) -> dict[str, Any]:
        return {
            "sys_id": sys_id(m.number), "element_id": key, "element": "comments" if m.public else "work_notes",
            "name": "incident", "value": m.text, "sys_created_on": local(m.at),
            "sys_created_by": "nora" if m.by == "customer" else "agent.smith",
        }  # fmt: skip

    def _incident(self, t: Ticket) -> dict[str, Any]:
        return {
            "sys_id": sys_id(t.number), "number": f"INC{t.number:07}", "short_description": t.subject,
            "description": t.messages[0].text, "state": "7" if t.closed else "2",
            "active": "false" if t.closed else "true", "caller_id": sys_id(5001), "caller_id.user_name": "nora",
            "sys_created_by": "nora", "sys_created_on": local(t.created), "sys_updated_on": local(t.updated),
            "sys_mod_count": str(t.version),
        }  # fmt: skip
