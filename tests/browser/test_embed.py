"""The element on a page that is not ours: another origin, under a strict policy, with styles of its own."""

import json
import re

import pytest
from playwright.sync_api import expect

from browser.cases import answer_of_handbook, facts_of_report, in_two_parts
from browser.test_access import violations
from support.crm import Crm

UNDO_MS = 15_000


@pytest.fixture(scope="module")
def crm(running_house):
    crm = Crm(running_house.url)
    crm.api_token = running_house.order("make_api_token", username="crm")
    yield crm
    crm.close()


@pytest.fixture(autouse=True)
def allowed(house, crm):
    crm.use_case = "note_reply"
    house.order("embed_from", origin=crm.origin)


_users = iter(f"embed{number}" for number in range(1, 1_000))


@pytest.fixture
def ticket(browser, house, crm):
    """A browser on a ticket's page of the CRM. At the end it must have broken no policy and asked no third host."""
    opened = []

    def open_one(external_id="note-1", user=None, **options):
        if user is None:
            user = next(_users)
            house.order("add_user", username=user, roles=["reviewer"])
        context = browser.new_context(**{"viewport": {"width": 1000, "height": 900}, **options})
        context.set_default_timeout(8_000)
        page = context.new_page()
        page.username = user
        page.errors, page.foreign = [], []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("request", lambda one: one.url.startswith((crm.origin, house.url)) or page.foreign.append(one.url))
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(crm.url(external_id, user))
        opened.append((context, page))
        return page

    yield open_one
    for context, page in opened:
        assert page.evaluate("window.violations") == []
        assert (page.errors, page.foreign) == ([], [])
        context.close()


def editor(page):
    return page.get_by_label("Text to send")


def approve(page):
    page.get_by_role("button", name="Approve").click()


def events(page, name):
    return [detail for kind, detail in page.evaluate("window.events") if kind == name]


def test_an_edited_text_is_approved_and_stored_as_from_the_desk(house, ticket):
    [item] = house.notes(1)
    page = ticket()
    expect(page.get_by_role("heading", name="Draft for note-1")).to_be_visible()
    expect(editor(page)).to_have_value("We sent it on Monday.")
    assert house.order("claims") == {"note-1": page.username}

    editor(page).press("End")
    editor(page).press_sequentially(" Promised.", delay=30)
    expect(page.locator("ins")).to_contain_text("Promised.")
    approve(page)
    expect(page.get_by_text("Approved, edited")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_focused()

    [review] = house.order("embedded_reviews")
    assert (review["by"], review["decision"], review["final"]) == (
        page.username,
        "edited",
        "We sent it on Monday. Promised.",
    )
    assert 0 < review["share"] < 1
    assert sorted({operation for operation, _ in review["edits"]} - {"keep"}) == ["insert"]
    assert 0 < review["thinking"] <= review["active"] <= review["wall"] < 30
    [decided] = events(page, "decided")
    assert decided.keys() == {"item", "decision", "reviewId", "effectiveAt"}
    assert (decided["item"], decided["decision"]) == (item, "edited")
    assert page.title().startswith("edited: ")
    assert house.order("claims") == {}


def test_a_decision_is_undone_with_the_text_that_was_typed(house, ticket):
    house.notes(1)
    page = ticket()
    editor(page).fill("We sent it on Tuesday.")
    approve(page)
    page.get_by_role("button", name="Undo").click()
    expect(editor(page)).to_have_value("We sent it on Tuesday.")
    expect(editor(page)).to_be_focused()
    assert house.order("embedded_reviews")[0]["undone"] is True
    approve(page)
    expect(page.get_by_text("In effect.")).to_be_visible(timeout=UNDO_MS)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    assert [detail["decision"] for detail in events(page, "settled")] == ["edited"]
    assert len(house.order("embedded_reviews")) == 2


def test_rejecting_takes_a_reason_and_undoing_it_keeps_what_was_typed(house, ticket):
    house.notes(1)
    page = ticket()
    editor(page).fill("Half a thought")
    page.get_by_role("button", name="Reject…").click()
    page.get_by_role("button", name="Reject the draft").click()
    assert house.order("embedded_reviews") == []  # the browser asks for a reason first
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Reject the draft").click()
    expect(page.get_by_text("Rejected", exact=True)).to_be_visible()
    [review] = house.order("embedded_reviews")
    assert (review["decision"], review["final"]) == ("rejected", None)
    assert review["reason"]
    page.get_by_role("button", name="Undo").click()
    expect(editor(page)).to_have_value("Half a thought")


def test_escalating_by_keyboard_alone(house, ticket):
    house.notes(1)
    page = ticket()
    editor(page).focus()
    page.keyboard.press("Tab")  # past the editor: Approve, Reject, Escalate
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Escalate…")).to_be_focused()
    page.keyboard.press("Enter")
    note = page.get_by_label("What is needed, and from whom?")
    expect(note).to_be_focused()
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    page.keyboard.press("Enter")
    page.keyboard.type("Legal has to look.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Escalated", exact=True)).to_be_visible()
    [review] = house.order("embedded_reviews")
    assert (review["decision"], review["note"]) == ("escalated", "Legal has to look.")
    assert page.evaluate("window.keys") == 0  # no key of the text is a shortcut of the page


def test_what_somebody_else_holds_is_read_and_opens_when_it_is_free(house, ticket):
    house.notes(1)
    first, second = ticket(), ticket()
    expect(second.get_by_text(f"{first.username} is working on this item.")).to_be_visible()
    expect(second.get_by_text("We sent it on Monday.")).to_be_visible()
    expect(editor(second)).to_have_count(0)
    first.evaluate("document.querySelector('graftwork-draft').remove()")
    second.wait_for_timeout(300)
    second.reload()
    expect(editor(second)).to_be_visible()


def test_an_element_that_is_removed_gives_its_item_back_and_one_that_is_moved_does_not(house, ticket):
    house.notes(1)
    page = ticket()
    editor(page).fill("Half a thought")
    page.evaluate("document.body.append(document.querySelector('graftwork-draft'))")
    page.wait_for_timeout(300)
    assert house.order("claims") == {"note-1": page.username}
    expect(editor(page)).to_have_value("Half a thought")

    page.evaluate("window.kept = document.querySelector('graftwork-draft'); kept.remove()")
    _until(lambda: house.order("claims") == {}, page)
    page.evaluate("document.body.append(kept)")
    _until(lambda: house.order("claims") == {"note-1": page.username}, page)
    expect(editor(page)).to_have_value("Half a thought")
    approve(page)
    expect(page.get_by_text("Approved, edited")).to_be_visible()


def test_leaving_the_page_gives_the_item_back(house, ticket):
    house.notes(1)
    page = ticket()
    expect(editor(page)).to_be_visible()
    page.goto("about:blank")
    _until(lambda: house.order("claims") == {}, page)
    page.evaluate("window.violations = []")


def test_a_reload_keeps_the_claim_of_the_new_page(house, ticket):
    house.notes(1)
    page = ticket()
    expect(editor(page)).to_be_visible()
    page.reload()
    expect(editor(page)).to_be_visible()
    page.wait_for_timeout(500)
    assert house.order("claims") == {"note-1": page.username}


def test_an_ended_token_is_renewed_by_the_page_without_losing_the_text(house, crm, ticket):
    house.notes(1)
    page = ticket()
    editor(page).fill("We sent it on Tuesday.")
    before = crm.asked
    house.order("end_tokens", username=page.username)
    approve(page)
    expect(page.get_by_text("Approved, edited")).to_be_visible()
    assert crm.asked > before
    assert events(page, "token-ended") == []
    assert house.order("embedded_reviews")[0]["final"] == "We sent it on Tuesday."


def test_a_token_that_expired_by_time_is_renewed_too(house, crm, ticket):
    house.notes(1)
    house.order("embed_from", origin=crm.origin, token_minutes=2 / 60)
    page = ticket()
    editor(page).fill("We sent it on Tuesday.")
    page.wait_for_timeout(2_500)
    approve(page)
    expect(page.get_by_text("Approved, edited")).to_be_visible()


def test_an_ended_token_that_nobody_renews_is_told_and_a_new_attribute_goes_on(house, crm, ticket):
    house.notes(1)
    page = ticket()
    editor(page).fill("We sent it on Tuesday.")
    page.evaluate("document.querySelector('graftwork-draft').token = 'spoiled'")
    approve(page)
    expect(page.get_by_role("alert")).to_contain_text("has to be signed in again")
    assert events(page, "token-ended")
    expect(editor(page)).to_have_value("We sent it on Tuesday.")
    token = crm.token("note-1", page.username)["token"]
    page.evaluate("(token) => document.querySelector('graftwork-draft').setAttribute('token', token)", token)
    expect(page.get_by_role("alert")).to_have_count(0)
    approve(page)
    expect(page.get_by_text("Approved, edited")).to_be_visible()


def test_without_a_network_the_decision_waits_and_is_sent_once(house, ticket):
    house.notes(1)
    page = ticket()
    editor(page).fill("We sent it on Tuesday.")
    page.wait_for_timeout(600)
    page.context.set_offline(True)
    approve(page)
    expect(page.get_by_role("alert")).to_contain_text("Not sent yet")
    page.get_by_role("button", name="Do not send").click()
    expect(editor(page)).to_be_enabled()
    expect(editor(page)).to_have_value("We sent it on Tuesday.")
    approve(page)
    expect(page.get_by_role("alert")).to_contain_text("Not sent yet")
    page.context.set_offline(False)
    expect(page.get_by_text("Approved, edited")).to_be_visible(timeout=15_000)
    assert len(house.order("embedded_reviews")) == 1


def test_a_decision_whose_answer_was_lost_is_recognised(house, ticket):
    house.notes(1)
    page = ticket()
    lost = []

    def lose(route):
        if lost:
            route.continue_()
            return
        lost.append(route.fetch())  # the server has it
        route.abort("connectionreset")

    page.route("**/decide", lose)
    editor(page).fill("We sent it on Tuesday.")
    approve(page)
    expect(page.get_by_text("Approved, edited")).to_be_visible(timeout=15_000)
    assert len(house.order("embedded_reviews")) == 1


def test_of_two_tabs_of_one_person_the_second_is_told(house, ticket):
    house.notes(1)
    first = ticket()
    second = ticket(user=first.username)
    editor(first).fill("From the first tab.")
    editor(second).fill("From the second tab.")
    approve(first)
    expect(first.get_by_text("Approved, edited")).to_be_visible()
    approve(second)
    expect(second.get_by_role("alert")).to_contain_text("has been decided already")
    expect(editor(second)).to_have_value("From the second tab.")
    second.get_by_role("button", name="See how it stands").click()
    expect(second.get_by_text("Approved, edited")).to_be_visible()
    assert len(house.order("embedded_reviews")) == 1


def test_a_claim_that_ran_out_is_taken_again_with_the_text(house, ticket):
    house.notes(1)
    page = ticket()
    editor(page).fill("We sent it on Tuesday.")
    house.order("expire_claim", external_id="note-1")
    approve(page)
    page.get_by_role("button", name="Take it again").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    approve(page)
    expect(page.get_by_text("Approved, edited")).to_be_visible()


def test_a_text_typed_on_an_older_draft_is_not_put_over_the_new_one_unasked(house, ticket):
    house.notes(1)
    page = ticket()
    editor(page).fill("We sent it on Tuesday.")
    house.order("draft_again", external_id="note-1", draft="It left the house today.")
    approve(page)
    page.get_by_role("button", name="Take it again").click()
    expect(editor(page)).to_have_value("It left the house today.")
    page.get_by_role("button", name="Put my text in its place").click()
    expect(editor(page)).to_have_value("We sent it on Tuesday.")


def test_a_draft_that_is_being_written_opens_when_it_is_there(house, ticket):
    house.order("add_items", use_case="note_reply", rows=[{"id": "note-1", "text": "Where?"}], drafts=None)
    page = ticket()
    expect(page.get_by_text("The draft is being written…")).to_be_visible()
    house.order("begin_draft", use_case="note_reply", text="It is on")
    expect(page.get_by_text("It is on")).to_be_visible()
    house.order("finish_draft", use_case="note_reply", text="It is on its way.")
    expect(editor(page)).to_have_value("It is on its way.")


def test_the_text_of_a_draft_is_text(house, ticket):
    draft = "<img src=x onerror=alert(1)><b>bold</b> {{ 1 }}"
    house.notes(1, draft=draft)
    page = ticket()
    expect(editor(page)).to_have_value(draft)
    assert page.locator("graftwork-draft :is(img, b)").count() == 0
    approve(page)
    page.get_by_text("The text").click()
    expect(page.get_by_text(draft)).to_be_visible()


def test_a_json_draft_is_a_form_that_the_server_checks(house, crm, ticket):
    crm.use_case = "note_facts"
    house.order(
        "add_items", use_case="note_facts", rows=[{"id": "facts-1", "text": "Bern"}], drafts=['{"city": "Bern"}']
    )
    page = ticket("facts-1")
    city = page.get_by_label("City")
    expect(city).to_have_value("Bern")
    page.get_by_role("button", name="The same as JSON").click()
    text = page.get_by_label("Text to send (JSON)")
    text.fill('{"town": "Basel"}')
    approve(page)
    expect(page.get_by_role("alert")).to_contain_text("This cannot be taken: the object breaks the rule required")
    text.fill('{"city": "Basel"}')
    expect(city).to_have_value("Basel")
    city.fill("Chur")
    expect(text).to_have_value(re.compile('"city": "Chur"'))
    expect(page.locator("ins")).to_contain_text("Chur")
    approve(page)
    expect(page.get_by_text("Approved, edited")).to_be_visible()
    assert house.order("embedded_reviews")[0]["final"] == '{"city": "Chur"}'


def test_statements_are_checked_as_they_are_edited_and_sources_are_beside_them(house, crm, ticket):
    answer_of_handbook(house)
    crm.use_case = "handbook_reply"
    page = ticket("leave-1")
    expect(page.get_by_text("1 of 3 statements has no support in what was read.")).to_be_visible()
    expect(page.get_by_text("No support: date 30 June")).to_be_visible()
    page.get_by_role("button", name="Go to it in the text").click()
    selected = "() => getSelection().toString()"
    assert page.evaluate(selected) == "Carried-over leave must be taken by 30 June [1]."
    page.keyboard.type("Carried-over leave must be taken by 31 March [1].")
    expect(page.get_by_text("All 3 statements are supported.")).to_be_visible()

    page.get_by_text("Sources (2)").click()
    expect(page.locator("mark").first).to_contain_text("five days may be carried over")
    assert page.get_by_role("link", name="Open in Graftwork").get_attribute("href").endswith(house_path(page))


def house_path(page):
    return "/desk/items/" + page.locator("graftwork-draft").get_attribute("item")


def test_a_check_that_fails_takes_its_verdicts_away(house, crm, ticket):
    answer_of_handbook(house)
    crm.use_case = "handbook_reply"
    page = ticket("leave-1")
    expect(page.get_by_text("1 of 3 statements")).to_be_visible()
    page.route("**/check", lambda route: route.abort())
    editor(page).press("End")
    editor(page).press_sequentially("!")
    expect(page.get_by_text("Not checked: the text changed, and the check failed.")).to_be_visible()
    expect(page.get_by_text("Changes cannot be shown right now; your text is kept.")).to_be_visible()
    expect(page.get_by_text("No support")).to_have_count(0)


def test_the_form_of_a_report_is_worked_as_in_the_desk(house, crm, ticket):
    in_two_parts(house)
    crm.use_case = "report_facts"
    page = ticket("report-1")
    page.get_by_role("button", name="Take 47").click()
    expect(page.get_by_label("Age")).to_have_value("47")
    page.get_by_label("Cause").select_option(label="W2 · machine accident")
    page.get_by_role("button", name="Add to Diagnoses").click()
    page.get_by_role("group", name="Diagnoses 3").get_by_label("Name").fill("sprain")
    page.get_by_role("button", name="Remove Remarks 1").click()
    page.get_by_role("button", name="Put back").click()
    page.get_by_label("Admitted").fill("yesterday")
    page.get_by_label("Admitted").blur()
    expect(page.locator(".problem", has_text="Write the day as YYYY-MM-DD")).to_be_visible()
    page.get_by_label("Admitted").fill("2024-03-04")
    approve(page)
    expect(page.get_by_text("Approved, edited")).to_be_visible()
    final = json.loads(house.order("embedded_reviews")[0]["final"])
    assert (final["patient"]["age"], final["cause"], final["admitted"]) == (47, "W2", "2024-03-04")
    assert [one.get("name") for one in final["diagnoses"]][2] == "sprain"
    assert final["remarks"] == ["There was a contusion"]


PLACES = [(360, "light"), (360, "dark"), (1000, "light"), (1000, "dark")]


@pytest.mark.parametrize(("width", "scheme"), PLACES)
def test_axe_finds_nothing_and_nothing_is_cut_off(house, crm, ticket, width, scheme):
    options = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    answer_of_handbook(house)
    facts_of_report(house)
    crm.use_case = "handbook_reply"
    page = ticket("leave-1", **options)
    expect(editor(page)).to_be_visible()
    page.get_by_text("Sources (2)").click()
    page.get_by_role("button", name="Reject…").click()
    fine(page)
    other = ticket("leave-1", **options)
    expect(other.get_by_text("is working on this item")).to_be_visible()
    fine(other)
    approve(page)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    fine(page)
    crm.use_case = "report_facts"
    form = ticket("report-1", **options)
    expect(form.get_by_label("Age")).to_be_visible()
    fine(form)


def fine(page):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    page.evaluate("window.violations = []")  # what the checker itself did


def test_time_passes_for_one_element_at_a_time_and_not_while_it_is_not_laid_out(house, ticket):
    house.notes(1)
    page = ticket()
    expect(editor(page)).to_be_visible()
    page.mouse.move(10, 10)
    page.evaluate("document.querySelector('#draft').hidden = true")
    page.wait_for_timeout(1_500)
    page.mouse.move(20, 20)
    page.evaluate("document.querySelector('#draft').hidden = false")
    page.wait_for_timeout(100)
    approve(page)
    expect(page.get_by_text("Approved", exact=True)).to_be_visible()
    [review] = house.order("embedded_reviews")
    assert review["wall"] >= 1.5
    assert 0 < review["active"] < review["wall"] - 1.2


def test_of_two_drafts_on_a_page_time_goes_to_the_one_in_use(house, crm, ticket):
    house.notes(2)
    page = ticket("note-1")
    second = crm.token("note-2", page.username)
    expect(editor(page)).to_be_visible()
    page.evaluate(
        """({ item_id, token }) => {
            const other = document.createElement("graftwork-draft");
            other.id = "other";
            other.setAttribute("item", item_id);
            document.querySelector("main").append(other);
            other.token = token;
        }""",
        second,
    )
    one, other = page.locator("#draft graftwork-draft"), page.locator("#other")
    editor(other).click()
    for letter in "abcdefgh":
        page.keyboard.press(letter)
        page.wait_for_timeout(200)
    approve(other)
    expect(other.get_by_text("Approved, edited")).to_be_visible()
    approve(one)
    expect(one.get_by_text("Approved", exact=True)).to_be_visible()
    by_decision = {review["decision"]: review for review in house.order("embedded_reviews")}
    in_use, beside = by_decision["edited"], by_decision["accepted"]
    assert in_use["active"] >= 1.6
    assert beside["wall"] >= in_use["wall"]
    assert beside["active"] <= beside["wall"] - 1.6


def test_another_item_in_the_same_element_gives_the_first_back(house, crm, ticket):
    house.notes(2)
    page = ticket("note-1")
    expect(editor(page)).to_be_visible()
    second = crm.token("note-2", page.username)
    page.evaluate(
        """({ item_id, token }) => {
            const draft = document.querySelector("graftwork-draft");
            draft.setAttribute("item", item_id);
            draft.token = token;
        }""",
        second,
    )
    expect(page.get_by_role("heading", name="Draft for note-2")).to_be_visible()
    _until(lambda: house.order("claims") == {"note-2": page.username}, page)


def test_a_server_that_cannot_be_reached_is_asked_again(house, ticket):
    house.notes(1)
    page = ticket()
    expect(editor(page)).to_be_visible()
    tries = []

    def fail_twice(route):
        tries.append(route.request.url)
        if len(tries) == 1:
            route.abort()
        elif len(tries) == 2:
            route.fulfill(status=503, body="")
        else:
            route.continue_()

    page.route("**/open", fail_twice)
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    expect(editor(page)).to_be_visible(timeout=15_000)
    assert len(tries) == 3


def test_a_site_that_is_not_configured_gets_nothing(house, crm, browser):
    house.notes(1)
    house.order("add_user", username="stranger", roles=["reviewer"])
    item = crm.token("note-1", "stranger")
    house.order("embed_from", origin="https://crm.example.com")
    page = browser.new_page()
    page.goto(f"{crm.origin}/log.js")
    opened = """async ([server, { item_id, token }]) => {
        const url = `${server}/api/v1/embed/items/${item_id}/open`;
        return fetch(url, { method: "POST", headers: { Authorization: `Embed ${token}` } }).then(String, String);
    }"""
    assert "Failed to fetch" in page.evaluate(opened, [house.url, item])
    assert "Failed to fetch" in page.evaluate(
        "(url) => import(url).then(String, String)", f"{house.url}/static/embed/graftwork-draft.js"
    )
    assert house.order("claims") == {}
    page.close()


def test_the_words_and_the_theme_are_the_pages(house, ticket):
    house.notes(1)
    page = ticket()
    expect(editor(page)).to_be_visible()
    page.evaluate("""() => {
        const draft = document.querySelector("graftwork-draft");
        draft.words = { approve: "Freigeben", lang: "de" };
        draft.setAttribute("theme", "dark");
        draft.setAttribute("heading-level", "3");
        draft.setAttribute("server", new URL(document.querySelector("script[src*=embed]").src).origin);
    }""")
    expect(page.get_by_role("button", name="Freigeben")).to_be_visible()
    expect(page.get_by_role("heading", level=3)).to_be_visible()
    card = page.locator("graftwork-draft article")
    assert card.evaluate("(node) => getComputedStyle(node).backgroundColor") == "rgb(28, 35, 38)"


def _until(holds, page):
    for _ in range(60):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came to be")
