"""DOCX: every part of the package is searched for what was masked, after the fact."""

import io
import zipfile

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn

from graftwork.core.errors import FormBroken, FormError, FormLocked, FormTooLarge, FormUnknown
from graftwork.core.privacy.forms import docx_form

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LEFT = (b"Charlie", b"Douglas", b"charlie@", b"4111", b"Zo\xc3\xab")


def _document():
    document = docx.Document()
    paragraph = document.add_paragraph("Dear ")
    paragraph.add_run("Char").bold = True
    paragraph.add_run("lie Dou")
    paragraph.add_run("glas").italic = True
    paragraph.add_run(", your card 4111111111111111.")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Name", "Zoë Müller"
    document.sections[0].header.paragraphs[0].text = "For Charlie Douglas"
    document.sections[0].footer.paragraphs[0].text = "charlie@example.com"
    document.core_properties.author = "Charlie Douglas"
    document.core_properties.title = "About Zoë Müller"
    document.core_properties.last_modified_by = "Somebody Else"
    document.add_comment(paragraph.runs[0], text="Ask Charlie Douglas", author="Zoë Müller", initials="ZM")
    _hyperlink(document, "mailto:charlie@example.com")
    _tracked_change(document)
    return document


def _hyperlink(document, target):
    rid = document.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), rid)
    link.append(parse_xml(f"<w:r {W}><w:t>charlie@exam</w:t></w:r>"))
    link.append(parse_xml(f"<w:r {W}><w:t>ple.com</w:t></w:r>"))
    document.add_paragraph()._p.append(link)


def _tracked_change(document):
    paragraph = document.add_paragraph("Signed: ")._p
    deleted = "<w:r><w:delText>Charlie Douglas</w:delText></w:r>"
    when = 'w:date="2026-01-01T00:00:00Z"'
    paragraph.append(parse_xml(f'<w:del {W} w:id="1" w:author="Zoë Müller" {when}>{deleted}</w:del>'))
    paragraph.append(parse_xml(f'<w:ins {W} w:id="2" w:author="Other Person"><w:r><w:t>Zoë Müller</w:t></w:r></w:ins>'))
    paragraph.append(parse_xml(f'<w:r {W}><w:instrText>HYPERLINK "mailto:charlie@example.com"</w:instrText></w:r>'))
    paragraph.append(parse_xml(f'<w:bookmarkStart {W} w:id="9" w:name="see Charlie Douglas"/>'))


def _bytes(document, extra=None):
    sink = io.BytesIO()
    document.save(sink)
    if extra:
        with zipfile.ZipFile(sink, "a") as package:
            for name, content in extra.items():
                package.writestr(name, content)
    return sink.getvalue()


def _parts(raw):
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_no_part_of_the_package_holds_a_value(rewrite):
    extra = {
        "word/media/image1.png": b"\x89PNG Charlie Douglas",
        "word/embeddings/sheet.xlsx": b"PK Charlie Douglas",
        "customXml/item9.xml": b"<root a='Charlie Douglas'><n>Zo\xc3\xab M\xc3\xbcller</n></root>",
        "docProps/custom.xml": b"<p><property name='Charlie Douglas' pid='2'><v>Charlie Douglas</v></property></p>",
    }
    done = rewrite(_bytes(_document(), extra), "a.docx")
    for name, content in _parts(done.raw).items():
        assert [value for value in LEFT if value in content] == [], name
    assert not any(value in done.raw for value in LEFT)
    assert done.notices["pictures replaced"] >= 1
    assert done.notices["embedded files removed"] >= 1


def test_the_copy_opens_and_says_the_rest_with_its_formats(rewrite):
    document = docx.Document(io.BytesIO(rewrite(_bytes(_document()), "a.docx").raw))
    first = document.paragraphs[0]
    assert first.text == "Dear [PERSON_1], your card [CARD_1]."
    assert [run.text for run in first.runs if run.bold] == ["[PERSON_1]"]
    assert document.tables[0].cell(0, 1).text == "[PERSON_2]"
    assert document.sections[0].header.paragraphs[0].text == "For [PERSON_1]"
    assert document.core_properties.author == ""
    [comment] = document.comments
    assert (comment.text, comment.author) == ("Ask [PERSON_1]", "[PERSON_2]")
    targets = [rel.target_ref for rel in document.part.rels.values() if rel.is_external]
    assert targets == ["mailto:[MAIL_1]"]


def test_footnotes_and_text_boxes_are_read(rewrite):
    box = (
        f'<w:r {W} xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:txbx><w:txbxContent>'
        "<w:p><w:r><w:t>Charlie </w:t></w:r><w:r><w:t>Douglas</w:t></w:r></w:p></w:txbxContent></wps:txbx></w:r>"
    )
    document = docx.Document()
    document.add_paragraph("outer ")._p.append(parse_xml(box))
    notes = (
        f"<w:footnotes {W}><w:footnote w:id='1'><w:p><w:r><w:t>Zoë Müller</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    parts = _parts(rewrite(_bytes(document, {"word/footnotes.xml": notes}), "a.docx").raw)
    assert b"[PERSON_2]" in parts["word/footnotes.xml"]
    assert b"[PERSON_1]" in parts["word/document.xml"]
    assert b"Douglas" not in parts["word/document.xml"]


def test_a_docx_comes_back(rewrite):
    done = rewrite(_bytes(_document()), "a.docx")
    document = docx.Document(io.BytesIO(done.restored().raw))
    assert document.paragraphs[0].text == "Dear Charlie Douglas, your card 4111111111111111."


def test_a_zip_bomb_is_refused_before_it_unpacks(rewrite, monkeypatch):
    monkeypatch.setattr(docx_form, "LARGEST_PACKAGE_BYTES", 2_000_000)
    raw = _bytes(docx.Document(), {"word/media/bomb.png": b"\0" * 3_000_000})
    with pytest.raises(FormTooLarge):
        rewrite(raw, "a.docx")


def test_a_part_that_lies_about_its_size_is_refused(rewrite, monkeypatch):
    monkeypatch.setattr(docx_form, "LARGEST_PART_BYTES", 100_000)
    raw = bytearray(_bytes(docx.Document(), {"word/media/bomb.png": b"\0" * 300_000}))
    with pytest.raises(FormError):
        rewrite(bytes(raw), "a.docx")


def test_an_archive_inside_is_not_opened_but_emptied(rewrite):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("x", b"\0" * 5_000_000)
    done = rewrite(_bytes(docx.Document(), {"word/embeddings/bomb.zip": bomb.getvalue()}), "a.docx")
    assert _parts(done.raw)["word/embeddings/bomb.zip"] == b""


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, FormLocked),
        (b"PK\x03\x04" + b"\0" * 40, FormUnknown),
    ],
)
def test_what_cannot_be_opened_is_refused(rewrite, raw, error):
    with pytest.raises(error):
        rewrite(raw, "a.docx")


@pytest.mark.parametrize(
    "part",
    [b"<a>", b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
     b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"],
)  # fmt: skip
def test_a_part_that_is_no_plain_xml_is_refused(rewrite, part):
    with pytest.raises(FormBroken):
        rewrite(_bytes(docx.Document(), {"word/x.xml": part}), "a.docx")


def test_another_office_file_is_refused(rewrite):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as package:
        package.writestr("xl/workbook.xml", "<a/>")
    with pytest.raises(FormUnknown):
        rewrite(sink.getvalue(), "a.xlsx")
