"""Imports, exports and connectors as people use them: by mouse and keyboard, narrow, dark, without script."""

import io

import openpyxl
import pytest
from playwright.sync_api import expect

from browser.test_access import violations, widest

TABLES = "/connectors/import-export"
GERMAN = ("Nummer;Text;Kunde\n" + "".join(f"{n:05};Wo ist Bestellung {n}? Grüße;K{n}\n" for n in range(1, 41))).encode(
    "latin-1"
)
MIXED = b"id,text\na,one\nb,\nc,three\n"


@pytest.fixture
def ops(house, reviewer):
    house.order("forget_connectors")
    yield lambda **options: reviewer("ops", "reviewer", **options)
    house.order("forget_connectors")


def choose(page, content, name="notes.csv", use_case="note_reply"):
    page.goto(TABLES)
    page.get_by_label("Use case").first.select_option(use_case)
    page.get_by_label("File", exact=True).set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Look at it").click()


def workbook():
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    for row in (["Report of March"], [], ["Ticket", "Text"], ["00123", "Where is it?"], [7, "And this?"]):
        book.active.append(row)
    book.create_sheet("More").append(["id", "text"])
    book["More"].append(["m-1", "Only here."])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def connectors(house, ops):
    """One that runs well, one with letters of every kind, and a broken one."""
    house.order("add_connector", name="tickets", title="Ticket database")
    house.order("set_lane", connector="tickets", direction="in", done=1204, succeeded_at_ago=40, not_before_in=20)
    house.order("set_lane", connector="tickets", direction="out", done=811, succeeded_at_ago=95)
    house.order("add_connector", name="mail", title="Support mailbox")
    house.order(
        "set_lane", connector="mail", direction="out", failures=21, paused_at_ago=900, not_before_in=400,
        error_code="connector.down", error_message="the server at mail.example.com does not answer",
    )  # fmt: skip
    house.order("add_connector", name="wiki", text="name = 3")
    ids = house.notes(12)
    for state, some in (("dead", ids[:4]), ("conflict", ids[4:6]), ("unsure", ids[6:8])):
        house.order(
            "add_letters", connector="mail", ids=some, state=state, code=f"connector.{state}",
            message="the target answered with status 422",
        )  # fmt: skip
    house.order(
        "add_letters", connector="mail", ids=ids[:2], state="refused", code="input.row",
        message="the field `text` is missing or empty",
    )  # fmt: skip
    house.order("add_letters", connector="moved", ids=ids[9:], state="waiting", code="", message="")
    return ids


def test_a_file_is_dropped_looked_at_corrected_and_imported(house, ops):
    page = ops()
    choose(page, GERMAN.replace(b"Text", b"Inhalt"), "liste.csv")
    expect(page.get_by_label("Note (required)")).to_have_value("")
    expect(page.get_by_label("Item id")).to_have_value("Nummer")
    expect(page.get_by_text("No row can become an item yet")).to_be_visible()
    page.get_by_label("Note (required)").focus()
    page.get_by_label("Note (required)").select_option("Inhalt")
    expect(page.get_by_role("button", name="Import 40 items")).to_be_enabled()
    expect(page.get_by_label("Note (required)")).to_be_focused()
    expect(page.locator(".first-rows > li")).to_have_count(10)
    expect(page.locator(".first-rows > li").first).to_contain_text("00001")
    expect(page.locator(".first-rows > li").first).to_contain_text("Grüße")
    expect(page.get_by_text("Not imported: Kunde")).to_be_visible()
    page.get_by_role("button", name="Import 40 items").click()
    expect(page.get_by_text("being imported")).to_be_visible()
    house.order("import_uploads")
    expect(page.get_by_role("link", name="See them in the queue")).to_be_visible()
    expect(page.locator(".counts")).to_contain_text("40")
    page.get_by_role("link", name="See them in the queue").click()
    expect(page.locator("#queue")).to_contain_text("00001")


def test_a_sheet_is_chosen_and_an_encoding_is_mended(ops):
    page = ops()
    choose(page, workbook(), "book.xlsx")
    expect(page.locator(".first-rows > li").first).to_contain_text("Row 4")
    expect(page.locator(".first-rows > li").first).to_contain_text("00123")
    page.get_by_label("Sheet").select_option("More")
    expect(page.locator(".first-rows > li")).to_have_count(1)
    expect(page.locator(".first-rows > li").first).to_contain_text("Only here.")
    choose(page, GERMAN)
    page.get_by_label("Encoding").select_option("cp850")
    expect(page.locator(".first-rows > li").first).not_to_contain_text("Grüße")
    page.get_by_label("Encoding").select_option("utf-16-le")
    expect(page.get_by_role("alert")).to_contain_text("it stays as it was")
    page.get_by_label("Encoding").select_option("cp1252")
    expect(page.locator(".first-rows > li").first).to_contain_text("Grüße")


def test_a_file_that_is_too_large_is_not_even_sent_and_the_server_refuses_it_too(house, ops, tmp_path):
    page = ops()
    page.watch.allowed_statuses |= {413}
    page.goto(TABLES)
    (tmp_path / "large.csv").write_bytes(b"id,text\n" + b"a,b\n" * 4_500_000)
    page.get_by_label("File", exact=True).set_input_files(tmp_path / "large.csv")
    expect(page.locator("[data-too-large]")).to_be_visible()
    page.get_by_label("Use case").first.select_option("note_reply")
    page.get_by_role("button", name="Look at it").click()
    assert page.url.endswith(TABLES)
    page.evaluate("document.querySelector('.drop-zone').setCustomValidity('')")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("alert").first).to_contain_text("larger than 16 MB")
    small = {"name": "small.csv", "mimeType": "text/csv", "buffer": MIXED}
    page.get_by_label("File", exact=True).set_input_files(small)
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("heading", name="small.csv")).to_be_visible()


def test_imports_and_downloads_work_without_script(house, open_page, ops):
    page = open_page(java_script_enabled=False)
    page.goto(house.order("add_user", username="plain-ops", roles=["ops"])["link"])
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    choose(page, MIXED)
    page.get_by_label("Item id").select_option("")
    page.get_by_role("button", name="Show it so").click()
    expect(page.get_by_text("Not imported: id")).to_be_visible()
    page.get_by_role("button", name="Import 2 items").click()
    house.order("import_uploads")
    page.reload()
    expect(page.get_by_text("The field `text` is missing or empty")).to_be_visible()
    with page.expect_download() as lines:
        page.get_by_role("link", name="Download the refused lines").click()
    assert lines.value.suggested_filename.startswith("refused-")
    page.goto(TABLES)
    with page.expect_download() as reviews:
        page.get_by_role("button", name="Download").click()
    assert openpyxl.load_workbook(io.BytesIO(reviews.value.path().read_bytes())).active["A1"].value == "review_id"


def test_the_list_says_how_each_is_and_what_needs_a_person(connectors, ops):
    page = ops()
    page.get_by_role("link", name="Connectors").click()
    expect(page.locator(".connectors > li")).to_have_count(4)
    mail = page.locator(".connectors > li", has_text="Support mailbox")
    expect(mail).to_contain_text("Failed 21 times in a row")
    expect(mail).to_contain_text("10 need a person")
    expect(page.locator(".connectors > li", has_text="wiki")).to_contain_text("Its file cannot be used")
    mail.get_by_role("link", name="10 need a person").click()
    expect(page.locator(".letter")).to_have_count(10)


def test_what_is_ticked_and_opened_outlives_a_renewal(house, connectors, ops):
    page = ops()
    page.goto("/connectors/mail")
    page.locator(".letter input").nth(1).check()
    page.locator(".letter summary").first.click()
    page.evaluate("document.getElementById('connector').dataset.old = ''")
    page.get_by_role("checkbox", name="note-3").focus()
    page.wait_for_selector("#connector:not([data-old])", timeout=20_000)
    expect(page.locator(".letter input").nth(1)).to_be_checked()
    expect(page.locator(".letter input:checked")).to_have_count(1)
    expect(page.get_by_role("button", name="Overwrite it").first).to_be_visible()
    expect(page.get_by_role("checkbox", name="note-3")).to_be_focused()


def test_letters_are_settled_one_by_one_and_together(house, connectors, ops):
    page = ops()
    page.goto("/connectors/mail?kind=conflict")
    expect(page.get_by_role("button", name="Overwrite it").first).to_be_hidden()
    page.get_by_text("Deliver anyway…").first.press("Enter")
    expect(page.get_by_text("what they wrote there is overwritten").first).to_be_visible()
    page.get_by_role("button", name="Overwrite it").first.click()
    expect(page.get_by_role("status").first).to_contain_text("over what was changed there")
    page.goto("/connectors/mail?kind=unsure")
    page.get_by_role("button", name="It has arrived").first.click()
    expect(page.get_by_role("status").first).to_contain_text("1 delivery noted as arrived")
    expect(page.get_by_role("button", name="I looked: send it again")).to_be_hidden()
    page.get_by_text("It has not: send again…").click()
    page.get_by_role("button", name="I looked: send it again").click()
    expect(page.get_by_role("status").first).to_contain_text("1 delivery will be sent again")
    page.goto("/connectors/mail?kind=dead")
    page.get_by_label("All on this page").check()
    expect(page.locator(".letter input:checked")).to_have_count(4)
    page.locator(".letter input").first.uncheck()
    assert page.get_by_label("All on this page").evaluate("box => box.indeterminate")
    page.get_by_role("button", name="Drop them").click()
    expect(page.get_by_role("status").first).to_contain_text("3 deliveries dropped")
    states = house.order("delivery_states")
    assert sorted(states.values()) == ["conflict", "dead", "delivered", *["dropped"] * 3, *["waiting"] * 5]


def test_what_a_connector_without_a_file_left_is_dropped_together_without_script(house, connectors, open_page):
    page = open_page(java_script_enabled=False)
    page.goto(house.order("add_user", username="plain-ops-2", roles=["ops"])["link"])
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.goto("/connectors/")
    page.get_by_role("link", name="3 need a person").click()
    expect(page.get_by_text("Its file is gone")).to_be_visible()
    page.get_by_text("Drop all 3…").click()
    page.get_by_role("button", name="Drop all", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("3 deliveries dropped")
    expect(page.get_by_role("link", name="need a person")).to_have_count(1)


def test_a_lane_is_stopped_and_started_by_keyboard(house, connectors, ops):
    page = ops()
    page.goto("/connectors/")
    page.get_by_role("button", name="Stop tickets, in").press("Enter")
    tickets = page.locator(".connectors > li", has_text="Ticket database")
    expect(tickets).to_contain_text("stopped by a person")
    page.get_by_role("button", name="Start tickets, in").press("Enter")
    expect(tickets).not_to_contain_text("stopped by a person")


def every_page(page, house):
    page.goto(TABLES)
    yield "tables"
    choose(
        page,
        GERMAN.replace(b";Wo ist Bestellung 1?", b";") + b"9;" + b"long" * 300 + b";x\n",
        "a_long_name_" * 10 + ".csv",
    )
    # What is evaluated while a form is under way meets a page without content.
    expect(page.get_by_label("Item id")).to_be_visible()
    yield "preview"
    page.get_by_role("button", name="Import", exact=False).first.click()
    expect(page.get_by_text("being imported")).to_be_visible()
    yield "being imported"
    house.order("import_uploads")
    page.reload()
    yield "imported"
    for path in ("/connectors/", *(f"/connectors/{name}" for name in ("mail", "tickets", "wiki", "moved")), TABLES):
        page.goto(path)
        yield path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(house, connectors, ops, scheme):
    page = ops(color_scheme=scheme)
    for name in every_page(page, house):
        assert violations(page) == [], name


@pytest.mark.parametrize("width", [360, 640])
def test_no_page_scrolls_sideways_and_targets_are_large_enough(house, connectors, ops, width):
    page = ops(viewport={"width": width, "height": 740})
    for name in every_page(page, house):
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, widest(page))
        small = page.evaluate(
            """() => [...document.querySelectorAll("main a, main button, main input, main select, main summary")]
            .filter((one) => one.checkVisibility() && one.type !== "hidden" && !one.closest("p:not(.crumbs)"))
            .map((one) => [one, (one.closest("label") ?? one).getBoundingClientRect()])
            .filter(([, box]) => box.width < 24 || box.height < 24)
            .map(([one]) => one.outerHTML.slice(0, 80))"""
        )
        assert small == [], name
