"""Working by keyboard alone, and shortcuts that stay out of the way (WCAG 2.2, 2.1.1 and 2.1.4)."""

from playwright.sync_api import expect

from support.product import wait_until


def on_stage(page, external_id):
    expect(page.get_by_role("heading", level=1)).to_have_text(external_id)


def open_first(page, external_id="note-1"):
    """By key from the queue; keys work once the page's script is there, which shows them on the buttons."""
    page.keyboard.press("n")
    on_stage(page, external_id)
    page.wait_for_selector("article [aria-keyshortcuts]")


def editor(page):
    return page.get_by_label("Text to send")


def test_a_whole_session_without_a_mouse(house, open_page):
    house.notes(4)
    page = open_page()
    page.goto(house.order("add_user", username="keyboarder", roles=["reviewer"])["link"])
    expect(page.get_by_role("main").get_by_role("button", name="Sign in")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/")
    page.wait_for_selector("main [aria-keyshortcuts]")
    open_first(page)

    page.keyboard.press("e")
    expect(editor(page)).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("nurse next? rex")  # every letter of it is a shortcut elsewhere
    expect(editor(page)).to_have_value("nurse next? rex")
    page.keyboard.press("Escape")
    expect(editor(page)).not_to_be_focused()
    page.keyboard.press("e")
    page.keyboard.press("Control+Enter")
    on_stage(page, "note-2")

    page.keyboard.press("r")
    page.keyboard.press("ArrowDown")  # the reasons have the focus
    page.keyboard.press("Enter")
    on_stage(page, "note-3")
    expect(page.locator(".toast")).to_have_count(2)
    page.keyboard.press("u")  # the last one
    on_stage(page, "note-2")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    on_stage(page, "note-3")

    page.keyboard.press("x")
    page.keyboard.type("Needs a second look.")
    page.keyboard.press("Control+Enter")
    on_stage(page, "note-4")
    page.keyboard.press("n")
    on_stage(page, "Nothing left to review")
    expect(page.locator(".toast")).not_to_have_count(0)

    kept = [(one["item"], one["decision"]) for one in house.order("decisions") if not one["undone"]]
    assert kept == [("note-1", "edited"), ("note-2", "accepted"), ("note-3", "escalated")]
    assert house.order("decisions")[0]["final"] == "nurse next? rex"
    # The page does not wait for its claim to be given back.
    wait_until(lambda: house.order("claims") == {}, 10, "the claim of the skipped item to be given back")


def test_an_open_form_keeps_every_single_key_from_the_draft(house, reviewer):
    house.notes(3)
    page = reviewer()
    open_first(page)
    page.keyboard.press("r")
    expect(page.get_by_role("radio").nth(0)).to_be_focused()
    for key in "snxeur":
        page.keyboard.press(key)
    page.mouse.click(5, 400)  # the focus is on nothing now; the form is still open
    page.keyboard.press("s")
    page.wait_for_timeout(300)
    on_stage(page, "note-1")
    assert house.order("decisions") == []
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    expect(page.get_by_role("radio").nth(1)).to_be_checked()
    page.keyboard.press("Enter")
    on_stage(page, "note-2")
    expect(page.locator(".toast")).to_have_count(1)
    assert [one["decision"] for one in house.order("decisions")] == ["rejected"]

    page.keyboard.press("r")
    page.keyboard.press("Escape")
    expect(page.get_by_role("radio")).to_have_count(0)  # closed
    page.keyboard.press("s")
    on_stage(page, "note-3")


def test_the_form_opens_below_buttons_that_stay_where_they_are(house, reviewer):
    house.notes(1)
    page = reviewer()
    open_first(page)
    buttons = page.locator(".actions button")
    before = [buttons.nth(n).bounding_box() for n in range(4)]
    page.get_by_role("button", name="Reject…").click()
    assert [buttons.nth(n).bounding_box() for n in range(4)] == before
    expect(page.get_by_role("button", name="Reject the draft")).to_be_in_viewport()
    page.get_by_role("button", name="Escalate…").click()
    expect(page.get_by_role("button", name="Reject the draft")).to_be_hidden()
    expect(page.get_by_role("button", name="Reject…")).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("button", name="Escalate…")).to_have_attribute("aria-expanded", "true")


def test_e_puts_the_caret_at_the_end_and_slash_goes_to_the_search_of_the_queue(house, reviewer):
    house.notes(1)
    page = reviewer()
    open_first(page)
    page.keyboard.press("e")
    page.keyboard.type(" Bye.")
    expect(editor(page)).to_have_value("We sent it on Monday. Bye.")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_label("Item id begins with")).to_be_focused()


def test_the_help_dialog_opens_by_key_lists_the_keys_and_gives_the_focus_back(house, reviewer):
    house.notes(1)
    page = reviewer()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Undo the last decision")
    page.keyboard.press("n")  # nothing happens behind it
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("/")
    expect(page.get_by_label("Item id begins with")).to_be_focused()
    page.keyboard.type("note-1")
    expect(page.locator(".queue tbody tr")).to_have_count(1)


def test_shortcuts_can_be_remapped_and_switched_off(house, reviewer):
    house.notes(3)
    page = reviewer()
    page.goto("/desk/preferences")
    page.get_by_label("Send the text as it stands").fill("a")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your shortcuts are saved.")).to_be_visible()
    page.goto("/desk/")
    open_first(page)
    expect(page.get_by_role("button", name="Send")).to_have_text("Senda")
    page.keyboard.press("s")
    page.wait_for_timeout(300)
    on_stage(page, "note-1")
    page.keyboard.press("a")
    on_stage(page, "note-2")
    expect(page.locator(".toast")).to_have_count(1)

    page.goto("/desk/preferences")
    page.get_by_label("Use single-key shortcuts").uncheck()
    page.get_by_role("button", name="Save").click()
    page.goto("/desk/")
    page.get_by_role("button", name="Review note-2").click()
    on_stage(page, "note-2")
    for key in "asernux?":
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    on_stage(page, "note-2")
    expect(page.get_by_role("dialog")).to_have_count(0)
    editor(page).focus()
    page.keyboard.press("Control+Enter")  # not a single key: it stays
    on_stage(page, "note-3")


def test_the_focus_can_be_seen_on_everything_that_takes_it(house, reviewer):
    house.notes(2)
    page = reviewer()
    open_first(page)
    seen = set()
    for _ in range(14):
        page.keyboard.press("Tab")
        what, width, style = page.evaluate(
            """() => {
                const one = document.activeElement, look = getComputedStyle(one);
                const name = one.tagName + one.textContent.trim().slice(0, 12);
                return [name, parseFloat(look.outlineWidth), look.outlineStyle];
            }"""
        )
        seen.add(what)
        if not what.startswith("BODY"):
            assert width >= 2, what
            assert style == "solid", what
    assert len(seen) > 7
