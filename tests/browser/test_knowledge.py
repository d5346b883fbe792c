"""The search page and the page of a document, as people use them: by keyboard, narrow, dark, without script."""

import re

import pytest
from playwright.sync_api import expect

from browser.test_access import violations, widest

RATES = "# Shipping rates\n\n" + "".join(
    f"## Zone {number}\n\nA parcel to zone {number} costs {number + 3} euros and takes {number} days.\n\n"
    for number in range(1, 60)
)
LIST = (
    "# What we send\n\n- shoes\n- laces\n\n```\ncode <b>here</b>\n```\n\n"
    "| city | days |\n|------|------|\n| Oslo | 3    |\n\n<script>alert(1)</script>\n"
)


@pytest.fixture
def documents(house):
    return house.order("add_knowledge", source="policies", documents={"rates.md": RATES, "list.md": LIST}, groups=[])


def ask(page, question):
    page.get_by_label("Question or words").fill(question)
    page.get_by_label("Question or words").press("Enter")
    page.wait_for_selector(".hit")


def test_a_passage_is_found_followed_and_lit_where_it_stands(documents, reviewer):
    page = reviewer()
    page.get_by_role("link", name="Knowledge").click()
    expect(page.get_by_label("Question or words")).to_be_focused()
    ask(page, "parcel to zone 47")
    assert "q=parcel" in page.url
    first = page.locator(".hit").first
    expect(first).to_contain_text("Zone 47")
    expect(first.locator("mark", has_text="47").first).to_be_visible()
    page.reload()
    expect(page.locator(".hit").first).to_contain_text("Zone 47")
    page.keyboard.press("Tab")
    first.get_by_role("link").focus()
    page.keyboard.press("Enter")
    lit = page.locator("#lit")
    expect(lit).to_contain_text("zone 47 costs 50 euros")
    expect(lit).to_be_in_viewport()
    expect(lit).to_be_focused()
    page.go_back()
    expect(page.locator(".hit").first).to_contain_text("Zone 47")


def test_a_link_without_a_fragment_goes_to_the_passage_too(documents, reviewer):
    page = reviewer()
    page.goto(f"/desk/knowledge/documents/{documents['rates.md']}?start=2500&end=2550")
    expect(page.locator("#lit")).to_be_in_viewport()


def test_a_source_of_another_group_is_not_there(house, documents, reviewer):
    secret = house.order("add_knowledge", source="salaries", documents={"a.md": "Gold of zone 47."}, groups=["board"])
    page = reviewer("admin")
    page.watch.allowed_statuses |= {404}
    page.goto("/desk/knowledge?q=gold+of+zone")
    expect(page.locator(".hit").first).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("Gold")
    expect(page.get_by_label("Source")).not_to_contain_text("salaries")
    assert page.goto(f"/desk/knowledge/documents/{secret['a.md']}").status == 404


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(documents, reviewer, scheme):
    page = reviewer(color_scheme=scheme)
    page.goto("/desk/knowledge")
    assert violations(page) == [], "search"
    ask(page, "parcel to zone 47")
    assert violations(page) == [], "results"
    for name, span in (("rates.md", "?start=100&end=300"), ("list.md", "?start=0&end=40")):
        page.goto(f"/desk/knowledge/documents/{documents[name]}{span}")
        assert violations(page) == [], name


@pytest.mark.parametrize("width", [360, 640])
def test_no_page_scrolls_sideways_and_targets_are_large_enough(house, reviewer, width):
    long = "A_very_long_word_without_any_space_" * 12
    ids = house.order(
        "add_knowledge",
        source="policies",
        documents={"long.md": f"# {long}\n\n{long} zone\n\n```\n{long}\n```\n"},
        groups=[],
    )
    page = reviewer(viewport={"width": width, "height": 740})
    for address in ("/desk/knowledge?q=zone", f"/desk/knowledge/documents/{ids['long.md']}?start=5&end=40"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, widest(page))
        small = page.evaluate(
            """() => [...document.querySelectorAll("main a, main button, main input, main select")]
            .filter((one) => one.checkVisibility() && !one.closest("p"))
            .map((one) => [one, one.getBoundingClientRect()])
            .filter(([, box]) => box.width < 24 || box.height < 24)
            .map(([one]) => one.outerHTML.slice(0, 80))"""
        )
        assert small == [], address


def test_it_works_without_script(house, documents, open_page):
    page = open_page(java_script_enabled=False)
    page.goto(house.order("add_user", username="plainer", roles=["reviewer"])["link"])
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Knowledge").click()
    page.get_by_label("Question or words").fill("parcel to zone 12")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".hit").first).to_contain_text("Zone 12")
    page.locator(".hit").first.get_by_role("link").click()
    expect(page.locator("#lit")).to_be_in_viewport()
    assert re.search(r"#lit$", page.url)
