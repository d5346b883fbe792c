"""The clock of the page: its arithmetic with a wound clock, and what a real review stores."""

import pytest
from playwright.sync_api import expect


def figures(page, steps):
    """Winds a fresh clock: each step is (method, time in seconds)."""
    return page.evaluate(
        """async (steps) => {
            const { TaskClock } = await import("/static/desk/timing.js");
            const clock = new TaskClock();
            for (const [what, seconds] of steps) clock[what](seconds * 1000);
            return Object.fromEntries(Object.entries(clock.figures()).map(([name, text]) => [name, Number(text)]));
        }""",
        steps,
    )


CASES = {
    "gaps add up": ([("show", 0), ("event", 20), ("event", 50), ("leave", 55)], (55, 55, None)),
    "a gap counts up to a minute": ([("show", 0), ("event", 59), ("event", 300), ("leave", 300)], (119, 300, None)),
    "hidden time is no work": (
        [("show", 10), ("event", 20), ("hide", 25), ("event", 25), ("reveal", 500), ("leave", 505)],
        (20, 495, None),
    ),
    "thinking ends with the first edit": (
        [("show", 0), ("event", 5), ("edit", 30), ("edit", 40), ("leave", 41)],
        (41, 41, 30),
    ),
    "an undone decision goes on where it stopped": (
        [("show", 0), ("leave", 10), ("event", 15), ("show", 100), ("edit", 110), ("leave", 120)],
        (30, 30, 20),
    ),
    "what was never shown has no time": ([("event", 5), ("edit", 6), ("hide", 7), ("leave", 8)], (0, 0, None)),
}


@pytest.fixture(scope="module")
def blank(browser, running_house):
    page = browser.new_page(base_url=running_house.url)
    page.goto("/sign-in")
    yield page
    page.close()


@pytest.mark.parametrize("name", CASES)
def test_the_clock(blank, name):
    steps, (active, wall, thinking) = CASES[name]
    found = figures(blank, steps)
    assert (found["active_seconds"], found["wall_seconds"], found.get("thinking_seconds")) == (active, wall, thinking)


def test_a_long_gap_counts_up_to_half_a_minute_one_and_two(blank):
    found = figures(blank, [("show", 0), ("event", 20), ("event", 320), ("leave", 365)])
    assert [found[f"active_seconds{cap}"] for cap in ("_30", "", "_120")] == [20 + 30 + 30, 20 + 60 + 45, 20 + 120 + 45]


def test_the_clock_of_an_item_kept_ready_starts_when_it_is_shown(house, reviewer):
    house.notes(2)
    page = reviewer()
    page.keyboard.press("n")
    page.wait_for_selector("article [aria-keyshortcuts]")
    page.wait_for_timeout(1_300)
    page.keyboard.press("s")
    expect(page.get_by_role("heading", level=1)).to_have_text("note-2")
    page.keyboard.press("s")
    expect(page.locator(".toast")).to_have_count(2)
    first, second = house.order("decisions")
    assert first["wall"] >= 1.2
    assert second["wall"] < 1.0
    assert second["thinking"] is None
    assert 0 <= second["active"] <= second["wall"]
