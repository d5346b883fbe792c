"""Each format as text with positions: headings, pages, lists, tables, notices."""

import datetime
import io
import time
import zipfile

import openpyxl
import pytest
from reportlab.platypus import PageBreak, Paragraph, Table

from core.documents.conftest import STYLES
from graftwork.core.document import Document
from graftwork.core.documents.errors import (
    DocumentBroken,
    DocumentEmpty,
    DocumentEncrypted,
    DocumentFormatUnknown,
    DocumentTooLarge,
)
from graftwork.core.documents.options import ReadingOptions
from graftwork.core.documents.reading import SUFFIXES, read, read_document, read_mbox


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(one.kind, document.text[one.start : one.end]) for one in document.blocks]


def codes(document: Document) -> list[str]:
    return [notice.code for notice in document.notices]


def test_every_suffix_that_is_promised_is_there():
    promised = ".txt .md .markdown .html .htm .pdf .docx .csv .tsv .xlsx .eml .mbox"
    assert set(promised.split()) <= set(SUFFIXES)


# --- text -------------------------------------------------------------------------------------------------------------


def test_text_keeps_its_words_and_finds_paragraphs_and_items():
    document = read_document(b"Dear team,\r\nhello.\r\n\r\n- one\r\n- two\r\n  goes on\r\n\r\n\r\nBye.", "note.txt")
    assert document.text == "Dear team,\nhello.\n\n- one\n- two\n  goes on\n\n\nBye."
    assert blocks(document) == [
        ("paragraph", "Dear team,\nhello."),
        ("list_item", "- one"),
        ("list_item", "- two\n  goes on"),
        ("paragraph", "Bye."),
    ]
    assert (document.format, document.title, document.pages, document.notices) == ("text", "note", (), ())


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"]
)
def test_text_in_any_common_encoding_is_read(encoding):
    words = "Grüße aus Köln: schöne Straße, naïve Übermut."
    document = read_document(words.encode(encoding), "brief.txt")
    assert document.text == words
    assert codes(document) == []


def test_text_in_cyrillic_code_page_is_guessed():
    words = "Уважаемые коллеги, отпуск согласовывает ваш руководитель за две недели до начала. " * 5
    assert read_document(words.encode("cp1251"), "note.txt").text == words


def test_nuls_and_surrogates_are_dropped_and_told():
    document = read_document(b"one\x00 two \xed\xa0\x80 three, and more of the same kind of text", "note.txt")
    assert "\x00" not in document.text
    document.text.encode()
    assert codes(document) == ["replaced_characters"]


def test_letters_that_draw_nothing_are_gone():
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "obey")
    assert read_document(f"Pay\u200b the{tags} bill".encode(), "note.txt").text == "Pay the bill"


# --- Markdown ---------------------------------------------------------------------------------------------------------


def test_markdown_is_read_as_what_it_renders_to():
    source = (
        "---\ntitle: Leave rules\nowner: hr\n---\n# Leave\n\nAsk *early*, see [the list](http://example.com).\n\n"
        "## Kinds\n\n- paid\n- unpaid\n\n| kind | days |\n|---|---|\n| paid | 30 |\n\n```\ncount(1)\n```\n\n"
        "# Pay\n\nMonthly."
    )
    document = read_document(source.encode(), "leave.md")
    assert document.title == "Leave rules"
    assert blocks(document) == [
        ("heading", "Leave"),
        ("paragraph", "Ask early, see the list."),
        ("heading", "Kinds"),
        ("list_item", "paid"),
        ("list_item", "unpaid"),
        ("table_row", "kind | days"),
        ("table_row", "paid | 30"),
        ("code", "count(1)"),
        ("heading", "Pay"),
        ("paragraph", "Monthly."),
    ]
    assert document.blocks[3].headings == ("Leave", "Kinds")
    assert document.blocks[2].headings == ("Leave",)
    assert document.blocks[-1].headings == ("Pay",)


def test_a_link_that_a_site_generator_fills_is_read_by_its_words():
    document = read_document(b'See [the guide]({% page "pay/" %}) and [rules]({{ site.base }}/rules#two).', "a.md")
    assert document.text == "See the guide and rules."


# --- HTML -------------------------------------------------------------------------------------------------------------


def test_html_is_read_as_people_see_it():
    page = (
        "<html><head><title>Returns</title><script>x()</script></head><body><nav>Home</nav><h1>Returns</h1>"
        "<p>Send it <b>back</b>.</p><h2>Fees</h2><table><tr><th>What</th><th>EUR</th></tr>"
        "<tr><td>Parcel</td><td><p>4.90</p></td></tr></table><ul><li>one</li><li><p>two</p></li></ul></body></html>"
    )
    document = read_document(page.encode(), "returns.html")
    assert document.title == "Returns"
    assert blocks(document) == [
        ("heading", "Returns"),
        ("paragraph", "Send it back."),
        ("heading", "Fees"),
        ("table_row", "What | EUR"),
        ("table_row", "Parcel | 4.90"),
        ("list_item", "one"),
        ("list_item", "two"),
    ]
    assert document.blocks[4].headings == ("Returns", "Fees")


@pytest.mark.parametrize(
    "hidden",
    [
        '<p style="display:none">obey</p>',
        '<p style="color:red; DISPLAY : none !important">obey</p>',
        "<p hidden>obey</p>",
        '<span style="font-size:0">obey</span>',
        '<div style="visibility:hidden"><p>obey</p></div>',
        '<p class="secret">obey</p>',
    ],
)
def test_html_that_people_do_not_see_is_left_out_and_told(hidden):
    style = "<style>/* .x{} */ @media print{p{display:none}} .secret{display:none}</style>"
    document = read_document(f"<html>{style}<p>Seen.</p>{hidden}<p>Also seen.</p></html>".encode(), "page.html")
    assert document.text == "Seen.\n\nAlso seen."
    assert codes(document) == ["hidden_text"]


@pytest.mark.parametrize(
    "shown", ['<p style="display:block">obey</p>', '<p style="font-size:0.9em">obey</p>', '<p class="open">obey</p>']
)
def test_html_that_people_see_stays(shown):
    document = read_document(f"<html><p>Seen.</p>{shown}</html>".encode(), "page.html")
    assert document.text == "Seen.\n\nobey"
    assert codes(document) == []


def test_html_in_its_declared_charset_is_read():
    page = '<html><head><meta charset="iso-8859-2"></head><body>Dvořák, žluťoučký</body></html>'
    assert read_document(page.encode("iso-8859-2"), "page.html").text == "Dvořák, žluťoučký"


def test_deeply_nested_html_is_read():
    assert read_document(b"<div>" * 20_000 + b"deep" + b"</div>" * 20_000, "deep.html").text == "deep"


# --- PDF --------------------------------------------------------------------------------------------------------------


def test_pdf_gives_headings_paragraphs_and_pages(make_pdf):
    words = "The insurer pays within fourteen days after all documents have come in. "
    content = make_pdf(
        Paragraph("Policy", STYLES["Title"]),
        Paragraph("1 Payment", STYLES["Heading2"]),
        Paragraph(words * 6, STYLES["BodyText"]),
        Paragraph("A second paragraph.", STYLES["BodyText"]),
        PageBreak(),
        Paragraph("2 Limits", STYLES["Heading2"]),
        Paragraph("None are known.", STYLES["BodyText"]),
        title="Household policy",
    )
    document = read_document(content, "policy.pdf")
    assert document.title == "Household policy"
    assert [page.number for page in document.pages] == [1, 2]
    assert blocks(document) == [
        ("heading", "Policy"),
        ("heading", "1 Payment"),
        ("paragraph", (words * 6).strip()),
        ("paragraph", "A second paragraph."),
        ("heading", "2 Limits"),
        ("paragraph", "None are known."),
    ]
    assert [block.page for block in document.blocks] == [1, 1, 1, 1, 2, 2]
    assert document.blocks[5].headings == ("Policy", "2 Limits")
    assert document.page_at(document.text.index("None are")) == 2


def test_a_table_across_pages_keeps_its_rows_and_pages(make_pdf):
    rows = [["Item", "Count", "Price"]] + [[f"Part number {n}", str(n), f"{n}.50"] for n in range(1, 101)]
    document = read_document(make_pdf(Table(rows, repeatRows=1)), "parts.pdf")
    found = [text for kind, text in blocks(document) if kind == "table_row" and not text.startswith("Item")]
    assert found == [f"Part number {n} | {n} | {n}.50" for n in range(1, 101)]
    pages = [one.page for one in document.blocks]
    assert pages == sorted(pages)
    assert set(pages) == {1, 2, 3}


def test_a_paragraph_over_a_page_end_is_one_block_on_its_first_page(draw_pdf):
    def draw(canvas):
        canvas.drawString(72, 100, "The contract ends when either party gives notice and")
        canvas.showPage()
        canvas.drawString(72, 700, "the period of three months is over.")

    document = read_document(draw_pdf(draw), "contract.pdf")
    assert document.text == "The contract ends when either party gives notice and the period of three months is over."
    assert [block.page for block in document.blocks] == [1]
    assert document.page_at(document.text.index("the period")) == 2


def test_running_titles_and_page_numbers_are_read_once(draw_pdf):
    def draw(canvas):
        for number in range(1, 7):
            canvas.drawString(72, 780, "Annual report")
            canvas.drawString(72, 500, f"Words of page {number}.")
            canvas.drawString(72, 480, "More of them.")
            canvas.drawString(300, 60, f"- {number} -")
            canvas.showPage()

    document = read_document(draw_pdf(draw), "report.pdf")
    assert document.text.count("Annual report") == 1
    assert "- 1 -" in document.text
    assert "- 2 -" not in document.text
    assert document.text.count("Words of page") == 6


def test_a_table_header_that_is_repeated_on_pages_stays(make_pdf):
    rows = [["Item", "Count"]] + [[f"Part {n}", str(n)] for n in range(1, 250)]
    document = read_document(make_pdf(Table(rows, repeatRows=1)), "parts.pdf")
    assert len(document.pages) > 4
    assert document.text.count("Item | Count") == len(document.pages)


def test_a_bullet_of_another_font_keeps_its_lines_together(draw_pdf):
    def draw(canvas):
        for y, mark, words in (
            (700, "\u2022", "the first item of a list goes on for"),
            (686, "", "a second line here"),
        ):
            canvas.setFont("Helvetica", 7)
            canvas.drawString(72, y, mark)
            canvas.setFont("Helvetica", 11)
            canvas.drawString(80, y, words)

    document = read_document(draw_pdf(draw), "list.pdf")
    assert blocks(document) == [("list_item", "\u2022 the first item of a list goes on for a second line here")]


def test_a_report_of_300_pages_is_read_in_ten_seconds(draw_pdf):
    def draw(canvas):
        for number in range(300):
            for line in range(45):
                canvas.drawString(
                    72, 780 - 15 * line, f"Line {line} of page {number} holds a handful of plain words to read."
                )
            canvas.showPage()

    content = draw_pdf(draw)
    begun = time.process_time()
    document = read_document(content, "long.pdf")
    assert time.process_time() - begun < 10
    assert len(document.pages) == 300
    last = document.text.rindex("Line 0 of page 299")
    assert document.page_at(last) == 300


def test_an_encrypted_pdf_is_refused(draw_pdf):
    content = draw_pdf(lambda canvas: canvas.drawString(72, 700, "Secret."), encrypt="word")
    with pytest.raises(DocumentEncrypted) as caught:
        read_document(content, "secret.pdf")
    assert caught.value.code == "document.encrypted"


def test_a_pdf_without_words_is_empty(draw_pdf):
    with pytest.raises(DocumentEmpty):
        read_document(draw_pdf(lambda canvas: canvas.showPage()), "blank.pdf")


def test_a_scanned_page_is_recognised(draw_pdf, scan, needs_tesseract):
    def draw(canvas):
        canvas.drawString(72, 700, "Page one is typed.")
        canvas.showPage()
        canvas.drawInlineImage(scan("Payment is due in May"), 0, 500, 595, 192)

    document = read_document(draw_pdf(draw), "scan.pdf")
    assert "Payment is due in May" in document.text
    assert codes(document) == ["ocr"]
    assert "Page 2 " in document.notices[0].text
    assert document.blocks[-1].page == 2


def test_a_scanned_page_without_recognition_is_told_with_what_to_install(draw_pdf, scan, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    content = draw_pdf(lambda canvas: canvas.drawInlineImage(scan("Payment is due in May"), 0, 500, 595, 192))
    document = read_document(content, "scan.pdf")
    assert document.text == ""
    assert codes(document) == ["scanned"]
    assert "Page 1 " in document.notices[0].text
    assert "tesseract-ocr-eng" in document.notices[0].text
    off = read_document(content, "scan.pdf", ocr=False)
    assert "switched off" in off.notices[0].text


def test_a_language_that_tesseract_lacks_is_named(draw_pdf, scan, needs_tesseract):
    content = draw_pdf(lambda canvas: canvas.drawInlineImage(scan("Bonjour"), 0, 500, 595, 192))
    document = read(content, "scan.pdf", ReadingOptions(ocr_language="xxx"))
    assert "tesseract-ocr-xxx" in document.notices[0].text


def test_a_page_of_millions_of_points_is_drawn_small(draw_pdf, scan, needs_tesseract):
    def draw(canvas):
        canvas.setPageSize((3_000_000, 2_000_000))
        canvas.drawInlineImage(scan("Far away"), 0, 0, 3_000_000, 2_000_000)

    assert codes(read_document(draw_pdf(draw), "huge.pdf")) in (["ocr"], ["scanned"])


def test_a_pdf_whose_pages_point_at_themselves_ends(reader):
    content = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R]/Count 9>>endobj\n"
    )
    with pytest.raises((DocumentBroken, DocumentEmpty)):
        reader.read_bytes(content + b"trailer<</Root 1 0 R>>\n%%EOF", "loop.pdf")


# --- DOCX -------------------------------------------------------------------------------------------------------------


def write_handbook(document):
    document.core_properties.title = ""
    document.add_heading("Handbook", 1)
    document.add_paragraph("Who asks gets an answer.")
    document.add_heading("Leave", 2)
    document.add_paragraph("Ask your lead.", style="List Number")
    document.add_paragraph("Enter the days.", style="List Number")
    table = document.add_table(2, 2)
    for place, words in enumerate(("kind", "days", "paid", "30")):
        table.cell(place // 2, place % 2).text = words
    document.add_paragraph("Shown. ").add_run("Obey me.").font.hidden = True
    document.sections[0].header.paragraphs[0].text = "Running title"


def test_docx_is_read_in_the_order_of_the_document(make_docx):
    document = read_document(make_docx(write_handbook), "handbook.docx")
    assert blocks(document) == [
        ("heading", "Handbook"),
        ("paragraph", "Who asks gets an answer."),
        ("heading", "Leave"),
        ("list_item", "1. Ask your lead."),
        ("list_item", "2. Enter the days."),
        ("table_row", "kind | days"),
        ("table_row", "paid | 30"),
        ("paragraph", "Shown."),
    ]
    assert document.blocks[3].headings == ("Handbook", "Leave")
    assert document.title == "Handbook"
    assert codes(document) == ["hidden_text"]


def test_docx_keeps_inserted_text_and_leaves_deleted_text_out(make_docx, repack):
    content = make_docx(lambda document: document.add_paragraph("MARK"))
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = (
        f"<w:document {space}><w:body><w:p><w:r><w:t>Pay </w:t></w:r>"
        "<w:del><w:r><w:delText>never</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>monthly</w:t></w:r></w:ins></w:p><w:sdt><w:sdtContent><w:p><w:r><w:t>Chosen</w:t></w:r></w:p>"
        "</w:sdtContent></w:sdt></w:body></w:document>"
    )
    document = read_document(repack(content, {"word/document.xml": body.encode()}), "contract.docx")
    assert document.text == "Pay monthly\n\nChosen"


@pytest.mark.parametrize("name", ["letter.docm", "letter.docx"])
def test_a_macro_is_told_and_not_read(make_docx, repack, name):
    content = make_docx(lambda document: document.add_paragraph("Words."))
    types = repack(content, {})
    with_macro = repack(types, {"word/vbaProject.bin": b"\xd0\xcf\x11\xe0 Sub AutoOpen()"})
    document = read_document(with_macro, name)
    assert document.text == "Words."
    assert codes(document) == ["macros"]


def test_a_document_of_the_macro_type_is_read(make_docx, repack):
    content = make_docx(lambda document: document.add_paragraph("Words."))
    types = zipfile.ZipFile(io.BytesIO(content)).read("[Content_Types].xml")
    plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = types.replace(plain, b"application/vnd.ms-word.document.macroEnabled.main+xml")
    assert read_document(repack(content, {"[Content_Types].xml": types}), "letter.docm").text == "Words."


# --- tables -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "mark"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t")])
def test_a_row_of_csv_names_its_columns(name, mark):
    rows = [["name", "age", "note"], ["Ada", "36", f'"a{mark}b"'], ["Bo", "", "x"]]
    document = read_document("\n".join(mark.join(row) for row in rows).encode(), name)
    assert [text for _, text in blocks(document)] == [
        "name | age | note",
        f"name: Ada; age: 36; note: {'a b' if mark == chr(9) else f'a{mark}b'}",
        "name: Bo; note: x",
    ]


def test_csv_without_a_header_is_read_row_by_row():
    assert read_document(b"1,2\n3,4\n", "a.csv").text == "1 | 2\n3 | 4"


def make_workbook() -> bytes:
    book = openpyxl.Workbook()
    prices = book.active
    prices.title = "Prices"
    prices.append(["Price list of the year"])
    prices.append(["Item", "Price", "From"])
    prices.append(["Bolt", 12.5, datetime.date(2026, 1, 2)])
    prices.append(["Nut", "=B3*2", None])
    book.create_sheet("More").append(["free text"])
    hidden = book.create_sheet("Hidden")
    hidden.sheet_state = "hidden"
    hidden.append(["obey"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_each_sheet_is_a_page_and_each_row_names_its_columns():
    document = read_document(make_workbook(), "prices.xlsx")
    assert [(page.number, page.label) for page in document.pages] == [(1, "Prices"), (2, "More")]
    assert [text for _, text in blocks(document)] == [
        "Prices",
        "Price list of the year",
        "Item | Price | From",
        "Item: Bolt; Price: 12.5; From: 2026-01-02",
        "Item: Nut; Price: (formula without a value)",
        "More",
        "free text",
    ]
    assert document.blocks[-1].page == 2
    assert codes(document) == ["hidden_text"]


# --- mail -------------------------------------------------------------------------------------------------------------


def test_mail_gives_headers_body_and_attachments(make_mail, make_docx):
    message = make_mail("Hello,\n\nsee the handbook.", "Grüße & Fragen")
    message.add_alternative("<p>Hello in HTML</p>", subtype="html")
    message.add_attachment(
        make_docx(write_handbook), maintype="application", subtype="octet-stream", filename="handbook.docx"
    )
    message.add_attachment(b"\x89PNG\r\n\x1a\n\0\0", maintype="image", subtype="png", filename="logo.png")
    document = read_document(bytes(message), "claim.eml")
    assert document.text == (
        "From: Ada Brenner <ada@example.com>\nTo: claims@example.com\nDate: Mon, 02 Nov 2026 10:00:00 +0000\n"
        "Subject: Grüße & Fragen\n\nHello,\n\nsee the handbook."
    )
    assert document.title == "Grüße & Fragen"
    assert [(one.name, one.format) for one in document.attachments] == [("handbook.docx", "docx")]
    assert document.notices[0].text == "Not read: logo.png (it is a PNG picture)."


def test_an_attachment_that_cannot_be_read_leaves_the_mail(make_mail, make_docx, repack):
    bomb = repack(make_docx(write_handbook), {"word/document.xml": b"<w>" + b" " * 60_000_000 + b"</w>"})
    message = make_mail()
    for name, content in (("bomb.docx", bomb), ("empty.txt", b""), ("good.txt", b"Words.")):
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    document = read_document(bytes(message), "claim.eml")
    assert [one.name for one in document.attachments] == ["good.txt"]
    assert "bomb.docx (it would unpack to" in document.notices[0].text
    assert "empty.txt (there is no text in it)" in document.notices[0].text


def test_of_two_forms_of_a_mail_the_one_with_words_is_read(make_mail):
    message = make_mail("")
    message.add_alternative("<p>Only <b>here</b></p><table><tr><td>a</td><td>b</td></tr></table>", subtype="html")
    assert read_document(bytes(message), "claim.eml").text.endswith("Only here\n\na | b")


def nested(make_mail, levels):
    message = make_mail("the innermost", "level 0")
    for level in range(1, levels + 1):
        outer = make_mail("see inside", f"level {level}")
        outer.add_attachment(message)
        message = outer
    return bytes(message)


def test_mail_nested_40_deep_is_read_to_the_limit(make_mail):
    document = read_document(nested(make_mail, 40), "chain.eml")
    depth = 0
    while document.attachments:
        document = document.attachments[0]
        depth += 1
    assert depth == 10
    assert codes(document) == ["attachment"]
    assert "more than 10 deep" in document.notices[0].text


def test_mail_nested_to_the_limit_is_read_wholly(make_mail):
    document = read_document(nested(make_mail, 10), "chain.eml")
    while document.attachments:
        assert codes(document) == []
        document = document.attachments[0]
    assert "the innermost" in document.text


def test_mail_with_too_many_attachments_is_read_to_the_limit(make_mail):
    message = make_mail()
    for number in range(40):
        message.add_attachment(f"note {number}", filename=f"note-{number}.txt")
    document = read(bytes(message), "many.eml", ReadingOptions(most_attachments=30))
    assert len(document.attachments) == 30
    assert "more than 30 attachments" in document.notices[0].text
    assert len(read_document(bytes(message), "many.eml").attachments) == 40


def test_mail_nested_without_end_ends(make_mail):
    content = b"From: a@example.com\nSubject: x\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3_000)
    )
    with pytest.raises(DocumentBroken):
        read_document(content, "deep.eml")


def test_a_mailbox_is_read_message_by_message(make_mail, tmp_path):
    envelope = b"From ada@example.com Mon Nov  2 10:00:00 2026\n"
    path = tmp_path / "inbox.mbox"
    messages = [bytes(make_mail(f"Message {n}\n>From the start", f"Number {n}")) for n in (1, 2, 3)]
    path.write_bytes(b"".join(envelope + message + b"\n" for message in messages))
    found = list(read_mbox(path))
    assert [one.title for one in found] == ["Number 1", "Number 2", "Number 3"]
    assert [one.name for one in found] == [f"inbox.mbox-{n}.eml" for n in (1, 2, 3)]
    assert "Message 2\nFrom the start" in found[1].text
    whole = read_document(path.read_bytes(), "inbox.mbox")
    assert [one.title for one in whole.attachments] == ["Number 1", "Number 2", "Number 3"]


# --- what a file says it is, and what it is ---------------------------------------------------------------------------


def test_a_pdf_that_is_called_docx_is_read_as_pdf(draw_pdf):
    document = read_document(draw_pdf(lambda canvas: canvas.drawString(72, 700, "Hello.")), "letter.docx")
    assert (document.format, document.text, codes(document)) == ("pdf", "Hello.", ["extension"])


def test_text_that_is_called_pdf_is_read_as_text():
    document = read_document(b"Only words here.", "letter.pdf")
    assert (document.format, document.text, codes(document)) == ("text", "Only words here.", ["extension"])


def test_html_that_is_called_csv_is_read_as_html():
    document = read_document(b"<!DOCTYPE html><html><body><table><tr><td>a<td>b</table>", "export.csv")
    assert (document.format, document.text, codes(document)) == ("html", "a | b", ["extension"])


@pytest.mark.parametrize("name", ["notes.txt", "NOTES.TXT", "notes", "notes.log"])
def test_a_right_or_unknown_extension_is_no_news(name):
    assert codes(read_document(b"Only words here.", name)) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "PNG"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        (bytes(range(256)) * 40, "not text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Office 97"),
    ],
)
def test_what_is_no_document_is_refused(content, reason):
    with pytest.raises(DocumentFormatUnknown) as caught:
        read_document(content, "note.txt")
    assert reason in caught.value.reason


@pytest.mark.parametrize("content", [b"", b"\0\0\0", b"\xef\xbb\xbf", b" \r\n\t"])
@pytest.mark.parametrize("name", ["a.txt", "a.pdf", "a.docx", "a.csv", "a.eml"])
def test_an_empty_file_is_empty_whatever_its_name(content, name):
    with pytest.raises(DocumentEmpty):
        read_document(content, name)


def test_an_encrypted_office_file_is_told_from_an_old_one():
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(DocumentEncrypted):
        read_document(content, "plan.xlsx")


def test_text_over_the_limit_is_refused():
    content = b"word " * 1_000
    assert read(content, "long.txt", ReadingOptions(most_characters=5_000)).text
    with pytest.raises(DocumentTooLarge):
        read(content, "long.txt", ReadingOptions(most_characters=4_999))


# --- packages that are weapons ----------------------------------------------------------------------------------------

LAUGHS = (
    b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>"""
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_package_that_defines_entities_is_refused(make_docx, repack, encoding):
    laughs = LAUGHS.decode().replace('"1.0"', f'"1.0" encoding="{encoding}"').encode(encoding)
    document = repack(make_docx(write_handbook), {"word/document.xml": laughs})
    workbook = repack(make_workbook(), {"xl/worksheets/sheet1.xml": laughs})
    for content, name in ((document, "laughs.docx"), (workbook, "laughs.xlsx")):
        with pytest.raises(DocumentBroken, match="document type"):
            read_document(content, name)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(make_docx, repack):
    zeros = b"<w>" + b" " * 60_000_000 + b"</w>"
    document = repack(make_docx(write_handbook), {"word/document.xml": zeros})
    workbook = repack(make_workbook(), {"xl/worksheets/sheet1.xml": zeros})
    assert len(document) < 200_000
    for content, name in ((document, "bomb.docx"), (workbook, "bomb.xlsx")):
        with pytest.raises(DocumentTooLarge, match="unpack to"):
            read_document(content, name)


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.pdf"])
def test_a_file_that_was_cut_off_is_broken(name, make_docx, draw_pdf):
    whole = {
        "a.docx": make_docx(write_handbook),
        "a.xlsx": make_workbook(),
        "a.pdf": draw_pdf(lambda canvas: canvas.drawString(72, 700, "Hello.")),
    }[name]
    with pytest.raises((DocumentBroken, DocumentEmpty)):
        read_document(whole[: len(whole) // 3], name)


def test_errors_never_quote_the_document(make_docx, repack):
    content = repack(make_docx(write_handbook), {"word/document.xml": b"<w:p>Ada Brenner</w:q>"})
    with pytest.raises(DocumentBroken) as caught:
        read_document(content, "a.docx")
    assert "Ada" not in str(caught.value) + repr(caught.value) + repr(caught.value.__cause__)
