"""A connector of a packaged system, pointed at its fake, with small pages."""

import json
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from graftwork.systems.contract import Cursor, Record, System
from graftwork.systems.http.library import system_files
from graftwork.systems.loading import load_connector, open_system
from support.systems import surroundings
from support.vendors.base import Vendor
from support.vendors.freshdesk import Freshdesk
from support.vendors.hubspot import HubSpot
from support.vendors.jira_service_management import JiraServiceManagement
from support.vendors.salesforce import Salesforce
from support.vendors.sap_odata import SapOdata
from support.vendors.servicenow import ServiceNow
from support.vendors.zammad import Zammad
from support.vendors.zendesk import Zendesk

VENDORS: tuple[type[Vendor], ...] = (
    Zendesk, Freshdesk, Zammad, ServiceNow, JiraServiceManagement, Salesforce, HubSpot, SapOdata,
)  # fmt: skip
PAGE_ITEMS = 2


def described(name: str) -> dict[str, Any]:
    """The packaged file as it stands."""
    return tomllib.loads(system_files(Path("/nowhere"))[name].read_text())


def connect(vendor: Vendor, folder: Path, **settings: str | bool) -> System:
    """The secrets must be in the environment, as `vendor.environ` says."""
    path = folder / "connectors" / "desk.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(_connector_file(vendor, settings))
    return open_system(load_connector(path), surroundings(folder, datetime.now(UTC)))


def pull_all(system: System, cursor: Cursor | None = None) -> tuple[list[Record], Cursor]:
    """Pulls until there is no more, and settles as the app does."""
    records: list[Record] = []
    for _ in range(60):
        pulled = system.pull(cursor, 100)
        records += pulled.records
        system.settle(pulled.records)
        cursor = pulled.cursor
        if not pulled.more:
            return records, json.loads(json.dumps(cursor))
    raise AssertionError("the pull does not come to an end")


def _connector_file(vendor: Vendor, settings: Mapping[str, str | bool]) -> str:
    packaged = described(vendor.name)
    lines = ['name = "desk"', 'use_case = "support_reply"', f'system = "{vendor.name}"', "[settings]"]
    given = {**_needed(packaged, vendor), **vendor.settings, **vendor.secrets, **settings}
    lines += [f"{name} = {json.dumps(value)}" for name, value in given.items()]
    lines += ["[http]", f'base_url = "{vendor.url}{vendor.base_path}"']
    if packaged["http"]["auth"].get("token_url"):
        lines += ["[http.auth]", f'token_url = "{vendor.url}/services/oauth2/token"']
    lines += ["[pull]", f"page_items = {PAGE_ITEMS}"]
    for name in packaged["pull"].get("each", {}):
        lines += [f"[pull.each.{name}]", f"page_items = {PAGE_ITEMS}"]
    if packaged["push"].get("check", {}).get("pages"):
        lines += ["[push.check]", f"page_items = {PAGE_ITEMS}"]
    return "\n".join(lines) + "\n"


def _needed(packaged: dict[str, Any], vendor: Vendor) -> dict[str, str]:
    """A value for what names the host: the address of the fake stands in its place."""
    address = packaged["http"]["base_url"]
    return {name: "nordlicht" for name in packaged["settings"] if f"{{setting.{name}}}" in address}
