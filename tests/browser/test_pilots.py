"""Pages of pilots as people use them: charts drawn under our policy, narrow, dark, by keyboard, without script."""

import re

import pytest
from playwright.sync_api import expect

from browser.test_access import violations, widest

PILOT = "/pilots/faster_notes"


@pytest.fixture(scope="module")
def pilots(running_house):
    """One that a program filled, one that runs, and a charter: made once, since nothing here counts what there is."""
    running_house.order("forget_pilots")
    running_house.order("add_pilot", name="faster_notes", items=240)
    running_house.order("add_pilot", name="slower_notes", title="Slower notes", items=160, effect_seconds=-60,
                        state="running", simulated=False)  # fmt: skip
    running_house.order("add_charter", name="planned_notes", title="Planned notes")
    yield
    running_house.order("forget_pilots")


@pytest.fixture
def owner(pilots, open_page, running_house):
    """Without the order `empty`, which takes the items away that the pilots are about."""

    def sign_in(**options):
        page = open_page(**options)
        page.username = f"olga{next(_numbers)}"
        session = running_house.order("add_user", username=page.username, roles=["owner", "reviewer"])["session"]
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": running_house.url}])
        return page

    return sign_in


_numbers = iter(range(1, 1_000))


@pytest.fixture
def house(running_house):
    return running_house


def drawn(page, number):
    expect(page.locator("[data-chart][data-drawn]")).to_have_count(number)


def show(page, url):
    page.goto(url)
    if page.locator("[data-chart]").count():
        drawn(page, page.locator("[data-chart]").count())


URLS = ("/pilots/", PILOT, f"{PILOT}/items", f"{PILOT}/charter", "/pilots/slower_notes", "/pilots/slower_notes/amend",
        "/pilots/planned_notes/charter", "/pilots/new")  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page_of_pilots(owner, scheme):
    page = owner(color_scheme=scheme)
    for url in URLS:
        show(page, url)
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        assert violations(page) == [], url


@pytest.mark.parametrize(
    "window", [{"width": 360, "height": 740}, {"width": 640, "height": 450}], ids=["360 px", "1280 px at 200 %"]
)
def test_no_page_of_pilots_scrolls_sideways(owner, window):
    page = owner(viewport=window)
    for url in URLS:
        show(page, url)
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= window["width"], (url, widest(page))


def test_targets_are_at_least_24_px(owner):
    page = owner(viewport={"width": 360, "height": 740})
    for url in URLS:
        show(page, url)
        small = page.evaluate(
            """() => [...document.querySelectorAll("main :is(a, button, summary, input, select, textarea)")]
            .filter((one) => one.checkVisibility() && one.type !== "hidden" && !one.matches(".hidden"))
            .filter((one) => !one.closest("p:not(.links), .plot"))
            .map((one) => [one, (one.closest("label") ?? one).getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.width < 24 || box.height < 24))
            .map(([one, box]) => `${one.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)"""
        )
        assert small == [], url


def test_charts_are_drawn_without_any_inline_style_and_each_has_its_table(owner):
    """What the policy refuses shows up in the console, at which `open_page` looks when the test ends."""
    page = owner()
    show(page, PILOT)
    assert page.locator("[data-chart]").count() >= 3
    for chart in page.locator("[data-chart]").all():
        assert chart.get_attribute("role") == "img"
        assert len(chart.get_attribute("aria-label")) > 20
        assert chart.locator("svg.main-svg").count() >= 1
        table = page.locator(f"#{chart.get_attribute('id')}-table")
        expect(table.get_by_role("table")).to_be_hidden()
        table.locator("summary").click()
        expect(table.get_by_role("table")).to_be_visible()
    assert page.locator("style").count() == 0


def test_the_charts_follow_a_change_to_dark(owner):
    page = owner(color_scheme="light")
    show(page, PILOT)
    colour = "getComputedStyle(document.querySelector('#effect-over-time .xtick text')).fill"
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"() => {colour} !== {light!r}")


def test_where_charts_cannot_be_drawn_their_tables_stand_open(owner):
    page = owner()
    page.route("**/plotly.min.js", lambda route: route.fulfill(status=200, content_type="text/javascript", body=""))
    page.goto(PILOT)
    for table in page.locator("details.behind").all():
        expect(table.get_by_role("table")).to_be_visible()
    expect(page.locator("[data-chart]").first).to_be_hidden()


def test_what_if_opens_in_the_page(owner):
    page = owner()
    show(page, PILOT)
    page.get_by_role("link", name="What if these were others?").click()
    expect(page.locator("#what-if-place").get_by_role("group", name="Full cost of an hour")).to_be_visible()
    assert page.url.endswith(PILOT)
    assert violations(page) == []


def test_a_form_whose_sign_in_has_ended_says_so_in_place(owner):
    page = owner()
    page.watch.allowed_statuses = {401}
    page.goto("/pilots/new")
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("Length").fill("12")
    page.get_by_label("Units a week").focus()
    expect(page.get_by_role("alert").get_by_text("Your sign-in has ended.")).to_be_visible()
    expect(page.get_by_label("Length")).to_have_value("12")


def test_the_form_reckons_the_sample_and_takes_rows_by_script(owner):
    page = owner()
    page.goto("/pilots/new")
    page.get_by_label("Smallest improvement worth having").fill("30")
    page.get_by_label("Units a week").fill("100")
    page.get_by_label("Primary metric today").fill("300")
    page.get_by_label("Its spread between items").fill("150")
    page.get_by_label("Length").focus()
    expect(page.locator("#plan-size")).to_contain_text(re.compile("takes [0-9,]+ items"))
    page.get_by_label("Length").fill("12")
    page.get_by_role("button", name="Add a guard").click()
    row = page.get_by_role("group", name="Guard 3")
    expect(row.get_by_label("Metric")).to_be_focused()
    expect(page.get_by_label("Length")).to_have_value("12")
    row.get_by_label("Metric").select_option("csat")
    row.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("group", name="Guard 3")).to_have_count(0)
    assert page.url.endswith("/pilots/new")


def test_a_pilot_is_written_started_and_stopped_by_keyboard(owner, house):
    page = owner()
    page.watch.allowed_statuses = {422}
    page.goto("/pilots/new?use_case=note_masked")
    page.get_by_label("Title").first.fill("Masked notes")
    page.get_by_label("Smallest improvement worth having").fill("30")
    page.get_by_label("Units a week").fill("1000")
    page.get_by_label("Primary metric today").fill("300")
    page.get_by_label("Its spread between items").fill("150")
    page.get_by_label("Primary metric today").press("Enter")
    expect(page.get_by_text("1 answer needs a look; nothing was stored.")).to_be_visible()
    page.get_by_role("link", name="Business problem").press("Enter")
    expect(page.get_by_label("Business problem")).to_be_focused()
    page.keyboard.type("Notes take long.")
    page.get_by_role("button", name="Save the charter").last.press("Enter")
    expect(page.get_by_text("The charter is saved.")).to_be_visible()
    assert page.url.endswith("/pilots/masked_notes/charter")
    page.get_by_role("button", name="Start the pilot").press("Enter")
    expect(page.get_by_text("The pilot has started.")).to_be_visible()
    page.get_by_role("radio", name="Stop").press("Space")
    page.locator("#decide-reason").fill("Only a test.")
    page.get_by_role("button", name="Decide", exact=True).press("Enter")
    expect(page.get_by_text("The decision is on record")).to_be_visible()
    expect(page.get_by_text("against the rule, which said: Too early to say")).to_be_visible()
    assert house.order("pilot_states")["masked_notes"] == "ended"


def test_pages_of_pilots_work_without_script(owner):
    page = owner(java_script_enabled=False)
    page.goto(PILOT)
    expect(page.get_by_role("heading", name="Effect", exact=True)).to_be_visible()
    expect(page.locator("[data-chart]").first).to_be_hidden()
    page.locator("#effect-over-time-table summary").click()
    expect(page.locator("#effect-over-time-table table")).to_be_visible()
    page.get_by_role("link", name="What if these were others?").click()
    expect(page.get_by_role("heading", name="What if", exact=True)).to_be_visible()
    page.goto("/pilots/new")
    page.get_by_label("Title").first.fill("Kept")
    page.get_by_role("button", name="Add a risk").click()
    expect(page.get_by_label("Risk, and what is done about it")).to_be_visible()
    expect(page.get_by_label("Title").first).to_have_value("Kept")
    page.get_by_role("button", name="Remove risk 1").click()
    expect(page.get_by_label("Risk, and what is done about it")).to_have_count(0)
