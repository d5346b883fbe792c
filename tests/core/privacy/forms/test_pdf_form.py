"""PDF to a redacted copy: the bytes, the streams and the pixels of the result are searched."""

import io

import pypdf
import pypdf.annotations
import pypdfium2 as pdfium
import pytest
from PIL import Image as Picture
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from graftwork.core.errors import FormBroken, FormLocked, FormOneWay, FormUnreadableText

LEFT = ("Charlie", "Douglas", "charlie@", "4111111111111111")


def _pdf(draw, size=(400, 300)):
    sink = io.BytesIO()
    canvas = Canvas(sink, pagesize=size)
    canvas.setAuthor("Charlie Douglas")
    canvas.setTitle("About charlie@example.com")
    draw(canvas)
    canvas.save()
    return sink.getvalue()


def _letter(canvas):
    canvas.setFont("Helvetica", 14)
    canvas.drawString(40, 250, "Dear Charlie Douglas, your card is")
    canvas.drawString(40, 230, "4111111111111111 and all is well.")
    canvas.showPage()
    canvas.drawString(40, 250, "Second page, charlie@example.com")


def _busy(raw):
    """With what else a PDF can carry: attachment, outline, annotation, form field, XMP, JavaScript."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(raw))
    writer.add_attachment("Charlie Douglas.txt", b"Charlie Douglas")
    writer.add_outline_item(title="Charlie Douglas", page_number=0)
    writer.add_annotation(0, pypdf.annotations.FreeText(text="Charlie Douglas", rect=(40, 100, 200, 130)))
    script = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("Charlie Douglas")}
    )
    writer.root_object[NameObject("/OpenAction")] = script
    writer.add_metadata({"/Keywords": "charlie@example.com"})
    writer.xmp_metadata = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>Charlie Douglas</a></x:xmpmeta>'
    sink = io.BytesIO()
    writer.write(sink)
    return sink.getvalue()


def _everything(raw):
    """All strings and all streams, unpacked, of every object."""
    reader = pypdf.PdfReader(io.BytesIO(raw))
    found = [raw.decode("latin-1"), str(reader.metadata), str(reader.xmp_metadata)]
    for number in range(1, int(reader.trailer["/Size"])):
        thing = pypdf.generic.IndirectObject(number, 0, reader).get_object()
        found.append(str(thing))
        if hasattr(thing, "get_data") and thing.get("/Subtype") != "/Image":
            found.append(thing.get_data().decode("latin-1"))
            found.append(thing.get_data().decode("utf-16-be", "replace"))
    found += [page.extract_text() for page in reader.pages]
    return "\n".join(found)


def _text(raw, page=0):
    return pdfium.PdfDocument(raw)[page].get_textpage().get_text_range()


def test_no_byte_stream_or_metadata_of_the_result_holds_a_value(rewrite):
    done = rewrite(_busy(_pdf(_letter)), "a.pdf")
    everything = _everything(done.raw)
    assert [value for value in LEFT if value in everything] == []
    reader = pypdf.PdfReader(io.BytesIO(done.raw))
    assert not reader.attachments
    assert reader.metadata is None
    assert reader.xmp_metadata is None
    assert not reader.get_fields()
    assert "/Annots" not in reader.pages[0]


def test_hex_strings_of_the_text_layer_hold_no_value_either(rewrite):
    done = rewrite(_pdf(_letter), "a.pdf")
    everything = _everything(done.raw).lower()
    for value in LEFT:
        assert value.encode("utf-16-be").hex() not in everything
        assert value.encode().hex() not in everything


def test_the_copy_can_be_read_and_searched_with_its_placeholders(rewrite):
    done = rewrite(_pdf(_letter), "a.pdf")
    assert "Dear [PERSON_1], your card is" in " ".join(_text(done.raw).split())
    assert "[CARD_1] and all is well." in " ".join(_text(done.raw).split())
    assert "[MAIL_1]" in _text(done.raw, 1)
    by_pypdf = pypdf.PdfReader(io.BytesIO(done.raw)).pages[0].extract_text()
    assert "[PERSON_1]" in by_pypdf
    assert "and all is well." in by_pypdf


def test_pixels_of_a_value_are_black_and_others_stay(rewrite):
    raw = _pdf(_letter)
    done = rewrite(raw, "a.pdf")
    before, after = (pdfium.PdfDocument(one)[0].render(scale=2).to_pil().convert("L") for one in (raw, done.raw))
    word = pdfium.PdfDocument(raw)[0].get_textpage()
    at = word.get_text_range().index("Charlie")
    left, bottom, right, top = word.get_charbox(at + 1)
    box = (int(left * 2), int((300 - top) * 2), int(right * 2) + 1, int((300 - bottom) * 2) + 1)
    assert after.crop(box).getextrema()[0] < 60
    dear = (80, 80, 110, 105)
    assert before.crop(dear).getextrema()[0] < 100
    assert after.crop(dear).getextrema()[0] < 100


def test_what_an_annotation_shows_is_masked_on_the_page(rewrite):
    done = rewrite(_busy(_pdf(_letter)), "a.pdf")
    assert "Charlie" not in _text(done.raw)


def test_a_form_field_that_is_filled_in_is_masked(rewrite):
    def form(canvas):
        canvas.drawString(40, 250, "Name:")
        canvas.acroForm.textfield(name="n", value="Charlie Douglas", x=100, y=240, width=200, height=24)

    done = rewrite(_pdf(form), "a.pdf")
    assert [value for value in LEFT if value in _everything(done.raw)] == []
    assert "[PERSON_1]" in _text(done.raw)


def test_a_picture_is_covered_and_counted(rewrite):
    def with_picture(canvas):
        _letter(canvas)
        canvas.drawImage(ImageReader(Picture.new("RGB", (50, 50), "red")), 40, 40, 100, 100)

    done = rewrite(_pdf(with_picture), "a.pdf")
    assert done.notices["pictures covered"] == 1
    page = pdfium.PdfDocument(done.raw)[1].render(scale=1).to_pil().convert("RGB")
    assert page.getpixel((90, 300 - 90)) == (200, 200, 200)


def test_a_scan_is_refused_and_never_passed_as_clean(rewrite):
    def scan(canvas):
        canvas.drawImage(ImageReader(Picture.new("RGB", (50, 50), "red")), 0, 0, 400, 300)

    with pytest.raises(FormUnreadableText):
        rewrite(_pdf(scan), "a.pdf")


def test_a_scanned_page_among_others_is_left_empty_and_said(rewrite):
    def mixed(canvas):
        _letter(canvas)
        canvas.showPage()
        canvas.drawImage(ImageReader(Picture.new("RGB", (50, 50), "red")), 100, 100, 100, 100)
        canvas.line(0, 0, 300, 300)

    done = rewrite(_pdf(mixed), "a.pdf")
    assert done.notices["pages without text left empty"] == 1
    page = pdfium.PdfDocument(done.raw)[2].render(scale=1).to_pil().convert("RGB")
    assert page.getcolors() == [(400 * 300, (200, 200, 200))]


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_turned_page_is_covered_in_the_right_place(rewrite, angle):
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(_pdf(_letter)))
    writer.pages[0].rotate(angle)
    sink = io.BytesIO()
    writer.write(sink)
    done = rewrite(sink.getvalue(), "a.pdf")
    document, plain = pdfium.PdfDocument(done.raw), pdfium.PdfDocument(rewrite(_pdf(_letter), "a.pdf").raw)
    turned = document[0].render(scale=1).to_pil().convert("L").rotate(angle, expand=True)
    upright = plain[0].render(scale=1).to_pil().convert("L")
    box = (75, 40, 175, 52)
    dark = sum(turned.crop(box).histogram()[:60]) / (100 * 12)
    assert dark > 0.3
    assert abs(dark - sum(upright.crop(box).histogram()[:60]) / (100 * 12)) < 0.35
    assert "Charlie" not in _text(done.raw)


def test_an_encrypted_pdf_is_refused(rewrite):
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(_pdf(_letter)))
    writer.encrypt("secret")
    sink = io.BytesIO()
    writer.write(sink)
    with pytest.raises(FormLocked):
        rewrite(sink.getvalue(), "a.pdf")


def test_a_broken_pdf_is_refused(rewrite):
    with pytest.raises(FormBroken):
        rewrite(b"%PDF-1.7\nnonsense", "a.pdf")


def test_a_redacted_pdf_is_not_turned_back(rewrite):
    done = rewrite(_pdf(_letter), "a.pdf")
    with pytest.raises(FormOneWay):
        done.restored()


def test_a_report_reads_the_text_and_writes_nothing(rewrite):
    done = rewrite(_pdf(_letter), "a.pdf", is_report=True)
    assert done.raw == b""
    assert any("Charlie Douglas" in field.text for field in done.rewriter.seen)
