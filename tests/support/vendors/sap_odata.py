"""SAP Service Cloud (Cloud for Customer), OData v2: service requests with their notes, tokens against forged writes."""

import base64
import re
from datetime import datetime
from itertools import count
from typing import Any, ClassVar

from support.vendors.base import Answer, Message, Refused, Request, Ticket, Vendor, pages

ROOT = r"/sap/c4c/odata/v1/c4codataapi"
FILTER = re.compile(r"EntityLastChangedOn ge datetimeoffset'([\d:.T-]+Z)'")
TYPES = {"description": "10004", "from_customer": "10007", "to_customer": "10008", "internal": "10011"}


def object_id(number: int) -> str:
    return f"{number:032X}"


def odata_date(at: datetime) -> str:
    return f"/Date({int(at.timestamp() * 1000)})/"


class SapOdata(Vendor):
    name = "sap_odata"
    base_path = ROOT
    write_path = r"/ServiceRequestTextCollection$"
    work_path = r"/ServiceRequest"
    routes: ClassVar[dict[tuple[str, str], str]] = {
        ("GET", ROOT + r"/?"): "service",
        ("HEAD", ROOT + r"/?"): "service",
        ("GET", ROOT + r"/ServiceRequestCollection"): "requests_changed",
        ("GET", ROOT + r"/ServiceRequestCollection\('([0-9A-F]{32})'\)"): "show",
        ("GET", ROOT + r"/ServiceRequestCollection\('([0-9A-F]{32})'\)/ServiceRequestTextCollection"): "texts",
        ("POST", ROOT + r"/ServiceRequestCollection\('([0-9A-F]{32})'\)/ServiceRequestTextCollection"): "write",
    }

    def __init__(self) -> None:
        super().__init__()
        self.csrf: dict[str, str] = {}  # token by session
        self._sessions = count(1)

    @property
    def settings(self) -> dict[str, Any]:
        return {"user": "GRAFTWORK_BOT"}

    @property
    def secrets(self) -> dict[str, str]:
        return {"password": "env:VENDOR_SECRET"}

    def authorise(self, request: Request) -> None:
        right = base64.b64encode(f"GRAFTWORK_BOT:{self.secret}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {right}":
            raise Refused(401)

    def error(self, status: int, code: str = "") -> Answer:
        said = {"code": code or "/IWBEP/CM_MGW_RT/020", "message": {"lang": "en", "value": "It cannot be done."}}
        return Answer(status, {"error": said})

    def forget_sessions(self) -> None:
        """What a restart of the server does: every token is unknown from now on."""
        self.csrf.clear()

    # ---- what it answers -------------------------------------------------------------------------

    def service(self, request: Request) -> Answer:
        body = {"d": {"EntitySets": ["ServiceRequestCollection", "ServiceRequestTextCollection"]}}
        if request.headers.get("x-csrf-token", "").lower() != "fetch":
            return Answer(200, body)
        number = next(self._sessions)
        session = f"sess{number}"
        self.csrf[session] = f"csrf-{number}=="
        cookies = f"SAP_SESSIONID_QXL_001={session}; path=/; HttpOnly\nsap-usercontext=sap-client=001; path=/"
        return Answer(200, body, {"x-csrf-token": self.csrf[session], "Set-Cookie": cookies})

    def requests_changed(self, request: Request) -> Answer:
        query = request.query
        found = FILTER.search(query.get("$filter", ""))
        if query.get("$format") != "json" or query.get("$orderby", "") != "EntityLastChangedOn,ObjectID":
            raise Refused(400)
        since = datetime.fromisoformat(found[1]) if found else None
        size, first = int(query.get("$top", 1000)), int(query.get("$skip", 0))
        shown, _ = pages(self.by_update(since), size, first)
        return Answer(200, {"d": {"results": [self._request(t, query.get("$expand", "")) for t in shown]}})

    def show(self, request: Request, key: str) -> Answer:
        ticket = self._by_key(key)
        return Answer(200, {"d": self._request(ticket, "")}, {"ETag": f'W/"{ticket.version}"'})

    def texts(self, request: Request, key: str) -> Answer:
        found = [self._text(m, key) for m in self.in_some_order(self._by_key(key).messages)]
        size, first = int(request.query.get("$top", 1000)), int(request.query.get("$skip", 0))
        shown, _ = pages(found, size, first)
        return Answer(200, {"d": {"results": shown}})

    def write(self, request: Request, key: str) -> Answer:
        cookies = dict(part.strip().partition("=")[::2] for part in request.headers.get("cookie", "").split(";"))
        token = self.csrf.get(cookies.get("SAP_SESSIONID_QXL_001", ""))
        if token is None or request.headers.get("x-csrf-token") != token:
            raise Refused(403, "/IWFND/CM_CONSUMER/101", {"x-csrf-token": "Required"})
        body = request.json()
        if set(body) != {"TypeCode", "Text"} or body["TypeCode"] not in TYPES.values() or not body["Text"]:
            raise Refused(400)
        public = body["TypeCode"] != TYPES["internal"]
        message = self.say(self._by_key(key), "agent", body["Text"], public=public)
        return Answer(201, {"d": {"results": self._text(message, key)}})

    def _by_key(self, key: str) -> Ticket:
        return self.ticket(str(int(key, 16)))

    def _text(self, m: Message, key: str) -> dict[str, Any]:
        kind = "from_customer" if m.by == "customer" else "to_customer" if m.public else "internal"
        if m is self._by_key(key).messages[0]:
            kind = "description"
        uri = f"{self.url}{ROOT}/ServiceRequestTextCollection('{object_id(m.number)}')"
        return {
            "__metadata": {"uri": uri, "type": "c4codata.ServiceRequestText"}, "ObjectID": object_id(m.number),
            "ParentObjectID": key, "TypeCode": TYPES[kind], "Text": m.text, "CreatedOn": odata_date(m.at),
            "CreatedBy": "Nora" if m.by == "customer" else "Agent",
        }  # fmt: skip

    def _request(self, t: Ticket, expand: str) -> dict[str, Any]:
        key = object_id(t.number)
        uri = f"{self.url}{ROOT}/ServiceRequestCollection('{key}')"
        texts: dict[str, Any] = {"__deferred": {"uri": f"{uri}/ServiceRequestTextCollection"}}
        if expand == "ServiceRequestTextCollection":
            texts = {"results": [self._text(m, key) for m in self.in_some_order(t.messages)]}
        return {
            "__metadata": {"uri": uri, "type": "c4codata.ServiceRequest", "etag": f'W/"{t.version}"'},
            "ObjectID": key, "ID": str(t.number), "Name": t.subject,
            "ServiceRequestUserLifeCycleStatusCode": "6" if t.closed else "2", "ETag": odata_date(t.updated),
            "EntityLastChangedOn": odata_date(t.updated), "CreationDateTime": odata_date(t.created),
            "ServiceRequestTextCollection": texts,
        }  # fmt: skip
