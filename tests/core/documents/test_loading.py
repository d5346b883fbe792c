"""Commands and the web process name formats and readers without loading what reads them."""

import subprocess
import sys

HEAVY = ("pypdfium2", "lxml", "docx", "openpyxl", "selectolax", "markdown_it", "charset_normalizer")


def test_the_readers_load_their_libraries_only_when_they_read():
    code = (
        "import sys, graftwork.core.documents.reading, graftwork.core.documents.sandbox\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
