"""Files to read, made here: nothing in them was written by anybody else."""

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import docx
import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import SimpleDocTemplate

from graftwork.core.documents.sandbox import DocumentReader

STYLES = getSampleStyleSheet()


@pytest.fixture
def make_pdf() -> Callable[..., bytes]:
    """A PDF laid out from reportlab's flowables."""

    def make(*flowables: Any, **options: Any) -> bytes:
        file = io.BytesIO()
        SimpleDocTemplate(file, pagesize=A4, **options).build(list(flowables))
        return file.getvalue()

    return make


@pytest.fixture
def draw_pdf() -> Callable[..., bytes]:
    """A PDF drawn by hand; `draw` gets the canvas."""

    def make(draw: Callable[[Canvas], None], **options: Any) -> bytes:
        file = io.BytesIO()
        canvas = Canvas(file, pagesize=A4, **options)
        draw(canvas)
        canvas.save()
        return file.getvalue()

    return make


@pytest.fixture
def scan() -> Callable[[str], Image.Image]:
    """A picture of words, as a scanner would make it."""

    def make(words: str) -> Image.Image:
        image = Image.new("L", (1240, 400), 255)
        ImageDraw.Draw(image).text((80, 120), words, fill=0, font=ImageFont.load_default(56))
        return image

    return make


@pytest.fixture
def make_docx() -> Callable[..., bytes]:
    """A Word document; `write` gets it empty."""

    def make(write: Callable[[Any], object]) -> bytes:
        document = docx.Document()
        write(document)
        file = io.BytesIO()
        document.save(file)
        return file.getvalue()

    return make


@pytest.fixture
def repack() -> Callable[..., bytes]:
    """A package with parts replaced or added."""

    def make(content: bytes, parts: dict[str, bytes]) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                if name not in parts:
                    new.writestr(name, old.read(name))
            for name, part in parts.items():
                new.writestr(name, part)
        return file.getvalue()

    return make


@pytest.fixture
def make_mail() -> Callable[..., EmailMessage]:
    def make(body: str = "Please see the attachment.", subject: str = "Claim 4711") -> EmailMessage:
        message = EmailMessage()
        message["From"] = "Ada Brenner <ada@example.com>"
        message["To"] = "claims@example.com"
        message["Date"] = "Mon, 02 Nov 2026 10:00:00 +0000"
        message["Subject"] = subject
        message.set_content(body)
        return message

    return make


@pytest.fixture(scope="module")
def reader() -> Iterator[DocumentReader]:
    with DocumentReader() as one:
        yield one


@pytest.fixture
def needs_tesseract() -> None:
    if shutil.which("tesseract") is None:
        pytest.skip("Tesseract is not installed: apt-get install tesseract-ocr")
