"""HubSpot CRM, object API v3: ticket search, e-mails and notes by association, batches, private-app tokens."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from support.vendors.base import Answer, Message, Refused, Request, Ticket, Vendor, pages

NOTE_TO_TICKET = 228
MOST = {"tickets": 200}


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class HubSpot(Vendor):
    name = "hubspot"
    tells_wait = False
    tells_description = False
    base_path = ""
    write_path = r"/objects/notes$"
    work_path = r"/crm/"
    routes: ClassVar[dict[tuple[str, str], str]] = {
        ("GET", r"/account-info/v3/details"): "account",
        ("POST", r"/crm/v3/objects/tickets/search"): "search",
        ("GET", r"/crm/v4/objects/tickets/(\d+)/associations/(emails|notes)"): "associations",
        ("POST", r"/crm/v3/objects/(emails|notes)/batch/read"): "batch",
        ("POST", r"/crm/v3/objects/notes"): "write",
    }

    @property
    def secrets(self) -> dict[str, str]:
        return {"access_token": "env:VENDOR_SECRET"}

    def authorise(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.secret}":
            raise Refused(401)

    def error(self, status: int, code: str = "") -> Answer:
        categories = {401: "INVALID_AUTHENTICATION", 403: "MISSING_SCOPES", 404: "OBJECT_NOT_FOUND"}
        category = code or categories.get(status, "VALIDATION_ERROR")
        body = {"status": "error", "message": "It cannot be done.", "correlationId": "a1", "category": category}
        return Answer(status, body)

    def too_many(self, seconds: int) -> Answer:
        body = {"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING", "category": "RATE_LIMITS"}
        headers = {"X-HubSpot-RateLimit-Max": "100", "X-HubSpot-RateLimit-Remaining": "0"}
        return Answer(429, {"status": "error", "message": "Too many.", **body}, headers)

    # ---- what it answers -------------------------------------------------------------------------

    def account(self, request: Request) -> Answer:
        return Answer(200, {"portalId": 62515, "accountType": "STANDARD", "timeZone": "Europe/Dublin"})

    def search(self, request: Request) -> Answer:
        body = request.json()
        try:
            (group,) = body["filterGroups"]
            bound = next(f for f in group["filters"] if f["propertyName"] == "hs_lastmodifieddate")
            order = body["sorts"][0]
            since = datetime.fromtimestamp(int(bound["value"]) / 1000, UTC)
        except (KeyError, ValueError, IndexError, StopIteration, TypeError):
            raise Refused(400) from None
        if bound["operator"] != "GTE" or not isinstance(bound["value"], str):
            raise Refused(400)
        if order != {"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}:
            raise Refused(400)
        size, first = body.get("limit", 10), int(body.get("after", 0))
        if not isinstance(size, int) or not 1 <= size <= MOST["tickets"] or first + size > 10_000:
            raise Refused(400)
        closed = [f["value"] for f in group["filters"] if f["propertyName"] == "hs_pipeline_stage"]
        found = [t for t in self.by_update(since) if self._stage(t) not in closed]
        shown, more = pages(found, size, first)
        results = [self._ticket(t, body["properties"]) for t in shown]
        paging = {"paging": {"next": {"after": str(first + size), "link": "?after="}}} if more else {}
        return Answer(200, {"total": len(found), "results": results, **paging})

    def associations(self, request: Request, number: str, kind: str) -> Answer:
        found = [m for m in self.ticket(number).messages[1:] if m.public == (kind == "emails")]
        size, first = int(request.query.get("limit", 500)), int(request.query.get("after", 0))
        shown, more = pages(found, size, first)
        kinds = [{"category": "HUBSPOT_DEFINED", "typeId": 224 if kind == "emails" else 227, "label": None}]
        results = [{"toObjectId": m.number, "associationTypes": kinds} for m in shown]
        paging = {"paging": {"next": {"after": str(first + size), "link": "?after="}}} if more else {}
        return Answer(200, {"results": results, **paging})

    def batch(self, request: Request, kind: str) -> Answer:
        body = request.json()
        asked = [entry.get("id") for entry in body.get("inputs", ())]
        if not asked or len(asked) > 100 or not all(isinstance(key, str) for key in asked):
            raise Refused(400)
        known = {str(m.number): m for t in self.tickets.values() for m in t.messages}
        results = [self._object(known[key], body["properties"]) for key in reversed(asked) if key in known]
        return Answer(200, {"status": "COMPLETE", "results": results})

    def write(self, request: Request) -> Answer:
        body = request.json()
        properties, links = body.get("properties", {}), body.get("associations", [])
        if not properties.get("hs_timestamp") or not properties.get("hs_note_body") or len(links) != 1:
            raise Refused(400)
        kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": NOTE_TO_TICKET}
        if links[0].get("types") != [kind]:
            raise Refused(400)
        ticket = self.ticket(str(links[0]["to"]["id"]))
        message = self.say(ticket, "agent", properties["hs_note_body"], public=False)
        return Answer(201, self._object(message, ["hs_note_body"]))

    def _object(self, m: Message, names: list[str]) -> dict[str, Any]:
        direction = "INCOMING_EMAIL" if m.by == "customer" else "EMAIL"
        known = {
            "hs_note_body": m.text, "hs_email_text": m.text, "hs_email_html": f"<p>{m.text}</p>",
            "hs_email_direction": direction, "hs_timestamp": stamp(m.at), "hs_email_status": "SENT",
        }  # fmt: skip
        properties = {name: known.get(name) for name in names} | {"hs_object_id": str(m.number)}
        at = stamp(m.at)
        return {"id": str(m.number), "properties": properties, "createdAt": at, "updatedAt": at, "archived": False}

    def _stage(self, t: Ticket) -> str:
        return "4" if t.closed else "1"

    def _ticket(self, t: Ticket, names: list[str]) -> dict[str, Any]:
        known = {
            "subject": t.subject, "content": t.messages[0].text, "hs_pipeline_stage": self._stage(t),
            "hs_lastmodifieddate": stamp(t.updated), "createdate": stamp(t.created),
        }  # fmt: skip
        properties = {name: known.get(name) for name in names} | {"hs_object_id": str(t.number)}
        return {
            "id": str(t.number), "properties": properties, "createdAt": stamp(t.created),
            "updatedAt": stamp(t.updated), "archived": False,
        }  # fmt: skip
