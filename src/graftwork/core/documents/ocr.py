"""Text of scanned pages, by Tesseract where it is installed.

The program is asked directly, through its standard input: no page is written to a disk, and nothing but the program
itself is needed.
"""

import os
import subprocess
import time
from typing import TYPE_CHECKING

from graftwork.core.documents.options import ReadingOptions, tesseract_path

if TYPE_CHECKING:
    import pypdfium2 as pdfium

DOTS_PER_INCH = 300
MOST_PIXELS = 16_000_000
_POINTS_PER_INCH = 72
_LONGEST_SIDE_PIXELS = 20_000


class Recogniser:
    """Reads pages until its time is over. `lacks` says what is missing, empty where nothing is."""

    def __init__(self, options: ReadingOptions) -> None:
        self._options = options
        self._program = tesseract_path() if options.ocr else None
        self._seconds_left = options.ocr_seconds
        self.lacks = "" if self._program else _package("eng" if not options.ocr else options.ocr_language, options.ocr)

    def read(self, page: "pdfium.PdfPage") -> str | None:
        """The words of the page; `None` where they could not be read, and `lacks` then says why."""
        if self._program is None or self.lacks:
            return None
        begun = time.monotonic()
        try:
            done = subprocess.run(  # noqa: S603 - the program by its full path, the language checked by itself
                [self._program, "stdin", "stdout", "-l", self._options.ocr_language],
                input=_picture(page),
                capture_output=True,
                timeout=max(self._seconds_left, 0.01),
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},
                check=True,
            )
        except subprocess.TimeoutExpired:
            self.lacks = f"Text recognition took longer than {self._options.ocr_seconds:g} s; raise its limit."
            return None
        except (subprocess.CalledProcessError, OSError):
            self.lacks = _package(self._options.ocr_language, True)
            return None
        self._seconds_left -= time.monotonic() - begun
        return done.stdout.decode("utf-8", "replace")


def _package(languages: str, wanted: bool) -> str:
    if not wanted:
        return "Text recognition is switched off."
    names = ", ".join(f"tesseract-ocr-{language.replace('_', '-')}" for language in languages.split("+"))
    return f"To read them, install Tesseract (Debian: {names}) and read the document again."


def _picture(page: "pdfium.PdfPage") -> bytes:
    """The page in grey as PGM, which has nothing to decode. A page of any size becomes a picture that fits."""
    width, height = page.get_size()
    scale = min(
        DOTS_PER_INCH / _POINTS_PER_INCH,
        (MOST_PIXELS / max(width * height, 1.0)) ** 0.5,
        _LONGEST_SIDE_PIXELS / max(width, height, 1.0),
    )
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        view = memoryview(bitmap.buffer).cast("B")
        rows = [bytes(view[row * bitmap.stride : row * bitmap.stride + bitmap.width]) for row in range(bitmap.height)]
        return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + b"".join(rows)
    finally:
        bitmap.close()
