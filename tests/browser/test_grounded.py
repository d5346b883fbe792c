"""Drafts and what stands behind them: statements and values lead to the words that they were taken from."""

import json
import time

import pytest
from playwright.sync_api import expect

from browser.cases import (
    ANSWER,
    HANDBOOK,
    REPORT,
    SECRET,
    answer_of_handbook,
    facts_of_report,
    in_two_parts,
    long_report,
)
from browser.test_access import violations
from browser.test_review import editor, on_stage, start, wait_until_ready

LONG_OPENS_MS = 300
BAD = "Carried-over leave must be taken by 30 June [1]."


def lit(page, name="graftwork-light-now"):
    """The words that are lit, place by place."""
    return page.evaluate("(name) => [...(CSS.highlights.get(name) ?? [])].map((range) => range.toString())", name)


def marked(page):
    return page.locator(".marks mark").all_text_contents()


def statement(page, text):
    return page.locator("button.statement", has_text=text)


def in_window(page, name="graftwork-light-now"):
    return page.evaluate(
        """(name) => [...CSS.highlights.get(name)].every((range) => {
            const place = range.getBoundingClientRect();
            return place.top >= 0 && place.bottom <= innerHeight;
        })""",
        name,
    )


def opened_report(house, reviewer, make=in_two_parts, **options):
    make(house)
    page = reviewer(**options)
    start(page)
    return page


def final_of(house):
    return json.loads(house.order("decisions")[-1]["final"])


@pytest.mark.parametrize("width", [1440, 1024, 360])
def test_a_statement_lights_its_words_and_brings_them_into_view(house, reviewer, width):
    answer_of_handbook(house)
    page = reviewer(viewport={"width": width, "height": 700})
    start(page)
    statement(page, "up to five days").click()
    assert lit(page) == ["😀 Up to five days may be carried over into the next year."]
    assert in_window(page)
    statement(page, "28 working days").click()
    assert lit(page) == ["A full-time employee has 28 working days of paid leave in a calendar year."]
    assert in_window(page)
    expect(page.locator("#said")).to_contain_text("[2] Annual leave: “A full-time employee")
    page.keyboard.press("Escape")
    assert lit(page) == []
    expect(statement(page, "28 working days")).to_be_in_viewport()


def test_a_statement_with_several_places_goes_from_one_to_the_next(house, reviewer):
    told = "Up to five days may be carried over and a full-time employee has 28 working days of paid leave [1][2]."
    answer_of_handbook(house, text=told)
    page = reviewer()
    start(page)
    page.locator(".statements > summary").click()
    [places] = [json.loads(one) for one in [statement(page, "Up to five").get_attribute("data-lights")]]
    assert {number for number, *_ in places} == {"1", "2"}
    shown = []
    for _ in range(len(places) + 1):
        statement(page, "Up to five").press("Enter")
        shown += lit(page)
    assert len(lit(page, "graftwork-light")) == len(places)
    assert shown[0] == shown[-1]
    assert len(set(shown)) == len(places)


def test_what_has_no_support_is_marked_in_the_text_and_told_with_the_send_button(house, reviewer):
    answer_of_handbook(house)
    page = reviewer()
    start(page)
    assert marked(page) == [BAD]
    expect(page.get_by_role("button", name="Send")).to_have_accessible_description(
        "1 of 3 statements has no support in what was read. Check it before you send."
    )
    page.get_by_role("button", name="Go to it in the text").click()
    expect(editor(page)).to_be_focused()
    assert editor(page).evaluate("(one) => one.value.slice(one.selectionStart, one.selectionEnd)") == BAD


def test_the_marks_lie_exactly_behind_the_words_of_the_editor(house, reviewer):
    answer_of_handbook(house, text=ANSWER.replace("Hello,", "Hello,\n" * 30))
    page = reviewer()
    start(page)
    page.wait_for_timeout(100)
    sizes = (
        "(one) => { const s = getComputedStyle(one); return [s.fontSize, s.fontFamily, s.lineHeight, s.direction]; }"
    )
    assert page.locator(".marks").evaluate(sizes) == editor(page).evaluate(sizes)
    heights = page.evaluate(
        """() => { const [copy, text] = [".marks", "textarea.editor"].map((one) => document.querySelector(one));
        text.scrollTop = 1e6; return [copy.clientWidth, text.clientWidth, copy.scrollHeight, text.scrollHeight]; }"""
    )
    assert heights[0] == heights[1]
    assert abs(heights[2] - heights[3]) <= 2
    page.wait_for_timeout(50)
    assert page.evaluate("document.querySelector('.marks').scrollTop") == pytest.approx(
        page.evaluate("document.querySelector('textarea.editor').scrollTop"), abs=2
    )


def test_an_edit_is_checked_again_and_its_mark_moves_with_the_text(house, reviewer):
    answer_of_handbook(house)
    page = reviewer()
    start(page)
    editor(page).press("Control+Home")
    page.keyboard.type("Dear Rita, ")
    assert marked(page) == [BAD]
    editor(page).fill(ANSWER.replace("30 June", "31 March"))
    expect(page.locator(".claims-said")).to_have_text("All 3 statements are supported.")
    assert marked(page) == []
    editor(page).fill(ANSWER.replace("30 June", "31 March").replace("28 working", "35 working"))
    expect(page.locator(".claims-said")).to_contain_text("1 of 3 statements has no support")
    expect(page.locator(".claim.is-unsupported")).to_contain_text("number 35")
    assert len(marked(page)) == 1
    assert "35 working days" in marked(page)[0]
    expect(page.locator("#said")).to_contain_text("no support")
    page.keyboard.press("Control+Z")
    expect(page.locator(".claims-said")).to_have_text("All 3 statements are supported.")


def test_a_marker_of_no_passage_is_named_and_moves_no_mark(house, reviewer):
    answer_of_handbook(house)
    page = reviewer()
    start(page)
    editor(page).fill("Hello [9],\n\nleave is not paid out [8]. It is paid in gold of 99 carats [1]. Regards")
    expect(page.locator(".claim.is-unsupported")).to_contain_text("99 carats")
    assert marked(page) == ["Hello [9],", "leave is not paid out [8].", "It is paid in gold of 99 carats [1]."]
    expect(page.locator(".claim", has_text="not paid out")).to_contain_text("there is no passage [8]")


def test_a_wrong_citation_that_was_typed_is_told_with_the_send_button(house, reviewer):
    answer_of_handbook(house, text=ANSWER.replace("30 June", "31 March"))
    page = reviewer()
    start(page)
    expect(page.locator(".claims-said")).to_have_text("All 3 statements are supported.")
    editor(page).fill(ANSWER.replace("30 June", "31 March").replace("year [2]", "year [1]"))
    expect(page.get_by_role("button", name="Send")).to_have_accessible_description(
        "1 of 3 statements cites the wrong passage. Check it before you send."
    )
    expect(page.locator(".claim.is-miscited")).to_contain_text("Wrong citation: cites [1], but [2] says it")
    assert marked(page) == ["A full-time employee has 28 working days of paid leave in a calendar year [1]."]
    page.get_by_role("button", name="Go to it in the text").click()
    expect(editor(page)).to_be_focused()
    assert violations(page) == []


def test_what_only_the_item_says_has_no_light(house, reviewer):
    told = f"My employee number is 88213. {ANSWER.removeprefix('Hello,')}"
    answer_of_handbook(house, text=told, question="My employee number is 88213. How many days?")
    page = reviewer()
    start(page)
    first = page.locator(".claim").first
    expect(first).to_contain_text("From the item")
    expect(first.locator("button")).to_have_count(0)
    assert violations(page) == []


def test_a_check_that_failed_leaves_no_verdict_of_another_text(house, reviewer):
    answer_of_handbook(house)
    page = reviewer()
    page.watch.allowed_statuses.add(503)
    start(page)
    page.route("**/diff", lambda route: route.fulfill(status=503, body=""))
    editor(page).press("Control+End")
    page.keyboard.type("\nLeave is paid in gold.")
    expect(page.locator(".claims-said")).to_have_text("Not checked: the text changed, and the check failed.")
    expect(page.locator(".claim")).to_have_count(0)
    assert marked(page) == []
    page.unroute("**/diff")
    editor(page).fill(ANSWER)
    expect(page.locator(".claims-said")).to_contain_text("1 of 3 statements has no support")
    assert marked(page) == [BAD]


def test_an_item_kept_ready_has_its_marks_and_lights_too(house, reviewer):
    answer_of_handbook(house)
    row = {"id": "leave-2", "question": "And then?"}
    house.order("add_grounded", use_case="handbook_reply", row=row, answers=[ANSWER], excerpts=HANDBOOK)
    page = reviewer()
    start(page)
    wait_until_ready(page, house, "leave-2")
    statement(page, "up to five days").click()
    page.keyboard.press("n")
    on_stage(page, "leave-2")
    assert marked(page) == [BAD]
    statement(page, "28 working days").click()
    assert lit(page) == ["A full-time employee has 28 working days of paid leave in a calendar year."]
    assert in_window(page)


def test_a_source_that_the_reviewer_may_not_read_is_named_by_no_word(house, reviewer):
    told = f"{ANSWER}\n\nThe members of the board receive 400 shares in January [3]."
    answer_of_handbook(house, text=told, excerpts=[*HANDBOOK, SECRET])
    house.order("close_source", name="board")
    page = reviewer()
    start(page)
    expect(page.locator(".of-sources")).to_contain_text("[3] A source that you may not read")
    assert "Pay of the board" not in page.content()
    assert "Golden rules" not in page.content()
    last = page.locator(".claim").last
    expect(last).to_contain_text("Behind it is a source that you may not read.")
    expect(last.locator("button")).to_have_count(0)
    # An edit elsewhere changes nothing for what stands behind it, and asks the hidden source nothing.
    editor(page).fill(f"{told}\n\nThe members of the board receive 400 shares.")
    expect(page.locator(".claim")).to_have_count(5)
    expect(page.locator(".claim").nth(3)).to_have_class("claim is-supported")
    expect(page.locator(".claim").nth(4)).to_have_class("claim is-unsupported")


def test_a_long_report_opens_at_once_with_its_places(house, reviewer, record_property):
    text, pages, digest = long_report()
    row = {"id": "digest-1", "report": text, "report:pages": pages}
    house.order("add_grounded", use_case="report_digest", row=row, answers=[digest])
    page = reviewer()
    start(page)
    page.reload()
    page.wait_for_selector("article[data-mode=edit]")
    page.wait_for_timeout(200)
    timing = page.evaluate(
        """() => { const [n] = performance.getEntriesByType('navigation');
        return [n.responseEnd, n.domComplete, n.decodedBodySize]; }"""
    )
    opens = timing[1] - timing[0]
    record_property("opens_ms", round(opens))
    record_property("page_bytes", timing[2])
    assert timing[2] < 1.5 * len(text)
    assert opens < 4 * LONG_OPENS_MS  # the test machine does other things too
    page.locator(".statements > summary").click()
    statement(page, "Sensor 226 ").click()
    assert lit(page) == ["Sensor 226 measured 1582 bar in hall 226."]
    assert in_window(page)
    expect(page.get_by_text("Page 226", exact=True)).to_be_in_viewport()
    begun = time.monotonic()
    page.get_by_role("button", name="Sensor 1 measured").click()
    assert time.monotonic() - begun < 2
    assert in_window(page)
    editor(page).press("End")
    page.keyboard.type("\n- Sensor 7 measured 98765 bar in hall 7.")
    expect(page.locator(".claim.is-unsupported")).to_contain_text("98765")


def test_a_value_lights_its_evidence_and_a_conflict_is_settled_with_one_click(house, reviewer):
    page = opened_report(house, reviewer)
    page.keyboard.press("e")
    age = page.get_by_label("Age")
    expect(age).to_be_focused()
    assert lit(page) == ["46-year-old"]
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Take 47")).to_be_focused()
    page.keyboard.press("Enter")
    expect(age).to_have_value("47")
    expect(page.get_by_role("button", name="Take 46")).to_be_visible()
    expect(page.locator("#diff-status")).to_have_text("Edited: 1 value changed.")
    expect(page.locator(".field-changes")).to_contain_text("patient, age")
    page.get_by_label("Admitted").focus()
    assert lit(page) == ["3 March 2024"]
    page.get_by_label("At work").focus()
    assert lit(page) == []
    expect(page.locator(".leaf.is-missing")).to_contain_text("Left empty: its words are not in the text")
    expect(page.locator(".notice", has_text="Contradiction")).to_be_visible()


def test_edits_of_the_form_are_stored_as_values_and_the_rest_stays_as_it_was(house, reviewer):
    page = opened_report(house, reviewer, facts_of_report)
    before = json.loads(editor_text(page))
    page.get_by_label("Age").fill("45")
    page.get_by_label("Cause").select_option(label="T1 · traffic accident")
    page.get_by_label("At work").select_option("")
    page.get_by_role("button", name="Remove Diagnoses 1").click()
    expect(page.get_by_role("button", name="Put back Diagnoses 1")).to_be_focused()
    page.get_by_role("button", name="Add to Diagnoses").click()
    expect(page.get_by_role("group", name="Diagnoses 2").get_by_label("Name")).to_be_focused()
    expect(page.locator("#said")).to_have_text("Diagnoses 2 added.")
    page.keyboard.type("torn ligament")
    page.get_by_role("button", name="Add to Remarks").click()  # left empty: it is none
    expect(page.locator("#diff-status")).to_have_text("Edited: 5 values changed.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing left to review")
    assert final_of(house) == {
        **before,
        "patient": {"age": 45, "sex": "female"},
        "cause": "T1",
        "at_work": None,
        "diagnoses": [before["diagnoses"][1], {"name": "torn ligament"}],
    }


def editor_text(page):
    return page.locator("textarea.editor").input_value()


def test_what_was_removed_comes_back_and_leaves_no_trace(house, reviewer):
    page = opened_report(house, reviewer, facts_of_report)
    before = editor_text(page)
    page.get_by_role("button", name="Remove Diagnoses 1").click()
    assert len(json.loads(editor_text(page))["diagnoses"]) == 1
    expect(page.get_by_role("group", name="Diagnoses 1")).to_contain_text("Left empty")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove Diagnoses 1")).to_be_focused()
    assert editor_text(page) == before
    page.get_by_label("Age").fill("4")
    page.get_by_label("Age").fill("46")
    assert editor_text(page) == before
    expect(page.locator("#diff-status")).to_have_text("Unchanged.")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing left to review")
    assert house.order("decisions")[-1]["decision"] == "accepted"


def test_enter_in_a_control_sends_nothing_and_a_wrong_number_is_said_beside_it(house, reviewer):
    page = opened_report(house, reviewer)
    page.watch.allowed_statuses.add(422)
    age = page.get_by_label("Age")
    age.fill("forty-six")
    age.press("Enter")
    age.blur()
    assert house.order("decisions") == []
    expect(age).to_have_attribute("aria-invalid", "true")
    expect(age).to_have_accessible_description("The document also says: Take 47 This is not a whole number.")
    age.press("Control+Enter")
    expect(page.locator(".trouble")).to_contain_text("patient.age")
    expect(age).to_have_value("forty-six")
    age.fill("46")
    age.blur()
    expect(age).not_to_have_attribute("aria-invalid", "true")


def test_the_form_follows_the_json_beside_it(house, reviewer):
    page = opened_report(house, reviewer)
    page.get_by_role("button", name="The same as JSON").click()
    area = page.get_by_label("Text to send (JSON)")
    expect(area).to_be_focused()
    area.fill(json.dumps({"patient": {"age": 33, "sex": "female"}, "diagnoses": [{"name": "burn", "grade": 2}]}))
    expect(page.get_by_label("Age")).to_have_value("33")
    expect(page.get_by_role("group", name="Diagnoses 1").get_by_label("Name")).to_have_value("burn")
    page.get_by_label("Age").focus()
    assert lit(page) == []  # the report says nothing of 33
    page.get_by_label("Sex").focus()
    assert lit(page) == ["woman"]
    page.get_by_role("group", name="Diagnoses 1").get_by_label("Name").fill("scald")
    assert json.loads(area.input_value())["diagnoses"] == [{"name": "scald", "grade": 2}]
    area.fill("{ broken")
    expect(page.locator(".fields")).to_contain_text("no JSON object")
    area.fill('{"patient": {"age": 46}}')
    expect(page.get_by_label("Age")).to_have_value("46")


def test_digits_that_a_browser_cannot_hold_survive_an_edit(house, reviewer):
    facts = {"patient": {"age": {"quote": "46-year-old", "value": 46}}, "diagnoses": []}
    page = opened_report(house, reviewer, lambda house: facts_of_report(house, facts=facts))
    page.get_by_role("button", name="The same as JSON").click()
    area = page.get_by_label("Text to send (JSON)")
    area.fill('{"patient": {"age": 12345678901234567890}, "more": [1.10, 9007199254740993], "diagnoses": []}')
    expect(page.get_by_label("Age")).to_have_value("12345678901234567890")
    page.get_by_label("Cause").select_option("")
    page.get_by_label("Cause").select_option(index=1)
    assert '"age": 12345678901234567890' in area.input_value()
    assert "9007199254740993" in area.input_value()


def test_leaving_with_an_edited_form_is_warned_of(house, reviewer):
    page = opened_report(house, reviewer)
    asked = []
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    page.get_by_label("Age").fill("45")
    page.goto("/desk/")
    assert asked == ["beforeunload"]


def test_on_a_narrow_window_a_value_says_its_words_without_scrolling_away(house, reviewer):
    page = opened_report(house, reviewer, viewport={"width": 360, "height": 640})
    name = page.get_by_role("group", name="Diagnoses 1").get_by_label("Name")
    name.focus()
    expect(name).to_be_in_viewport()
    bar = page.locator(".light-bar")
    expect(bar).to_contain_text("displaced fracture of the right distal radius")
    bar.get_by_role("button", name="Show").click()
    assert in_window(page)
    bar.get_by_role("button", name="Back").click()
    expect(name).to_be_in_viewport()
    expect(name).to_be_focused()


def test_a_decided_item_still_shows_what_stood_behind_it(house, reviewer):
    answer_of_handbook(house)
    in_two_parts(house)
    page = reviewer()
    start(page)
    page.keyboard.press("s")
    on_stage(page, "report-1")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing left to review")
    page.goto("/desk/?state=decided")
    page.get_by_role("link", name="leave-1").click()
    expect(page.locator(".claims-said")).to_have_text("1 of 3 statements has no support in what was read.")
    statement(page, "28 working days").click()
    assert lit(page) == ["A full-time employee has 28 working days of paid leave in a calendar year."]
    assert violations(page) == []
    page.goto("/desk/?state=decided")
    page.get_by_role("link", name="report-1").click()
    page.get_by_role("button", name="W1 · fall at work").click()
    assert lit(page) == ["fell from a ladder at work"]
    expect(page.locator(".values")).to_contain_text("The document also says: 47")
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 1024, 360])
def test_axe_finds_nothing_and_nothing_is_cut_off(house, reviewer, scheme, width):
    answer_of_handbook(house)
    in_two_parts(house)
    page = reviewer(viewport={"width": width, "height": 1600}, color_scheme=scheme)
    start(page)
    statement(page, "up to five days").click()
    assert violations(page) == [], "statements"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    on_stage(page, "report-1")
    page.get_by_label("Age").fill("old")
    page.get_by_role("button", name="Remove Diagnoses 1").click()
    page.get_by_role("button", name="Add to Remarks").click()
    assert violations(page) == [], "form"
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_script_the_json_is_there_and_the_form_is_not(house, open_page):
    in_two_parts(house)
    page = open_page(java_script_enabled=False)
    session = house.order("add_user", username="nora", roles=["reviewer"])["session"]
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": house.url}])
    page.goto("/desk/")
    page.get_by_role("button", name="Start with the oldest").click()
    expect(page.locator("[data-fields]")).to_be_hidden()
    expect(page.get_by_label("Text to send (JSON)")).to_be_visible()
    assert REPORT.split("\n")[0] in page.locator(".of-item").text_content()
    page.get_by_role("button", name="Send").click()
    assert house.order("decisions")[-1]["decision"] == "accepted"
