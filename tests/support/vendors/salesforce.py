"""Salesforce REST API: sign-in with client credentials, SOQL on cases, case comments, drafts of e-mails."""

import re
from datetime import datetime
from itertools import count
from typing import Any, ClassVar
from urllib.parse import parse_qs

from support.vendors.base import Answer, Message, Refused, Request, Ticket, Vendor, pages

VERSION = "v66.0"
CASES = re.compile(r"SELECT .+ FROM Case WHERE SystemModstamp >= (\S+Z) ORDER BY SystemModstamp ASC, Id ASC")
ONE_CASE = re.compile(r"SELECT .+ FROM Case WHERE Id = '(\w{18})'")
COMMENTS = re.compile(r"SELECT Id, CommentBody FROM CaseComment WHERE ParentId = '(\w{18})'.*")
DRAFTS = re.compile(
    r"SELECT Id, MessageIdentifier FROM EmailMessage WHERE ParentId = '(\w{18})' AND MessageIdentifier = '([^'\\]+)'"
)
COMMENT_BYTES = 4000


def case_id(number: int) -> str:
    return f"500{number:015}"


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


class Salesforce(Vendor):
    name = "salesforce"
    tells_wait = False
    tells_description = False
    base_path = "/services/data/v66.0"
    write_path = r"/sobjects/"
    work_path = r"/services/data/"
    client = "3MVG9.client"
    routes: ClassVar[dict[tuple[str, str], str]] = {
        ("POST", r"/services/oauth2/token"): "open_token",
        ("GET", rf"/services/data/{VERSION}/limits"): "limits",
        ("GET", rf"/services/data/{VERSION}/query"): "query",
        ("GET", rf"/services/data/{VERSION}/query/(\w+)-(\d+)"): "query_more",
        ("POST", rf"/services/data/{VERSION}/sobjects/CaseComment"): "comment",
        ("POST", rf"/services/data/{VERSION}/sobjects/EmailMessage"): "draft",
    }

    def __init__(self) -> None:
        super().__init__()
        self.tokens: list[str] = []
        self._results: dict[str, list[dict[str, Any]]] = {}
        self._sequence = count(1)

    @property
    def settings(self) -> dict[str, Any]:
        return {"client_id": self.client}

    @property
    def secrets(self) -> dict[str, str]:
        return {"client_secret": "env:VENDOR_SECRET"}

    def open_token(self, request: Request) -> Answer:
        form = {key: values[0] for key, values in parse_qs(request.body.decode()).items()}
        right = {"grant_type": "client_credentials", "client_id": self.client, "client_secret": self.secret}
        if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return Answer(400, {"error": "unsupported_grant_type", "error_description": "grant type not supported"})
        if form != right:
            return Answer(401, {"error": "invalid_client", "error_description": "invalid client credentials"})
        self.tokens.append(f"00D-session-{next(self._sequence)}")
        body = {"access_token": self.tokens[-1], "instance_url": self.url, "token_type": "Bearer"}
        return Answer(200, {**body, "id": f"{self.url}/id/00D/005", "issued_at": "1763625600000"})

    def expire_tokens(self) -> None:
        self.tokens.clear()

    def authorise(self, request: Request) -> None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or token not in self.tokens:
            raise Refused(401, "INVALID_SESSION_ID")

    def error(self, status: int, code: str = "") -> Answer:
        codes = {401: "INVALID_SESSION_ID", 403: "INSUFFICIENT_ACCESS", 404: "NOT_FOUND", 400: "MALFORMED_QUERY"}
        return Answer(status, [{"message": "It cannot be done.", "errorCode": code or codes.get(status, "UNKNOWN")}])

    def too_many(self, seconds: int) -> Answer:
        # Salesforce counts requests of a whole day and says 403; it names no time to wait.
        return self.error(403, "REQUEST_LIMIT_EXCEEDED")

    # ---- what it answers -------------------------------------------------------------------------

    def limits(self, request: Request) -> Answer:
        return Answer(200, {"DailyApiRequests": {"Max": 15000, "Remaining": 14998}})

    def query(self, request: Request) -> Answer:
        soql = request.query.get("q", "")
        if found := CASES.fullmatch(soql):
            since = datetime.fromisoformat(found[1])
            return self._result([self._case(t, soql) for t in self.by_update(since)], request)
        if found := ONE_CASE.fullmatch(soql):
            return self._result([self._case(self._by_id(found[1]), soql)], request)
        if found := COMMENTS.fullmatch(soql):
            notes = self._by_id(found[1]).messages
            rows = [{"Id": self._comment_id(m), "CommentBody": m.text} for m in notes if self._is_comment(m)]
            return self._result(rows, request)
        if found := DRAFTS.fullmatch(soql):
            mails = self._by_id(found[1]).messages
            same = [m for m in mails if m.extra.get("identifier") == found[2]]
            rows = [{"Id": self._mail_id(m), "MessageIdentifier": found[2]} for m in same]
            return self._result(rows, request)
        raise Refused(400, "MALFORMED_QUERY")

    def query_more(self, request: Request, key: str, first: str) -> Answer:
        if key not in self._results:
            raise Refused(400, "INVALID_QUERY_LOCATOR")
        return self._page(key, int(first), request)

    def comment(self, request: Request) -> Answer:
        body = request.json()
        ticket = self._by_id(body.get("ParentId", ""))
        if not isinstance(body.get("IsPublished"), bool) or not body.get("CommentBody"):
            raise Refused(400, "REQUIRED_FIELD_MISSING")
        if len(body["CommentBody"].encode()) > COMMENT_BYTES:
            raise Refused(400, "STRING_TOO_LONG")
        message = self.say(ticket, "agent", body["CommentBody"], public=body["IsPublished"], comment=True)
        return Answer(201, {"id": self._comment_id(message), "success": True, "errors": []})

    def draft(self, request: Request) -> Answer:
        body = request.json()
        ticket = self._by_id(body.get("ParentId", ""))
        if body.get("Status") != "5" or body.get("Incoming") is not False or not body.get("TextBody"):
            raise Refused(400, "INVALID_FIELD")
        more = {"identifier": body.get("MessageIdentifier"), "draft": True}
        message = self.say(ticket, "agent", body["TextBody"], public=False, **more)
        return Answer(201, {"id": self._mail_id(message), "success": True, "errors": []})

    def _result(self, rows: list[dict[str, Any]], request: Request) -> Answer:
        key = f"01g{next(self._sequence):012}"
        self._results[key] = rows
        return self._page(key, 0, request)

    def _page(self, key: str, first: int, request: Request) -> Answer:
        # A real batch is 200 to 2,000 records; the fake takes whatever is asked, to have pages with few tickets.
        found = re.search(r"batchSize=(\d+)", request.headers.get("sforce-query-options", ""))
        size = int(found[1]) if found else 2000
        rows = self._results[key]
        shown, more = pages(rows, size, first)
        body: dict[str, Any] = {"totalSize": len(rows), "done": not more, "records": shown}
        following = f"/services/data/{VERSION}/query/{key}-{first + size}"
        return Answer(200, {**body, **({"nextRecordsUrl": following} if more else {})})

    def _by_id(self, key: str) -> Ticket:
        if not re.fullmatch(r"500\d{15}", key):
            raise Refused(400, "MALFORMED_ID")
        return self.ticket(str(int(key[3:])))

    def _is_comment(self, m: Message) -> bool:
        return bool(m.extra.get("comment")) or not (m.public or m.extra.get("draft"))

    def _comment_id(self, m: Message) -> str:
        return f"00a{m.number:015}"

    def _mail_id(self, m: Message) -> str:
        return f"02s{m.number:015}"

    def _case(self, t: Ticket, soql: str) -> dict[str, Any]:
        comments = [self._comment_row(m) for m in self.in_some_order(t.messages[1:]) if self._is_comment(m)]
        mails = [self._mail_row(m) for m in self.in_some_order(t.messages[1:]) if not self._is_comment(m)]
        if "Status != '5'" in soql:
            mails = [mail for mail in mails if mail["Status"] != "5"]
        return {
            "attributes": {"type": "Case", "url": f"/services/data/{VERSION}/sobjects/Case/{case_id(t.number)}"},
            "Id": case_id(t.number), "CaseNumber": f"{t.number:08}", "Subject": t.subject,
            "Description": t.messages[0].text, "Status": "Closed" if t.closed else "New", "IsClosed": t.closed,
            "SystemModstamp": stamp(t.updated), "CreatedDate": stamp(t.created),
            "ContactEmail": "nora@customer.example.com",
            "CaseComments": self._nested(comments), "EmailMessages": self._nested(mails),
        }  # fmt: skip

    def _nested(self, rows: list[dict[str, Any]]) -> dict[str, Any] | None:
        return {"totalSize": len(rows), "done": True, "records": rows} if rows else None

    def _comment_row(self, m: Message) -> dict[str, Any]:
        kind = "CspLitePortal" if m.by == "customer" else "Standard"
        return {
            "Id": self._comment_id(m), "CommentBody": m.text, "IsPublished": m.public,
            "CreatedDate": stamp(m.at), "CreatedBy": {"UserType": kind},
        }  # fmt: skip

    def _mail_row(self, m: Message) -> dict[str, Any]:
        return {
            "Id": self._mail_id(m), "TextBody": m.text, "Incoming": m.by == "customer",
            "Status": "5" if m.extra.get("draft") else "0", "CreatedDate": stamp(m.at),
        }  # fmt: skip
