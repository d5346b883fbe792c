"""The OpenAPI document as a whole, and the page that shows it.

After a wanted change: `GRAFTWORK_REFRESH=1 pytest tests/api/test_openapi.py`, then read the difference and commit it.
"""

import json
import os
import re
from pathlib import Path

import pytest

from graftwork.api.reference import ASSETS

SNAPSHOT = Path(__file__).with_name("openapi.json")
# Python 3.13 took over the names of RFC 9110.
RENAMED_STATUSES = {
    "Unprocessable Content": "Unprocessable Entity",
    "Content Too Large": "Request Entity Too Large",
}


@pytest.fixture
def document(anonymous, db):
    answer = anonymous.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def test_the_document_is_the_one_that_was_reviewed(document):
    document["info"].pop("version")
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    for newer, older in RENAMED_STATUSES.items():
        text = text.replace(f'"description": "{newer}"', f'"description": "{older}"')
    if os.environ.get("GRAFTWORK_REFRESH"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert json.loads(text) == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def _operations(document):
    return [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_says_what_it_is_who_may_and_how_it_fails(document):
    for name, operation in _operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        if name == "get /api/v1/health":
            assert "security" not in operation
            continue
        assert operation["security"] == [{"Token": []}], name
        scope = r"Scope: `(items|reviews|outcomes|knowledge|embed|pilots):(read|write)`"
        assert re.search(scope, operation["description"]), name
        failures = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert {"401", "403", "500", "503"} <= set(failures), name
        for answer in failures.values():
            assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ErrorAnswer"}, name


def test_every_body_has_an_example_and_every_name_is_unique(document):
    # The framework would copy a list of examples where OpenAPI has a map of them.
    parameters = [one for _, operation in _operations(document) for one in operation["parameters"]]
    assert not any(isinstance(parameter.get("examples"), list) for parameter in parameters)
    ids = [operation["operationId"] for _, operation in _operations(document)]
    assert len(set(ids)) == len(ids)
    for name, operation in _operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            schema = content["schema"]
            schema = (
                document["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
            )
            assert "example" in schema, name


def test_the_reference_page_needs_no_other_host_and_nothing_inline(anonymous, db):
    page = anonymous.get("/docs")
    html = page.content.decode()
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
    assert not re.search(r"https?://|//[a-z]+\.[a-z]+/|style=|onclick=", html)
    scripts = re.findall(r"<script([^>]*)>", html)
    assert all('src="/api/v1/docs/' in script or 'type="application/json"' in script for script in scripts)
    for address in re.findall(r'(?:src|href)="/api/v1(/[^"]+)"', html):
        assert anonymous.get(address).status_code == 200, address


@pytest.mark.parametrize("name", ASSETS)
def test_each_file_of_the_reference_page_is_served_with_its_type(anonymous, db, name):
    answer = anonymous.get(f"/docs/{name}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, ASSETS[name])
    assert answer.content
