"""Every piece of TOML in the two guides is one that the files take."""

import re
import tomllib
from pathlib import Path

import pytest

from graftwork.systems.folder.file import FolderConnector
from graftwork.systems.webhook.file import WebhookConnector

GUIDES = Path(__file__).parents[3] / "docs/how-to"
RECEIVE = {"secrets": ["env:A"], "scheme": "own"}


def pieces(page):
    return re.findall(r"```toml\n(.*?)```", (GUIDES / page).read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("piece", pieces("connect-a-folder.md"), ids=lambda piece: piece[:30])
def test_the_guide_to_folders(piece):
    data = {"name": "scans", "use_case": "report_summary", "system": "folder", "pull": {}, **tomllib.loads(piece)}
    assert FolderConnector.model_validate(data)


@pytest.mark.parametrize("piece", pieces("connect-webhooks.md"), ids=lambda piece: piece[:30])
def test_the_guide_to_webhooks(piece):
    data = {"name": "tickets", "use_case": "support_reply", "system": "webhook", **tomllib.loads(piece)}
    if "own" in data.get("receive", {}):
        data["receive"] = {**RECEIVE, **data["receive"]}
    assert WebhookConnector.model_validate(data)
