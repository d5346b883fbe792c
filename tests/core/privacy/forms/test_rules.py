"""The rules file of the docs is one that is taken, and means what the page says."""

import re
from pathlib import Path

from graftwork.core.privacy.forms.rules import load_rules

PAGE = Path(__file__).parents[4] / "docs" / "how-to" / "mask-files.md"


def test_the_rules_of_the_docs_mean_what_the_page_says(tmp_path):
    [block] = re.findall(r"```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "rules.toml").write_text(block, encoding="utf-8")
    rules = load_rules(tmp_path / "rules.toml")
    assert rules.of(("customer", "ref")) == "account"
    assert rules.of(("order", "notes")) == "detect"
    assert rules.of(("deep", "down", "id")) == "keep"
    assert rules.of_keys(("by_mail",)) == "detect"
    assert rules.of_keys(("orders",)) == "keep"
    assert rules.of(("email",)) == "mail"
