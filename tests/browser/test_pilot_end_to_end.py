"""A pilot as its owner and a reviewer go through it: charter, start, twenty reviews in both arms, decision, export."""

import json
import re

import pytest
from playwright.sync_api import expect

from browser.test_review import editor, start

ITEMS = 20


@pytest.fixture
def clean(house):
    house.order("forget_pilots")
    yield house
    house.order("forget_pilots")


def write_charter(page):
    page.goto("/pilots/")
    page.get_by_role("link", name="Write a charter").first.click()
    page.get_by_label("Title", exact=True).fill("Notes answered faster")
    page.get_by_label("Name", exact=True).fill("notes_faster")
    page.get_by_label("Use case", exact=True).select_option("note_reply")
    page.get_by_label("Business problem").fill("An answer to a note takes five minutes, and the queue grows.")
    page.get_by_label("Owner", exact=True).fill("Head of notes")
    page.locator("[name='primary.minimum_effect']").fill("30")
    page.locator("[name='plan.units_per_week']").fill("400")
    page.locator("[name='plan.control_mean']").fill("300")
    page.locator("[name='plan.standard_deviation']").fill("120")
    page.get_by_role("button", name="Save", exact=False).first.click()
    expect(page.get_by_role("button", name="Start the pilot")).to_be_visible()


def review_all(page, count):
    """Decide on every item that is ready: send what has a draft with a change now and then, write what has none."""
    start(page)
    for number in range(count):
        article = page.locator("article.review")
        external_id = article.get_attribute("data-external-id")
        if not editor(page).input_value():
            expect(page.get_by_text("No draft for this one, on purpose")).to_be_visible()
            editor(page).fill(f"Written by hand, {number}.")
        elif number % 3 == 0:
            editor(page).fill("We sent it on Tuesday, and it is late.")
        page.get_by_role("button", name="Send").click()
        expect(page.locator(f"article[data-external-id='{external_id}']")).to_have_count(0)
    expect(page.locator("#tally")).to_contain_text("0 left")


def test_a_charter_is_written_tried_on_twenty_items_decided_on_and_exported(clean, reviewer):
    house = clean
    owner = reviewer("owner")
    write_charter(owner)
    owner.get_by_role("button", name="Start the pilot").click()
    expect(owner.get_by_role("heading", level=1)).to_have_text("Notes answered faster")
    expect(owner.locator(".of-verdict")).to_contain_text("Too early")

    rows = [{"id": f"pilot-{n:02}", "text": f"Where is order {n}?"} for n in range(ITEMS)]
    house.order("add_items", use_case="note_reply", rows=rows, drafts=["We sent it on Monday."] * ITEMS)
    arms = house.order("item_arms")
    assert set(arms.values()) == {"assisted", "control"}

    rita = reviewer("reviewer")
    review_all(rita, ITEMS)
    decisions = house.order("decisions")
    assert len(decisions) == ITEMS
    by_hand = [one for one in decisions if one["final"].startswith("Written by hand")]
    assert {one["item"] for one in by_hand} == {name for name, arm in arms.items() if arm == "control"}

    # Decisions count once they can no longer be undone: ten seconds.
    owner.wait_for_timeout(10_500)
    owner.reload()
    table = owner.locator("#arms table")
    for arm in ("assisted", "control"):
        expect(table).to_contain_text(str(sum(one == arm for one in arms.values())))
    effect = owner.locator("#effect")
    expect(effect).to_contain_text("units")
    expect(effect.locator("dd").first).to_contain_text(re.compile(r"second(s)? (better|worse)|no difference"))
    expect(effect).to_contain_text("Too few for an interval.")
    owner.get_by_role("link", name="Items of the control arm").click()
    expect(owner.locator("tbody tr")).to_have_count(len(by_hand))
    owner.go_back()

    owner.get_by_label("Stop", exact=False).check()
    owner.locator("#decide-reason").fill("Twenty items were enough to see that nobody needs this.")
    owner.get_by_role("button", name="Decide").click()
    expect(owner.locator("#record")).to_contain_text("Twenty items were enough")
    expect(owner.locator("#record")).to_contain_text("against the rule")
    assert house.order("pilot_states") == {"notes_faster": "ended"}

    files = {}
    for name in ("Report (PDF)", "Figures (CSV)", "Figures (JSON)", "Signed evidence"):
        with owner.expect_download() as download:
            owner.get_by_role("link", name=name).click()
        files[name] = download.value.path().read_bytes()
    assert files["Report (PDF)"].startswith(b"%PDF-")
    assert b"handling_time" in files["Figures (CSV)"]
    figures = json.loads(files["Figures (JSON)"])
    assert figures["simulated"] is False
    now = figures["primary"]["now"]
    assert (now["unit"], now["trouble"], now["low"]) == ("s", "too_few", None)
    assert now["value"] == pytest.approx(now["assisted"] - now["control"])
    assert json.loads(files["Signed evidence"])


def test_after_a_stop_new_items_come_without_drafts(clean, reviewer):
    house = clean
    house.order("add_charter", name="stopped")
    owner = reviewer("owner", "reviewer")
    owner.goto("/pilots/stopped/charter")
    owner.get_by_role("button", name="Start the pilot").click()
    owner.get_by_label("Stop", exact=False).check()
    owner.locator("#decide-reason").fill("The use case is gone.")
    owner.get_by_role("button", name="Decide").click()
    expect(owner.get_by_text("New items get no drafts")).to_be_visible()
    house.order("add_items", use_case="note_reply", rows=[{"id": "later", "text": "And now?"}], drafts=None)
    assert house.order("item_arms") == {"later": "control"}
