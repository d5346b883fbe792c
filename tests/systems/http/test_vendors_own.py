"""What is particular to one vendor: its way of writing in public, its tokens, its limits, its query language."""

import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from graftwork.systems.contract import Record, System
from graftwork.systems.errors import ConnectorError, Rejected, TargetDenied, TargetDown
from graftwork.systems.http.file import HttpConnector
from graftwork.systems.http.library import merged
from graftwork.systems.registry import KINDS
from support.systems import delivery
from support.vendors.base import Ticket, Vendor
from support.vendors.connect import VENDORS, connect, described, pull_all
from support.vendors.freshdesk import Freshdesk
from support.vendors.hubspot import HubSpot
from support.vendors.jira_service_management import JiraServiceManagement
from support.vendors.salesforce import Salesforce
from support.vendors.sap_odata import SapOdata
from support.vendors.servicenow import ServiceNow
from support.vendors.zammad import Zammad
from support.vendors.zendesk import Zendesk

V = TypeVar("V", bound=Vendor)
DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENDOR_SECRET", Vendor.secret)


@contextmanager
def connected(kind: type[V], folder: Path, **settings: str | bool) -> Iterator[tuple[V, System]]:
    with kind() as vendor:
        system = connect(vendor, folder, **settings)
        yield vendor, system
        system.close()


def one(vendor: Vendor, system: System) -> tuple[Ticket, Record]:
    ticket = vendor.add_ticket("A kettle", "It is late.")
    (record,), _ = pull_all(system)
    return ticket, record


PUBLIC = (
    (Zendesk, {"public": True}), (Freshdesk, {"public": True}), (Zammad, {"internal": False}),
    (ServiceNow, {"public": True}), (JiraServiceManagement, {"public": True}),
    (Salesforce, {"write_as": "published_comment"}), (SapOdata, {"note_type": "10008"}),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "settings"), PUBLIC, ids=[kind.name for kind, _ in PUBLIC])
def test_only_a_setting_makes_the_text_public(
    kind: type[Vendor], settings: dict[str, str | bool], tmp_path: Path
) -> None:
    with connected(kind, tmp_path, **settings) as (vendor, system):
        ticket, record = one(vendor, system)

        system.push(delivery(origin=record.origin))
        again = system.push(delivery(origin=record.origin, unsure=True, overwrite=True))

    assert ticket.notes == []
    assert [message.text.count("Your parcel left on Monday.") for message in ticket.messages[1:]] == [1]
    assert again.already


def test_zendesk_goes_on_from_its_own_cursor(tmp_path: Path) -> None:
    with connected(Zendesk, tmp_path) as (vendor, system):
        one(vendor, system)
        _, cursor = pull_all(system)
        vendor.requests.clear()
        vendor.add_ticket("Another", "Hello?")

        records, _ = pull_all(system, cursor)

    exports = [request.query for request in vendor.requests if "/incremental/" in request.path]
    assert [record.row["subject"] for record in records] == ["Another"]
    assert all("cursor" in query and "start_time" not in query for query in exports)


def test_zendesk_says_beforehand_when_nothing_is_left(tmp_path: Path) -> None:
    with connected(Zendesk, tmp_path) as (vendor, system):
        _, record = one(vendor, system)
        vendor.answer_headers.update({"X-Rate-Limit-Remaining": "0", "ratelimit-reset": "90"})
        with pytest.raises(TargetDown):
            system.check()  # the second request of it is not sent any more
        vendor.requests.clear()

        with pytest.raises(TargetDown) as caught:
            system.push(delivery(origin=record.origin))

    assert caught.value.retry_after_seconds is not None
    assert 85 <= caught.value.retry_after_seconds <= 90
    assert vendor.requests == []


def test_zendesk_keeps_the_key_out_of_what_customers_read(tmp_path: Path) -> None:
    with connected(Zendesk, tmp_path, public=True) as (vendor, system):
        ticket, record = one(vendor, system)
        system.push(delivery(origin=record.origin, key="gw-hidden"))

    assert ticket.messages[-1].text == "Your parcel left on Monday."
    assert ticket.messages[-1].extra["custom"] == {"graftwork": "gw-hidden"}


def test_a_closed_zendesk_ticket_is_rejected(tmp_path: Path) -> None:
    with connected(Zendesk, tmp_path) as (vendor, system):
        ticket, record = one(vendor, system)
        vendor.close_ticket(ticket)

        with pytest.raises(Rejected, match="422"):
            system.push(delivery(origin=record.origin))


def test_zammad_reads_html_as_text_and_leaves_plain_text_alone(tmp_path: Path) -> None:
    with connected(Zammad, tmp_path) as (vendor, system):
        ticket = vendor.add_ticket("A kettle", "Two lines,\n1 < 2")
        vendor.say(ticket, "customer", "<p>Hello <b>you</b></p><p>Bye</p>", content_type="text/html")
        (record,), _ = pull_all(system)

    plain, html = (turn["text"] for turn in record.row["conversation"])
    assert plain == "Two lines,\n1 < 2"
    assert html.split() == ["Hello", "you", "Bye"]


def test_freshdesk_notes_are_escaped_html(tmp_path: Path) -> None:
    with connected(Freshdesk, tmp_path) as (vendor, system):
        ticket, record = one(vendor, system)
        system.push(delivery(origin=record.origin, text="<script>1</script>\n\nBye"))

    assert "<script>" not in ticket.notes[0].text
    assert ticket.notes[0].text.startswith("<p>&lt;script&gt;")


def test_servicenow_asks_with_the_filter_of_the_settings(tmp_path: Path) -> None:
    with connected(ServiceNow, tmp_path, filter="active=true^assignment_group=abc") as (vendor, system):
        one(vendor, system)

    asked = [request.query["sysparm_query"] for request in vendor.requests if request.path.endswith("/incident")]
    assert all(query.startswith("active=true^assignment_group=abc^sys_updated_on>=") for query in asked)


def test_jira_is_asked_by_time_that_no_time_zone_changes(tmp_path: Path) -> None:
    with connected(JiraServiceManagement, tmp_path) as (vendor, system):
        one(vendor, system)

    asked = [request.query["jql"] for request in vendor.requests if request.path.endswith("/search/jql")]
    assert asked[0] == 'project = "SUP" AND updated >= 946684800000 ORDER BY updated ASC, key ASC'


def test_salesforce_signs_in_anew_once_where_its_session_is_over(tmp_path: Path) -> None:
    with connected(Salesforce, tmp_path) as (vendor, system):
        ticket, record = one(vendor, system)
        vendor.expire_tokens()

        system.push(delivery(origin=record.origin))

    signed_in = [request for request in vendor.requests if request.path.endswith("/token")]
    assert len(ticket.notes) == 1
    assert len(signed_in) == 2


def test_salesforce_rights_that_miss_are_no_limit_of_requests(tmp_path: Path) -> None:
    with connected(Salesforce, tmp_path) as (vendor, system):
        _, record = one(vendor, system)
        vendor.fail(403, code="INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", methods=("POST",), path="CaseComment")
        with pytest.raises(TargetDenied):
            system.push(delivery(origin=record.origin))

        vendor.fail(403, code="REQUEST_LIMIT_EXCEEDED", methods=("POST",), path="CaseComment")
        with pytest.raises(TargetDown):
            system.push(delivery(origin=record.origin))


def test_a_salesforce_draft_is_the_approved_text_and_no_more(tmp_path: Path) -> None:
    with connected(Salesforce, tmp_path, write_as="draft_email") as (vendor, system):
        ticket, record = one(vendor, system)
        system.push(delivery(origin=record.origin))
        again = system.push(delivery(origin=record.origin, unsure=True))
        records, _ = pull_all(system)

    (draft,) = ticket.messages[1:]
    assert (draft.text, draft.extra["draft"]) == ("Your parcel left on Monday.", True)
    assert again.already
    assert [found.key for found in records] == [record.key], "a draft is no message yet"


def test_a_salesforce_comment_that_is_too_long_is_rejected(tmp_path: Path) -> None:
    with connected(Salesforce, tmp_path) as (vendor, system):
        _, record = one(vendor, system)

        with pytest.raises(Rejected):
            system.push(delivery(origin=record.origin, text="x" * 4100))


def test_no_id_breaks_out_of_a_query(tmp_path: Path) -> None:
    with connected(Salesforce, tmp_path) as (vendor, system):
        vendor.requests.clear()
        with pytest.raises(Rejected):
            system.push(delivery(origin={"id": "1' OR Name != '", "subject": "", "changed": "0"}))

    (asked,) = [request.query["q"] for request in vendor.requests if request.path.endswith("/query")]
    assert asked.endswith("WHERE Id = '1\\' OR Name != \\''")


def test_hubspot_leaves_tickets_of_the_closed_stage_out_and_waits_for_the_day(tmp_path: Path) -> None:
    with connected(HubSpot, tmp_path) as (vendor, system):
        ticket, record = one(vendor, system)
        (search,) = [json.loads(request.body) for request in vendor.requests if request.path.endswith("/search")][:1]
        vendor.fail(429)

        with pytest.raises(TargetDown):
            system.push(delivery(origin=record.origin))

    stage = {"propertyName": "hs_pipeline_stage", "operator": "NEQ", "value": "4"}
    assert stage in search["filterGroups"][0]["filters"]
    assert ticket.notes == []


def test_hubspot_asks_for_no_batch_of_nothing(tmp_path: Path) -> None:
    with connected(HubSpot, tmp_path) as (vendor, system):
        _, record = one(vendor, system)
        system.push(delivery(origin=record.origin, unsure=True))

    assert not [request for request in vendor.requests if request.path.endswith("/batch/read")]


def test_sap_tokens_are_fetched_once_and_anew_when_they_are_forgotten(tmp_path: Path) -> None:
    with connected(SapOdata, tmp_path) as (vendor, system):
        ticket, record = one(vendor, system)
        for number in range(3):
            system.push(delivery(origin=record.origin, key=f"gw-{number}"))
        before = len([r for r in vendor.requests if r.headers.get("x-csrf-token", "").lower() == "fetch"])
        vendor.forget_sessions()
        system.push(delivery(origin=record.origin, key="gw-last"))
        after = len([r for r in vendor.requests if r.headers.get("x-csrf-token", "").lower() == "fetch"])

    assert (before, after) == (1, 2)
    assert len(ticket.notes) == 4


# ---- the files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", VENDORS, ids=lambda kind: kind.name)
def test_a_setting_that_there_is_not_is_refused_with_the_nearest(kind: type[Vendor], tmp_path: Path) -> None:
    with kind() as vendor:
        known = next(iter(vendor.secrets))
        with pytest.raises(ConnectorError) as caught:
            connect(vendor, tmp_path, **{f"{known}x": "1"})

    assert f"settings.{known}x" in str(caught.value)
    assert f"`{known}`" in str(caught.value)


def test_what_salesforce_writes_is_one_of_three_things(tmp_path: Path) -> None:
    with Salesforce() as vendor, pytest.raises(ConnectorError, match="private_comment, published_comment"):
        connect(vendor, tmp_path, write_as="public_tweet")


@pytest.mark.parametrize("kind", VENDORS, ids=lambda kind: kind.name)
def test_nothing_is_public_by_default(kind: type[Vendor]) -> None:
    settings = described(kind.name)["settings"]
    inner = {"public": False, "internal": True, "write_as": "private_comment", "note_type": "10011"}

    assert {name: settings[name]["default"] for name in inner if name in settings}.items() <= inner.items()
    assert kind is HubSpot or set(inner) & set(settings)


def test_all_pieces_of_the_guide_make_one_connector(tmp_path: Path) -> None:
    guide = (DOCS / "how-to" / "connect-a-helpdesk.md").read_text()
    pieces = [tomllib.loads(part.partition("```")[0]) for part in guide.split("```toml\n")[1:]]
    whole: dict[str, Any] = {}
    for piece in pieces:
        whole = together(whole, piece)
    file = KINDS["http"].file_model().model_validate(merged(described("zendesk"), whole, tmp_path / "helpdesk.toml"))

    assert len(pieces) >= 5
    assert isinstance(file, HttpConnector)
    assert file.http.base_url == "https://tickets.internal/api/v1"
    assert file.settings["public"].given is True
    assert file.pull is not None
    assert set(file.pull.fields) == {"subject", "conversation", "problem", "device"}


def together(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = below.keys() & above.keys()
    return {**below, **above, **{k: together(below[k], above[k]) for k in both if isinstance(above[k], dict)}}


@pytest.mark.parametrize("kind", VENDORS, ids=lambda kind: kind.name)
def test_the_guide_names_the_settings_that_a_system_needs(kind: type[Vendor]) -> None:
    guide = (DOCS / "how-to" / "connect-a-helpdesk.md").read_text()
    needed = [name for name, setting in described(kind.name)["settings"].items() if "default" not in setting]
    row = f"| `{kind.name}` | {', '.join(f'`{name}`' for name in needed)} |"

    assert row in guide or kind is Zendesk


@pytest.mark.parametrize("kind", VENDORS, ids=lambda kind: kind.name)
def test_the_reference_names_each_system_with_its_settings(kind: type[Vendor]) -> None:
    file = described(kind.name)
    page = (DOCS / "reference" / "systems.md").read_text()
    section = page.partition(f'\n`system = "{kind.name}"` · ')[2].partition("\n## ")[0]

    assert file["about"]["docs_url"] in section
    for name, setting in file["settings"].items():
        kept = "secret" if setting.get("secret") else "required" if "default" not in setting else None
        default = setting.get("default")
        shown = kept or f"`{str(default).lower() if isinstance(default, bool) else default}`"
        assert f"| `{name}` | {shown} | {setting['description']} |" in section
