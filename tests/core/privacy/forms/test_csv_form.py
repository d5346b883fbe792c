"""CSV and TSV by column: quoting, line ends and separators of the file are kept."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.errors import FormTooLarge
from graftwork.core.privacy.forms import csv_form
from graftwork.core.privacy.forms.rules import Rules


def test_a_column_is_typed_by_its_header_and_joins_hold(rewrite):
    source = 'id;Vorname;E-Mail;notes\r\n1;Kim;k@example.com;ok\r\n2;Kim;x@example.com;"a;b"\r\n'
    done = rewrite(source, "a.csv")
    rows = list(csv.reader(io.StringIO(done.text), delimiter=";"))
    assert rows[0] == ["id", "Vorname", "E-Mail", "notes"]
    assert rows[1][1] == rows[2][1] == "[PERSON_50]"
    assert rows[1][2] != rows[2][2]
    assert rows[2][3] == "a;b"
    assert done.text.count("\r\n") == 3
    assert done.undone() == source.encode()


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("email", "mail"), ("E-Mail", "mail"), ("email_address", "mail"), ("emailed", None), ("mail_sent", None),
        ("first_name", "person"), ("firstName", "person"), ("Prénom", "person"), ("filename", None),
        ("product name", None), ("name", "person"), ("Geburtsdatum", "date_of_birth"), ("DOB", "date_of_birth"),
        ("date", None), ("Straße", "address"), ("Telefon", "phone"), ("Kunde Telefon", "phone"), ("telephony", None),
        ("IBAN", "iban"), ("Kundennummer", "account"), ("order", None), ("número de teléfono", "phone"), ("", None),
        ("billing_email", "mail"), ("card_number", "card"), ("cardboard", None), ("ip", "ip"), ("zip", "address"),
    ],
)  # fmt: skip
def test_a_header_says_what_its_column_holds(header, kind):
    assert Rules().of((header,)) == (kind or "detect")


def test_a_rule_is_stronger_than_the_header(rewrite):
    done = rewrite("name,ref\nAcme,R1\n", "a.csv", {"name": "keep", "ref": "account"})
    assert done.text == "name,ref\nAcme,[ACCOUNT_50]\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_separator_is_found_outside_quotes(rewrite, delimiter):
    source = f'"a,;|x"{delimiter}note\n1{delimiter}Charlie Douglas\n'
    assert rewrite(source, "a.csv").text == source.replace("Charlie Douglas", "[PERSON_1]")


def test_ragged_rows_are_read_to_their_end(rewrite):
    source = "a,b\n1\n1,2,Charlie Douglas\n\n,,,charlie@example.com"
    done = rewrite(source, "a.csv")
    assert done.text == "a,b\n1\n1,2,[PERSON_1]\n\n,,,[MAIL_1]"
    assert done.undone() == source.encode()


def test_a_value_in_quotes_over_two_lines_stays_one_cell(rewrite):
    source = 'note,x\n"Dear ""Charlie Douglas"",\nhello",1\n'
    assert rewrite(source, "a.csv").text == 'note,x\n"Dear ""[PERSON_1]"",\nhello",1\n'


def test_a_restored_value_is_quoted_where_it_must_be(rewrite):
    done = rewrite('who,x\n"O""Neil, <Pat>",1\n', "a.csv")
    assert done.text == 'who,x\n"[PERSON_3]",1\n'
    unquoted = done.restored().rewriter and rewrite("who,x\nx [PERSON_3],1\n", "a.csv")
    unquoted.rewriter = done.rewriter
    assert list(csv.reader(io.StringIO(unquoted.restored().text)))[1] == ['x O"Neil, <Pat>', "1"]


def test_a_file_without_a_header_is_read_from_its_first_row(rewrite):
    done = rewrite("Charlie Douglas,charlie@example.com\nx,y\n", "a.csv")
    assert done.text == "[PERSON_1],[MAIL_1]\nx,y\n"


def test_a_name_in_what_looks_like_a_header_is_masked_too(rewrite):
    done = rewrite("Charlie Douglas,Berlin\nX,Y\n", "a.csv")
    assert "Charlie" not in done.text


def test_a_quote_that_is_never_closed_hides_nothing(rewrite):
    source = 'note\n"Charlie Douglas, charlie@example.com\nand more'
    done = rewrite(source, "a.csv")
    assert "Charlie" not in done.text
    assert "charlie@" not in done.text
    assert done.undone() == source.encode()


def test_a_cell_over_the_limit_is_refused(rewrite, monkeypatch):
    monkeypatch.setattr(csv_form, "LONGEST_CELL_CHARACTERS", 1_000)
    monkeypatch.setattr(csv_form, "READ_CHARACTERS", 500)
    with pytest.raises(FormTooLarge):
        rewrite('a\n"' + "x" * 5_000, "a.csv")


@given(st.text(alphabet='ab,;"\n\r\tü ', max_size=60), st.integers(1, 9))
def test_any_text_passes_unchanged_where_nothing_is_found(source, chunk):
    class Nothing:
        def swaps(self, fields):
            return [[] for _ in fields]

    before = csv_form.READ_CHARACTERS
    csv_form.READ_CHARACTERS = chunk
    try:
        found = csv_form.pieces(io.StringIO(source, newline=""), Nothing(), Rules(), "a.csv")
        assert "".join(found) == source
    finally:
        csv_form.READ_CHARACTERS = before


@given(st.lists(st.lists(st.text(alphabet='ab,"\n ü', max_size=5), min_size=1, max_size=4), min_size=1, max_size=5))
def test_cells_are_those_that_the_csv_module_reads(table):
    sink = io.StringIO()
    csv.writer(sink).writerows(table)
    read = csv_form.rows(sink.getvalue(), io.StringIO(""), ",", "a.csv")
    expected = csv.reader(io.StringIO(sink.getvalue(), newline=""))
    assert [[cell.value for cell in row] for row in read] == [row or [""] for row in expected]
