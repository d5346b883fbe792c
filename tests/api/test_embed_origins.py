"""Which sites a browser lets read what: the paths of the embedded draft, for configured sites, without cookies."""

import pytest
from django.test import Client

from graftwork.config.workspace import EmbedSettings

CRM = "https://crm.example.com"
OPEN = "/api/v1/embed/items/01980000-0000-7000-8000-000000000000/open"
SCRIPT = "/static/embed/graftwork-draft.js"
ALLOWED = "Access-Control-Allow-Origin"


@pytest.fixture(autouse=True)
def embedding(settings, db):
    settings.GRAFTWORK_EMBED = EmbedSettings(origins=CRM)


def preflight(path, origin=CRM):
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    return Client().options(path, headers=headers)


def test_a_browser_may_send_the_token_from_a_configured_site():
    answer = preflight(OPEN)
    assert answer.status_code == 204
    assert answer.headers[ALLOWED] == CRM
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization, content-type"
    assert answer.headers["Access-Control-Allow-Methods"] == "POST"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example.net", "null", "https://crm.example.com.evil.example", ""]
)
def test_no_other_site_may(origin):
    assert ALLOWED not in preflight(OPEN, origin).headers
    assert ALLOWED not in Client().post(OPEN, headers={"Origin": origin}).headers
    assert ALLOWED not in Client().get(SCRIPT, headers={"Origin": origin}).headers


def test_a_refusal_can_be_read_by_the_page():
    answer = Client().post(OPEN, headers={"Origin": CRM, "Authorization": "Embed no"})
    assert (answer.status_code, answer.headers[ALLOWED]) == (401, CRM)
    assert answer.json()["error"]["next_step"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/items",
        "/api/v1/embed/tokens",
        "/api/v1/openapi.json",
        "/desk/",
        "/sign-in",
        "/static/django_htmx/htmx-2.min.js",
    ],
)
def test_nothing_else_can_be_read_by_another_site(path):
    assert ALLOWED not in preflight(path).headers
    assert ALLOWED not in Client().get(path, headers={"Origin": CRM}).headers


@pytest.mark.parametrize(
    "path", [SCRIPT, "/static/embed/session.js", "/static/desk/timing.js", "/static/desk/fields.js"]
)
def test_the_script_is_served_to_configured_sites(path):
    answer = Client().get(path, headers={"Origin": CRM})
    assert (answer.status_code, answer.headers[ALLOWED]) == (200, CRM)
    assert "javascript" in answer.headers["Content-Type"]
    assert "Origin" in answer.headers["Vary"]


def test_only_posts_are_answered():
    assert Client().get(OPEN, headers={"Origin": CRM}).status_code == 405
