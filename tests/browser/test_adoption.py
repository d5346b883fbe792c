"""Feedback from an item, training, surveys and figures in a real browser: for keyboards, narrow windows, no script."""

from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STATEMENTS = 5
MODULE_TEXT = """# Begin here

Read each draft **whole** before you send it.

- names
- amounts

| what | where |
|---|---:|
| help | [intranet](https://example.com/help) |
"""


@pytest.fixture
def owner(reviewer):
    def sign_in(path="/adoption/", **options):
        page = reviewer("owner", "reviewer", **options)
        page.goto(path)
        return page

    return sign_in


@pytest.fixture
def invited(owner, reviewer):
    """An owner's page of the use case, and a page of somebody who is invited to it."""

    def make(**options):
        rita = reviewer(**options)
        page = owner("/adoption/use-cases/note_reply", **options)
        page.get_by_label("User names").fill(rita.username)
        page.get_by_role("button", name="Invite them").click()
        expect(page.get_by_role("status")).to_contain_text("1 person is newly invited")
        return page, rita

    return make


def write_module(page, code):
    page.goto("/adoption/modules/new-module")
    page.get_by_label("Code", exact=True).fill(code)
    page.get_by_label("Title").fill(f"First steps {code}")
    page.get_by_label("Text", exact=True).fill(MODULE_TEXT)
    page.get_by_label("Planned hours").fill("1,5")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("is saved")


def violations(page):
    found = Axe().run(page, options={"runOnly": WCAG}).response["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]


def new_code(prefix):
    """Modules outlive a test: the next one needs a code of its own."""
    return f"{prefix}_{datetime.now(UTC):%H%M%S%f}"


def test_feedback_is_sent_without_leaving_the_text(house, reviewer, owner):
    house.notes(1)
    page = reviewer()
    page.keyboard.press("n")
    page.get_by_label("Text to send").fill("Half a reply")
    page.get_by_role("button", name="Feedback…").click()
    expect(page.get_by_label("To those who lead this pilot")).to_be_focused()
    page.keyboard.type("It is too long. <b>Really.</b>")
    page.get_by_role("button", name="Send feedback").click()
    expect(page.get_by_text("Sent. Thank you.")).to_be_visible()
    expect(page.get_by_label("Text to send")).to_have_value("Half a reply")
    expect(page.get_by_role("button", name="Feedback…")).to_be_focused()
    leader = owner("/adoption/use-cases/note_reply/feedback?show=unseen")
    box = leader.locator(".feedback li").filter(has_text=page.username)
    expect(box).to_contain_text("It is too long. <b>Really.</b>")
    box.get_by_role("button", name="Mark as seen").click()
    leader.goto("/adoption/use-cases/note_reply/feedback?show=unseen")
    expect(leader.locator(".feedback li").filter(has_text=page.username)).to_have_count(0)


def test_what_is_typed_as_feedback_presses_no_shortcut_and_escape_closes_it(house, reviewer):
    house.notes(1)
    page = reviewer()
    page.keyboard.press("n")
    page.get_by_role("button", name="Feedback…").click()
    page.keyboard.type("srne")
    expect(page.get_by_label("To those who lead this pilot")).to_have_value("srne")
    page.keyboard.press("Escape")
    expect(page.get_by_label("To those who lead this pilot")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_have_text("note-1")


def test_a_module_is_written_and_completed(owner, reviewer):
    code = new_code("steps")
    leader = owner()
    write_module(leader, code)
    page = reviewer()
    page.get_by_role("link", name="Training", exact=True).click()
    card = page.locator(f"section[aria-labelledby=module-{code}]")
    expect(card.get_by_role("heading", name="Begin here")).to_be_visible()
    expect(card.get_by_role("columnheader", name="what")).to_be_visible()
    card.get_by_label("Hours it took").fill("2")
    card.get_by_role("button", name="I have completed it").click()
    expect(page.get_by_role("status")).to_contain_text("completed. Thank you.")
    expect(card.get_by_text("completed", exact=False).first).to_be_visible()


def test_a_survey_is_opened_answered_and_told_only_as_far_as_it_may_be(invited, reviewer):
    leader, rita = invited()
    expect(leader.get_by_role("button", name="Open a survey")).to_have_count(0)
    for _ in range(5):
        reviewer()
    leader.get_by_role("button", name="Invite all who may review it").click()
    leader.get_by_label("Open for so many days").fill("7")
    leader.get_by_role("button", name="Open a survey").click()
    rita.goto("/adoption/survey")
    rita.get_by_role("main").get_by_role("link").first.click()
    for group in rita.get_by_role("group").all():
        group.get_by_label("mostly").check()
    assert violations(rita) == []
    rita.get_by_role("button", name="Send my answers").click()
    expect(rita.get_by_role("status")).to_contain_text("nobody can see which were yours")
    leader.goto("/adoption/use-cases/note_reply")
    expect(leader.get_by_text("1 of ", exact=False).first).to_be_visible()
    leader.get_by_role("button", name="Close it now").click()
    expect(leader.get_by_text("it takes more than five")).to_be_visible()


PAGES = ("/adoption/", "/adoption/use-cases/note_reply", "/adoption/training", "/adoption/modules",
         "/adoption/modules/new-module", "/adoption/survey", "/adoption/use-cases/note_reply/feedback")  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(house, invited, scheme):
    house.notes(1)
    page, rita = invited(color_scheme=scheme)
    write_module(page, new_code(scheme))
    for path in PAGES:
        page.goto(path)
        for summary in page.locator("details > summary").all():
            summary.click()
        assert violations(page) == [], path
    rita.goto("/desk/")
    rita.keyboard.press("n")
    rita.get_by_role("button", name="Feedback…").click()
    assert violations(rita) == []


@pytest.mark.parametrize(
    "window", [{"width": 360, "height": 740}, {"width": 640, "height": 450}], ids=["360 px", "1280 px at 200 %"]
)
def test_no_page_scrolls_sideways(invited, window):
    page, _ = invited(viewport=window)
    write_module(page, new_code("narrow"))
    for path in PAGES:
        page.goto(path)
        for summary in page.locator("details > summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= window["width"], path


def test_without_script_feedback_and_training_work(house, open_page, owner):
    code = new_code("plain")
    write_module(owner(), code)
    house.notes(1)
    page = open_page(java_script_enabled=False)
    page.goto(house.order("add_user", username=f"plain{code[-8:]}", roles=["reviewer"])["link"])
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Start with the oldest").click()
    page.get_by_text("Say something about this help…").click()
    page.get_by_label("To those who lead this pilot").fill("Fine so far.")
    page.get_by_label("Without my name").check()
    page.get_by_role("button", name="Send feedback").click()
    expect(page.get_by_text("Your feedback is sent. Thank you.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("note-1")
    page.goto("/adoption/training")
    page.locator(f"section[aria-labelledby=module-{code}]").get_by_role("button").click()
    expect(page.get_by_text("completed. Thank you.", exact=False)).to_be_visible()
