"""The pages for everyone: axe, narrow windows, zoom, light and dark, targets, and nothing inline."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"light": WCAG, "dark": ["color-contrast", "link-in-text-block"]}  # the dark page differs in its colours only


def violations(page):
    scheme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'")
    found = Axe().run(page, options={"runOnly": RULES[scheme]}).response["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]


def settle(page):
    page.wait_for_timeout(200)  # a toast is measured when it has risen


def start(page):
    page.get_by_role("button", name="Start with the oldest").click()
    page.wait_for_selector("article[data-mode=edit]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(house, reviewer, open_page, scheme):
    house.notes(3)
    house.order("add_items", use_case="note_reply", rows=[{"id": "late-1", "text": "Hi"}], drafts=None)
    stranger = open_page(color_scheme=scheme)
    for url in ("/sign-in", "/sign-in/some-secret"):
        stranger.goto(url)
        assert violations(stranger) == [], url

    page = reviewer(color_scheme=scheme)
    assert violations(page) == [], "queue"
    page.keyboard.press("?")
    assert violations(page) == [], "help"
    page.keyboard.press("Escape")

    start(page)
    page.get_by_label("Text to send").fill("We sent it on Tuesday, as it were.")
    page.wait_for_selector("ins")
    assert violations(page) == [], "item with changes"
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    assert violations(page) == [], "reject"
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.wait_for_selector(".toast")
    settle(page)
    assert violations(page) == [], "toast"

    for url in ("/desk/?state=decided", "/desk/preferences", "/password"):
        page.goto(url)
        settle(page)
        assert violations(page) == [], url
    page.goto("/desk/?state=decided")
    page.get_by_role("link", name="note-1").click()
    settle(page)
    assert violations(page) == [], "decided item"
    page.goto("/desk/?state=waiting")
    page.get_by_role("link", name="late-1").click()
    assert violations(page) == [], "item being drafted"


def widest(page):
    return page.evaluate(
        """() => [...document.querySelectorAll("main *")]
        .map((one) => [one.getBoundingClientRect().right, one.outerHTML])
        .sort((a, b) => b[0] - a[0]).slice(0, 3).map(([right, html]) => `${right} ${html.slice(0, 90)}`)"""
    )


def pages_to_measure(page):
    yield "queue"
    start(page)
    page.get_by_label("Text to send").fill("A_very_long_word_without_any_space_" * 6)
    page.wait_for_selector("ins")
    page.get_by_role("button", name="Reject…").click()
    yield "item"
    for url in ("/desk/preferences", "/password"):
        page.goto(url)
        yield url


@pytest.mark.parametrize(
    "window", [{"width": 360, "height": 740}, {"width": 640, "height": 450}], ids=["360 px", "1280 px at 200 %"]
)
def test_no_page_scrolls_sideways(house, reviewer, window):
    """Browsers zoom by making the window's pixels larger: 1280 px at 200 % are laid out as 640 px."""
    rows = [{"id": "an-external-id-without-spaces-" * 5, "text": "word" * 200}]
    house.order("add_items", use_case="note_reply", rows=rows, drafts=["draft" * 100])
    page = reviewer(viewport=window, device_scale_factor=2 if window["width"] == 640 else 1)
    for name in pages_to_measure(page):
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= window["width"], (name, widest(page))


def test_targets_are_at_least_24_px(house, reviewer):
    house.notes(2)
    page = reviewer(viewport={"width": 360, "height": 740})
    for name in pages_to_measure(page):
        # Links inside a sentence are excepted (WCAG 2.5.8, inline).
        small = page.evaluate(
            """() => [...document.querySelectorAll("a, button, summary, input, select, textarea")]
            .filter((one) => one.checkVisibility() && one.type !== "hidden")
            .filter((one) => !one.closest("p, .skip, dialog:not([open])"))
            .map((one) => [one, (one.closest("label") ?? one).getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.width < 24 || box.height < 24))
            .map(([one, box]) => `${one.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)"""
        )
        assert small == [], name


def test_pages_work_without_script(house, open_page):
    house.notes(2)
    page = open_page(java_script_enabled=False)
    page.goto(house.order("add_user", username="plain", roles=["reviewer"])["link"])
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Start with the oldest").click()
    expect(page.get_by_role("button", name="Shortcuts")).to_have_count(0)
    expect(page.get_by_role("button", name="Reject…")).to_have_count(0)
    page.get_by_text("Reject the draft…").click()
    expect(page.get_by_label("Wrong tone")).to_be_visible()
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("note-2")
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("note-1")
    page.get_by_label("Text to send").fill("Typed without script.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("note-2")
    page.locator(".toast").get_by_role("button").click()
    expect(page.get_by_label("Text to send")).to_have_value("Typed without script.")


def test_a_signed_out_page_keeps_its_text_and_goes_on_after_signing_in_again(house, reviewer):
    house.notes(1)
    page = reviewer()
    page.watch.allowed_statuses |= {401, 403}
    start(page)
    page.get_by_label("Text to send").fill("Long work.")
    page.wait_for_selector("ins")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".trouble")).to_contain_text("Your sign-in has ended")
    expect(page.get_by_label("Text to send")).to_have_value("Long work.")
    other = [cookie for cookie in cookies if cookie["name"] == "sessionid"]
    page.context.add_cookies(other)  # signed in again, with another CSRF token
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".toast")).to_contain_text("Sent, edited note-1")
