"""Jira Service Management Cloud: issue search by JQL, request comments with public and internal ones."""

import base64
import re
from datetime import UTC, datetime
from typing import Any, ClassVar

from support.vendors.base import Answer, Message, Refused, Request, Ticket, Vendor, pages

JQL = re.compile(r'project = "SUP" AND updated >= (\d+) ORDER BY updated ASC, key ASC')
CUSTOMER, AGENT = "5b10ac8d82e05b22cc7d4ef5", "5b10a2844c20165700ede21g"


class JiraServiceManagement(Vendor):
    name = "jira_service_management"
    base_path = ""
    write_path = r"/servicedeskapi/request/[^/]+/comment$"
    work_path = r"/search/jql|/request/"
    routes: ClassVar[dict[tuple[str, str], str]] = {
        ("GET", r"/rest/api/2/myself"): "me",
        ("GET", r"/rest/api/2/search/jql"): "search",
        ("GET", r"/rest/api/2/issue/([A-Z0-9-]+)"): "issue",
        ("GET", r"/rest/servicedeskapi/request/([A-Z0-9-]+)/comment"): "comments",
        ("POST", r"/rest/servicedeskapi/request/([A-Z0-9-]+)/comment"): "write",
    }

    @property
    def settings(self) -> dict[str, Any]:
        return {"email": "bot@helpdesk.example.com", "project": "SUP"}

    @property
    def secrets(self) -> dict[str, str]:
        return {"api_token": "env:VENDOR_SECRET"}

    def authorise(self, request: Request) -> None:
        right = base64.b64encode(f"bot@helpdesk.example.com:{self.secret}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {right}":
            raise Refused(401)

    def error(self, status: int, code: str = "") -> Answer:
        if status == 401:
            return Answer(401, {"message": "Client must be authenticated to access this resource."})
        return Answer(status, {"errorMessages": [code or "It cannot be done."], "errors": {}})

    def too_many(self, seconds: int) -> Answer:
        headers = {"Retry-After": str(seconds), "X-RateLimit-NearLimit": "true", "RateLimit-Reason": "jira-burst-based"}
        return Answer(429, {"errorMessages": ["Rate limit exceeded."]}, headers)

    # ---- what it answers -------------------------------------------------------------------------

    def me(self, request: Request) -> Answer:
        return Answer(200, {"accountId": AGENT, "accountType": "atlassian", "active": True})

    def search(self, request: Request) -> Answer:
        found = JQL.fullmatch(request.query.get("jql", ""))
        if found is None:
            raise Refused(400, "the JQL is not what this fake understands")
        since = datetime.fromtimestamp(int(found[1]) / 1000, UTC)
        size = int(request.query.get("maxResults", 50))
        first = int(request.query.get("nextPageToken", "token-0").removeprefix("token-"))
        shown, more = pages(self.by_update(since), size, first)
        body: dict[str, Any] = {"issues": [self._issue(t, request) for t in shown], "isLast": not more}
        return Answer(200, {**body, **({"nextPageToken": f"token-{first + size}"} if more else {})})

    def issue(self, request: Request, key: str) -> Answer:
        return Answer(200, self._issue(self._by_key(key), request))

    def comments(self, request: Request, key: str) -> Answer:
        start, limit = int(request.query.get("start", 0)), int(request.query.get("limit", 50))
        shown, more = pages(self.in_some_order(self._by_key(key).messages[1:]), limit, start)
        values = [self._comment(m) for m in shown]
        body = {"size": len(values), "start": start, "limit": limit, "isLastPage": not more, "values": values}
        base = f"{self.url}/rest/servicedeskapi"
        after = f"{base}/request/{key}/comment?start={start + limit}&limit={limit}"
        return Answer(200, {**body, "_links": {"base": base, **({"next": after} if more else {})}})

    def write(self, request: Request, key: str) -> Answer:
        body = request.json()
        if set(body) != {"body", "public"} or not isinstance(body["public"], bool) or not body["body"]:
            raise Refused(400, "public")
        message = self.say(self._by_key(key), "agent", body["body"], public=body["public"])
        return Answer(201, self._comment(message))

    def _by_key(self, key: str) -> Ticket:
        return self.ticket(key.removeprefix("SUP-"))

    def _comment(self, m: Message) -> dict[str, Any]:
        stamp = m.at.strftime("%Y-%m-%dT%H:%M:%S+0000")
        account = CUSTOMER if m.by == "customer" else AGENT
        return {
            "id": str(m.number), "body": m.text, "public": m.public,
            "author": {"accountId": account, "displayName": "Somebody", "active": True},
            "created": {"iso8601": stamp, "epochMillis": int(m.at.timestamp() * 1000), "friendly": "Today"},
        }  # fmt: skip

    def _issue(self, t: Ticket, request: Request) -> dict[str, Any]:
        done = {"name": "Done", "statusCategory": {"key": "done"}}
        fields = {
            "summary": t.subject, "updated": t.updated.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
            "reporter": {"accountId": CUSTOMER}, "description": t.messages[0].text,
            "status": done if t.closed else {"name": "Open", "statusCategory": {"key": "new"}},
        }  # fmt: skip
        asked = request.query.get("fields", "").split(",")
        chosen = {name: value for name, value in fields.items() if name in asked}
        return {"id": str(10_000 + t.number), "key": f"SUP-{t.number}", "fields": chosen}
