"""One review after another, as a person does it: claim, edit, send, undo, reject, escalate."""

import re

from playwright.sync_api import expect

NEXT_ITEM_MS = 100


def start(page):
    page.get_by_role("button", name="Start with the oldest").click()
    page.wait_for_selector("article[data-mode=edit]")


def on_stage(page, external_id):
    expect(page.get_by_role("heading", level=1)).to_have_text(external_id)


def editor(page):
    return page.get_by_label("Text to send")


def next_item_times(page):
    return page.evaluate("performance.getEntriesByName('desk:next-item').map((one) => one.duration)")


def wait_until_ready(page, house, external_id):
    """Until the page holds the item that comes next."""
    for _ in range(100):
        if external_id in house.order("claims"):
            page.wait_for_timeout(80)
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{external_id} was never kept ready")


def test_a_review_from_link_to_undo(house, open_page):
    house.notes(3)
    page = open_page()
    page.goto(house.order("add_user", username="linda", roles=["reviewer"])["link"])
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    start(page)
    on_stage(page, "note-1")
    assert house.order("claims")["note-1"] == "linda"
    assert "Unchanged" in page.locator("#diff-status").text_content()

    editor(page).fill("We sent it on Tuesday.")
    expect(page.locator("ins")).to_have_text("Tuesday")
    expect(page.locator("del")).to_have_text("Monday")
    expect(page.locator("#diff-status")).to_contain_text("Edited: 17 %")

    wait_until_ready(page, house, "note-2")
    page.get_by_role("button", name="Send").click()
    on_stage(page, "note-2")
    expect(page.locator(".toast")).to_contain_text("Sent, edited note-1")

    page.locator(".toast").get_by_role("button").click()
    on_stage(page, "note-1")
    expect(editor(page)).to_have_value("We sent it on Tuesday.")
    [undone] = house.order("decisions")
    assert undone["undone"] is True

    page.get_by_role("button", name="Send").click()
    on_stage(page, "note-2")
    expect(page.locator(".toast")).to_have_count(1)
    _, sent = house.order("decisions")
    assert (sent["decision"], sent["final"], sent["undone"]) == ("edited", "We sent it on Tuesday.", False)
    assert 0 <= sent["thinking"] <= sent["active"] <= sent["wall"] < 30


def test_the_next_item_shows_within_100_ms_of_the_decision(house, reviewer, record_property):
    house.notes(12)
    page = reviewer()
    start(page)
    for number in range(1, 11):
        on_stage(page, f"note-{number}")
        wait_until_ready(page, house, f"note-{number + 1}")
        page.keyboard.press("s")
    on_stage(page, "note-11")
    expect(page.locator(".toast")).not_to_have_count(0)
    page.wait_for_timeout(100)
    times = next_item_times(page)
    record_property("next_item_ms", sorted(round(ms) for ms in times))
    assert len(times) == 10
    # One of ten may fall on a moment in which the test machine does something else.
    assert sorted(times)[-2] < NEXT_ITEM_MS


def test_reject_with_a_reason_and_escalate_with_a_note(house, reviewer):
    house.notes(2)
    page = reviewer()
    start(page)
    page.get_by_role("button", name="Reject…").click()
    page.get_by_role("button", name="Reject the draft").click()
    on_stage(page, "note-1")  # the browser asks for a reason first
    page.get_by_label("Wrong tone").check()
    page.get_by_role("button", name="Reject the draft").click()
    on_stage(page, "note-2")
    page.get_by_role("button", name="Escalate…").click()
    page.get_by_label("What is needed").fill("A manager must call.")
    page.get_by_role("button", name="Escalate the item").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing left to review")
    expect(page.locator(".toast")).to_have_count(2)
    rejected, escalated = house.order("decisions")
    assert (rejected["decision"], rejected["reason"], rejected["final"]) == ("rejected", "tone", None)
    assert (escalated["decision"], escalated["note"]) == ("escalated", "A manager must call.")


def test_skipping_keeps_what_was_typed_and_going_back_claims_it_again(house, reviewer):
    house.notes(2)
    page = reviewer()
    start(page)
    wait_until_ready(page, house, "note-2")
    editor(page).fill("Long work.")
    page.get_by_role("button", name="Skip").click()
    on_stage(page, "note-2")
    toast = page.locator(".toast")
    expect(toast).to_contain_text("Skipped note-1")
    for _ in range(40):
        if "note-1" not in house.order("claims"):
            break
        page.wait_for_timeout(50)
    assert "note-1" not in house.order("claims")  # others may have it
    page.keyboard.press("u")
    on_stage(page, "note-1")
    expect(editor(page)).to_have_value("Long work.")
    expect(toast).to_have_count(0)
    assert house.order("claims")["note-1"] == page.username
    page.get_by_role("button", name="Send").click()
    expect(toast).to_contain_text("Sent, edited note-1")
    assert house.order("decisions")[0]["final"] == "Long work."


def test_a_skipped_item_that_somebody_else_took_comes_back_with_the_text_and_says_so(house, reviewer):
    house.notes(2)
    other = reviewer()
    page = reviewer()
    page.watch.allowed_statuses.add(409)
    start(page)
    editor(page).fill("Long work.")
    page.get_by_role("button", name="Skip").click()
    on_stage(page, "note-2")
    house.order("take_claim", external_id="note-1", username=other.username)
    page.get_by_role("button", name="Go back").click()
    on_stage(page, "note-1")
    expect(editor(page)).to_have_value("Long work.")
    expect(page.locator(".trouble")).to_contain_text(f"{other.username} has been reviewing note-1")


def test_an_untouched_item_is_skipped_without_a_word(house, reviewer):
    house.notes(2)
    page = reviewer()
    start(page)
    page.get_by_role("button", name="Skip").click()
    on_stage(page, "note-2")
    expect(page.locator(".toast")).to_have_count(0)


def test_only_the_latest_toast_shows_and_the_others_unfold(house, reviewer):
    house.notes(4)
    page = reviewer(viewport={"width": 360, "height": 740})
    start(page)
    for number in (1, 2, 3):
        on_stage(page, f"note-{number}")
        wait_until_ready(page, house, f"note-{number + 1}")
        page.get_by_role("button", name="Send").click()
    on_stage(page, "note-4")
    toasts = page.locator(".toast")
    expect(toasts).to_have_count(3)
    expect(toasts.filter(visible=True)).to_have_count(1)
    expect(toasts.filter(visible=True)).to_contain_text("note-3")
    page.wait_for_timeout(250)  # it is measured when it has risen
    covered = page.evaluate(
        """() => {
            const box = (one) => one.getBoundingClientRect();
            const toast = box([...document.querySelectorAll(".toast")].at(-1));
            return [...document.querySelectorAll("main button, main h1, main h2, .crumbs a, .site *")]
                .filter((one) => one.checkVisibility() && !one.closest(".toasts") && box(one).width > 1)
                .filter((one) => box(one).top < toast.bottom && box(one).bottom > toast.top
                    && box(one).left < toast.right && box(one).right > toast.left)
                .map((one) => one.outerHTML.slice(0, 80));
        }"""
    )
    assert covered == []
    page.get_by_role("button", name="and 2 more").click()
    expect(toasts.filter(visible=True)).to_have_count(3)
    toasts.nth(0).get_by_role("button", name="Undo").click()
    on_stage(page, "note-1")
    expect(toasts).to_have_count(2)


def test_the_status_of_the_changes_never_goes_stale(house, reviewer):
    house.notes(1)
    page = reviewer()
    page.watch.allowed_statuses.add(503)
    start(page)
    status = page.locator("#diff-status")
    held = []

    def hold(route):
        held.append(route)

    page.route("**/diff", hold)
    editor(page).fill("We sent it on Tuesday.")
    expect(status).to_have_text("Comparing…")
    page.wait_for_timeout(300)
    held.pop().continue_()
    expect(status).to_contain_text("Edited: 17 %")
    page.unroute("**/diff")
    page.route("**/diff", lambda route: route.fulfill(status=503, body=""))
    editor(page).fill("We sent it on Wednesday.")
    expect(status).to_have_text("Changes cannot be shown right now; your text is kept.")
    expect(page.locator("ins")).to_have_count(0)
    expect(page.locator(".trouble")).to_be_hidden()
    page.unroute("**/diff")
    editor(page).fill("We sent it on Monday.")
    expect(status).to_have_text("Unchanged.")


def test_progress_counts_and_an_empty_queue_has_its_own_title_and_address(house, reviewer):
    house.notes(1)
    page = reviewer()
    start(page)
    tally = page.locator("#tally")
    expect(tally).to_have_text("0 decided today · 1 left")
    page.get_by_role("button", name="Send").click()
    expect(tally).to_have_text("1 decided today · 0 left")
    expect(page).to_have_title("Nothing left to review · Graftwork")
    expect(page).to_have_url(re.compile(r"/desk/\?none=1$"))
    page.get_by_role("button", name="Undo").click()
    on_stage(page, "note-1")
    expect(tally).to_have_text("0 decided today · 1 left")
    expect(page).to_have_url(re.compile(r"/desk/items/[0-9a-f-]{36}$"))


def test_a_long_thread_opens_at_its_last_turn_with_the_editor_beside_it(house, reviewer):
    turns = [{"speaker": "customer", "text": f"Message {n}. " + "Where is it? " * 60} for n in range(1, 15)]
    house.order("add_items", use_case="note_reply", rows=[{"id": "long-1", "text": turns}], drafts=["Soon."])
    page = reviewer()
    start(page)
    expect(page.get_by_text("8 earlier messages")).to_be_visible()
    expect(page.get_by_text("Message 14.")).to_be_in_viewport()
    expect(page.get_by_text("Message 6.")).to_be_hidden()
    page.locator(".of-item").hover()
    page.mouse.wheel(0, -3000)
    expect(page.get_by_text("Message 9.")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport()


def test_undo_still_works_on_the_queue_page_and_after_a_reload(house, reviewer):
    house.notes(1)
    page = reviewer()
    start(page)
    editor(page).fill("Typed by a person.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".toast")).to_have_count(1)
    page.get_by_role("link", name="Queue", exact=True).click()
    page.locator(".toast").get_by_role("button").click()
    on_stage(page, "note-1")
    expect(editor(page)).to_have_value("Typed by a person.")
    page.reload()
    expect(editor(page)).to_have_value("Typed by a person.")


def test_a_claim_that_went_to_somebody_else_keeps_the_text_and_says_so(house, reviewer):
    house.notes(1)
    other = reviewer()
    page = reviewer()
    page.watch.allowed_statuses.add(409)
    start(page)
    editor(page).fill("Long work.")
    house.order("take_claim", external_id="note-1", username=other.username)
    page.get_by_role("button", name="Send").click()
    trouble = page.locator(".trouble")
    expect(trouble).to_contain_text(f"{other.username} has been reviewing note-1")
    expect(trouble.get_by_role("button", name="Claim it again")).to_have_count(0)  # it could not work
    expect(editor(page)).to_have_value("Long work.")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    trouble.get_by_role("button", name="Copy my text").click()
    expect(trouble.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "Long work."
    house.order("expire_claim", external_id="note-1")
    page.get_by_role("button", name="Send").click()
    expect(trouble).to_contain_text("nobody else has taken it")
    trouble.get_by_role("button", name="Claim it again").click()
    expect(trouble).to_be_hidden()
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".toast")).to_contain_text("Sent, edited note-1")


def test_a_refused_decision_comes_back_even_when_the_next_item_was_shown(house, reviewer):
    house.notes(2)
    other = reviewer()
    page = reviewer()
    page.watch.allowed_statuses.add(409)
    start(page)
    wait_until_ready(page, house, "note-2")
    editor(page).fill("Long work.")
    house.order("take_claim", external_id="note-1", username=other.username)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".trouble")).to_contain_text("has been reviewing")
    on_stage(page, "note-1")
    expect(editor(page)).to_have_value("Long work.")
    assert house.order("decisions") == []


def test_an_item_kept_ready_that_was_taken_meanwhile_is_not_lost_on(house, reviewer):
    house.notes(3)
    other = reviewer()
    page = reviewer()
    page.watch.allowed_statuses.add(409)
    start(page)
    wait_until_ready(page, house, "note-2")
    house.order("take_claim", external_id="note-2", username=other.username)
    page.get_by_role("button", name="Send").click()
    on_stage(page, "note-2")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".trouble")).to_contain_text("has been reviewing")
    assert [one["item"] for one in house.order("decisions")] == ["note-1"]


def test_leaving_the_page_gives_back_what_was_kept_ready(house, reviewer):
    house.notes(2)
    page = reviewer()
    start(page)
    wait_until_ready(page, house, "note-2")
    page.get_by_role("link", name="Preferences").click()
    page.wait_for_url("**/preferences")
    for _ in range(40):
        if "note-2" not in house.order("claims"):
            break
        page.wait_for_timeout(50)
    assert list(house.order("claims")) == ["note-1"]


def test_a_draft_streams_in_and_turns_into_the_editor(house, reviewer):
    [item] = house.order("add_items", use_case="note_reply", rows=[{"id": "note-1", "text": "Hi"}], drafts=None)
    page = reviewer()
    page.get_by_role("button", name="Review note-1").click()
    expect(page.locator(".progress")).to_contain_text("Waiting for a worker")
    house.order("begin_draft", use_case="note_reply", text="We sent")
    expect(page.locator(".written")).to_have_text("We sent")
    house.order("finish_draft", use_case="note_reply", text="We sent it.")
    expect(editor(page)).to_have_value("We sent it.")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "progress" in request.url else None)
    page.wait_for_timeout(1_500)
    assert asked == []
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".toast")).to_contain_text("Sent, unchanged note-1")
    assert re.fullmatch(r"[0-9a-f-]{36}", item)


def test_json_that_breaks_the_schema_is_refused_and_stays(house, reviewer):
    house.notes(2, draft='{"city":"Bern"}', use_case="note_facts")
    page = reviewer()
    page.watch.allowed_statuses.add(422)
    start(page)
    expect(editor(page)).to_have_value('{\n  "city": "Bern"\n}')
    wait_until_ready(page, house, "note-2")
    page.get_by_role("button", name="The same as JSON").click()
    editor(page).fill('{"town": "Bern"}')
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".trouble")).to_contain_text("schema")
    on_stage(page, "note-1")
    expect(editor(page)).to_have_value('{"town": "Bern"}')
    editor(page).fill('{\n  "city": "Bern"\n}')
    page.get_by_role("button", name="Send").click()
    on_stage(page, "note-2")
    expect(page.locator(".toast")).to_contain_text("Sent, unchanged note-1")


def test_script_in_an_item_and_a_draft_is_shown_as_text(house, reviewer):
    hostile = "<script>document.title='taken'</script><img src=x onerror=alert(1)>"
    house.order("add_items", use_case="note_reply", rows=[{"id": "a-1", "text": hostile}], drafts=[hostile])
    page = reviewer()
    expect(page.locator(".of-text").nth(0)).to_contain_text("<script>document.title")
    start(page)
    expect(page.locator(".turn .text")).to_have_text(hostile)
    expect(editor(page)).to_have_value(hostile)
    editor(page).fill(hostile + " more")
    expect(page.locator(".changed")).to_contain_text("<script>")
    assert "taken" not in page.title()


def test_claims_are_renewed_while_the_page_is_used_and_only_then(house, reviewer):
    house.notes(2)
    page = reviewer()
    page.clock.install()
    start(page)
    wait_until_ready(page, house, "note-2")
    renewed = []
    page.on("request", lambda request: renewed.append(request.url) if request.url.endswith("/renew") else None)
    page.clock.fast_forward(180_000)
    page.wait_for_timeout(300)
    assert renewed == []  # nobody is there
    with page.expect_response("**/renew"):
        page.mouse.move(200, 200)
        page.mouse.move(220, 240)
    page.wait_for_timeout(300)
    assert len(renewed) == 2  # the item on the stage, and the one kept ready
