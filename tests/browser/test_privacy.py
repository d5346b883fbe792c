"""What a reviewer sees of masking, and reporting a missed value with two keys or with the mouse."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ROUTE = {"treatment": "masked", "classes": ["finance"], "reason": 'privacy.managed is "masked"'}
SELECT = """text => {
    const pane = document.querySelector(".of-item .thread .text").firstChild;
    const start = pane.data.indexOf(text), range = document.createRange();
    range.setStart(pane, start);
    range.setEnd(pane, start + text.length);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
}"""


@pytest.fixture
def masked_item(house, reviewer):
    house.order(
        "add_items", use_case="note_masked", drafts=["We sent it."],
        rows=[{"id": "note-1", "text": "I am Anna Muster, order AB-4711."}],
    )  # fmt: skip
    house.order("mark_masked", masked={"person": 4, "mail": 1, "iban": 2}, route=ROUTE)

    def open_item(**options):
        page = reviewer(**options)
        page.keyboard.press("n")
        page.wait_for_selector("article [aria-keyshortcuts]")
        return page

    return open_item


def test_a_chip_says_what_was_masked_and_opens_by_key_and_by_mouse(masked_item):
    page = masked_item()
    chip = page.locator(".passage > summary")
    expect(chip).to_have_text("masked 7 values \u00b7 answered by api.example.com in zone managed")
    chip.click()
    expect(page.get_by_text("Masked: 4 persons, 2 IBANs, 1 mail address.")).to_be_visible()
    chip.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Masked: 4 persons")).to_be_hidden()


def test_a_draft_made_in_the_house_says_that_nothing_left_it(house, reviewer):
    house.notes(1)
    page = reviewer()
    page.keyboard.press("n")
    expect(page.locator(".passage > summary")).to_have_text("nothing left the house \u00b7 echo")
    expect(page.get_by_role("button", name="Missed value\u2026")).to_have_count(0)


def test_a_missed_value_is_reported_with_two_keys(house, masked_item):
    page = masked_item()
    page.evaluate(SELECT, "Anna Muster")
    page.keyboard.press("m")
    expect(page.get_by_label("Value, as it stands in the item")).to_be_focused()
    expect(page.get_by_label("Value, as it stands in the item")).to_have_value("Anna Muster")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Reported. Thank you.")).to_be_visible()
    expect(page.get_by_role("button", name="Missed value\u2026")).to_be_focused()
    [reported] = house.order("missed")
    assert (reported["kind"], reported["everywhere"], reported["shape"]) == ("person", False, "Aaaa Aaaaaa")
    page.keyboard.press("s")  # the form is closed, so the keys are the draft's again
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing left to review")


def test_a_term_for_everywhere_is_reported_by_mouse_with_its_kind(house, masked_item):
    page = masked_item()
    page.evaluate(SELECT, "AB-4711")
    page.get_by_role("button", name="Missed value\u2026").click()
    expect(page.get_by_label("Value, as it stands in the item")).to_have_value("AB-4711")
    page.get_by_label("What it is").select_option(label="account")
    page.get_by_label("Mask this term everywhere").check()
    page.get_by_role("button", name="Report", exact=True).click()
    expect(page.get_by_text("Reported. Thank you.")).to_be_visible()
    [reported] = house.order("missed")
    assert (reported["kind"], reported["everywhere"]) == ("account", True)


def test_a_value_that_is_not_there_is_refused_in_the_page(house, masked_item):
    page = masked_item()
    page.watch.allowed_statuses.add(422)
    page.keyboard.press("m")
    page.keyboard.type("Berta")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not stand in the item")
    expect(page.get_by_label("Value, as it stands in the item")).to_have_value("Berta")
    assert house.order("missed") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_chip_and_the_form(masked_item, scheme):
    page = masked_item(color_scheme=scheme)
    page.locator(".passage > summary").click()
    page.keyboard.press("m")
    found = Axe().run(page, options={"runOnly": WCAG}).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []


def test_without_script_a_value_is_typed_and_reported(house, masked_item, open_page):
    house.order("expire_claim", external_id="note-1")
    page = open_page(java_script_enabled=False)
    page.goto(house.order("add_user", username="typist", roles=["reviewer"])["link"])
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Start with the oldest").click()
    page.get_by_text("Report a value that was not masked\u2026").click()
    page.get_by_label("Value, as it stands in the item").fill("AB-4711")
    page.get_by_role("button", name="Report", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("note-1")
    assert [one["kind"] for one in house.order("missed")] == ["id"]
