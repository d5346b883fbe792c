"""Uploads: what a file is taken for, what is shown before anything is stored, and importing that can be killed."""

import io
import json
from datetime import timedelta

import openpyxl
import pytest
from django.db import transaction

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.actors import worker as worker_actor
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.connectors.models import Upload, UploadFile, UploadRefusal, UploadState
from graftwork.apps.connectors.uploads import importing, preview
from graftwork.apps.connectors.uploads.actions import (
    choose_columns,
    choose_reading,
    drop_upload,
    start_import,
    store_upload,
)
from graftwork.apps.connectors.uploads.forgetting import forget_old_uploads
from graftwork.apps.connectors.uploads.importing import import_in_turn
from graftwork.apps.connectors.uploads.preview import preview_of
from graftwork.apps.connectors.uploads.queries import access_upload, file_name, plan_of, recent_uploads
from graftwork.apps.connectors.uploads.table import recognise
from graftwork.apps.connectors.uploads.tasks import recover, sweep
from graftwork.apps.jobs.process import WorkerProcess
from graftwork.apps.vault.models import ScopeKey
from graftwork.apps.work.models import Item
from graftwork.apps.work.queries import item_content
from graftwork.core.errors import (
    InputEmpty,
    InputFormatUnknown,
    InputHeaderInvalid,
    NotAllowed,
    NotFound,
    RequestInvalid,
)
from graftwork.core.intake.errors import WorkbookUnreadable

pytestmark = pytest.mark.django_db
GERMAN = "Nummer;Text\n00123;Grüße aus Köln\n7;Größe fehlt, bitte schön\n8;Über Öl für Ämter\n9;süße Blöße\n"


def csv_of(count, start=1):
    return ("id,text\n" + "".join(f"n-{n},Where is order {n}?\n" for n in range(start, start + count))).encode()


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def ops(note_reply, make_user):
    return actor_for_user(make_user("olga", "ops"))


@pytest.fixture
def stored(ops, now):
    def store(content, name="notes.csv"):
        return store_upload(ops, "note_reply", name, content, now)

    return store


@pytest.fixture
def process():
    return WorkerProcess("w1")


def run(process, upload):
    while import_in_turn(process, upload.pk):
        pass
    return Upload.objects.get(pk=upload.pk)


def texts():
    return {item.external_id: item_content(item).fields["text"] for item in Item.objects.all()}


READ = [
    ("utf-8", GERMAN.encode(), "csv", "utf-8", ";"),
    ("with a mark", b"\xef\xbb\xbf" + GERMAN.encode(), "csv", "utf-8", ";"),
    ("UTF-16 of a spreadsheet", GERMAN.replace(";", "\t").encode("utf-16"), "csv", "utf-16-le", "\t"),
    ("UTF-16 without a mark", GERMAN.encode("utf-16-be"), "csv", "utf-16-be", ";"),
    ("Latin-1", GERMAN.encode("latin-1"), "csv", "cp1252", ";"),
    ("DOS", GERMAN.encode("cp850"), "csv", "cp850", ";"),
    ("commas", GERMAN.replace(", ", " ").replace(";", ",").encode(), "csv", "utf-8", ","),
    ("a workbook", workbook(["Nummer", "Text"], ["00123", "Grüße aus Köln"], [7, "x"]), "xlsx", "", ""),
    ("objects", b'{"Nummer": "00123", "Text": "Gr\xc3\xbc\xc3\x9fe aus K\xc3\xb6ln"}\n', "jsonl", "utf-8", ""),
]


@pytest.mark.parametrize(("why", "content", "form", "encoding", "delimiter"), READ)
def test_a_file_is_what_its_content_says_whatever_its_name(
    why, content, form, encoding, delimiter, stored, ops, process, now
):
    upload = stored(content, "misleading.dat")
    table = plan_of(upload).table
    assert (table.form, table.encoding, table.delimiter) == (form, encoding, delimiter)
    assert table.columns == ("Nummer", "Text")
    choose_columns(ops, upload.pk, {"id": "Nummer", "field:text": "Text"}, now)
    start_import(ops, upload.pk, now)
    assert run(process, upload).state == UploadState.DONE
    assert texts()["00123"] == "Grüße aus Köln"


REFUSED = [
    ("nothing", b" \n", InputEmpty),
    ("a header alone", b"id,text\n", InputHeaderInvalid),
    ("a picture", b"\x89PNG\r\n\x1a\n" + bytes(50), InputFormatUnknown),
    ("a document", b"%PDF-1.7 ...", InputFormatUnknown),
    ("bytes", b"id,text\n\x00\x01\x02,\x00\n", InputFormatUnknown),
    ("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), WorkbookUnreadable),
    ("another package", b"PK\x03\x04" + bytes(100), WorkbookUnreadable),
]


@pytest.mark.parametrize(("why", "content", "error"), REFUSED)
def test_what_is_no_table_is_refused_and_not_kept(why, content, error, stored):
    with pytest.raises(error):
        stored(content, "items.csv")
    assert not Upload.objects.exists()


def test_before_import_nothing_is_an_item_and_the_file_is_sealed(stored, ops, note_reply):
    upload = stored(csv_of(12), "C:\\secret\\Müller notes.csv")
    assert not Item.objects.exists()
    assert file_name(upload) == "Müller notes.csv"
    row = Upload.objects.values().get()
    sealed = bytes(UploadFile.objects.get().content_sealed)
    assert b"order" not in sealed
    assert not any("ller" in str(value) or b"ller" in bytes(value or b"") for value in
                   (row["name_sealed"], row["plan_sealed"]))  # fmt: skip
    assert [upload.pk for upload, _ in recent_uploads(ops)] == [upload.pk]


def test_the_first_ten_are_shown_as_they_would_be_stored_and_the_rest_is_counted(stored, note_reply, make_items):
    make_items(1)  # note-1
    content = (
        "id,text\nnote-1,Where is order 1?\nb,\n" + "".join(f"n-{n},text {n}\n" for n in range(20)) + "n-3,text 3\n"
    )
    upload = stored(content.encode())
    found = preview_of(upload, note_reply, plan_of(upload))
    assert (found.rows, found.refused, found.known, found.repeated, found.new) == (23, 1, 1, 1, 20)
    assert found.complete
    assert len(found.shown) == 10
    assert [(row.line, row.external_id, row.problem) for row in found.shown[:3]] == [
        (2, "note-1", ""),
        (3, "", "the field `text` is missing or empty"),
        (4, "n-0", ""),
    ]
    assert (found.shown[0].cells[0].label, found.shown[0].cells[0].text) == ("Note", "Where is order 1?")


def test_a_preview_says_where_it_stopped_counting(stored, ops, process, now, note_reply, monkeypatch):
    upload = stored(csv_of(20))
    run(process, start_import(ops, stored(csv_of(15)).pk, now))
    whole = preview_of(upload, note_reply, plan_of(upload))
    assert (whole.rows, whole.complete, whole.new) == (20, True, 5)
    monkeypatch.setattr(preview, "COUNTED_ROWS", 15)
    found = preview_of(upload, note_reply, plan_of(upload))
    assert (found.rows, found.complete, found.new, found.may_bring_items) == (15, False, 0, True)


MATCHED = [
    (["id", "text"], "id", "text"),
    (["Ticket-ID", "Text"], "Ticket-ID", "Text"),
    (["Note", "KEY"], "KEY", "Note"),
    (["texts", "other"], "", "texts"),
    (["subject", "other"], "", ""),
]


@pytest.mark.parametrize(("columns", "id_column", "text_column"), MATCHED)
def test_columns_are_matched_by_what_they_are_called(columns, id_column, text_column, stored):
    upload = stored((",".join(columns) + "\n" + ",".join("x" for _ in columns) + "\n").encode())
    matching = plan_of(upload).matching
    assert (matching.id, matching.fields["text"]) == (id_column, text_column)


def test_two_columns_of_one_name_are_told_apart(stored):
    upload = stored(b"id,text,text\na,one,two\n")
    table = plan_of(upload).table
    assert (table.columns, table.features) == (("id", "text", "text (2)"), ("renamed",))
    assert "renamed" not in recognise(b"id,text (2)\na,b\n", "x").features


def test_a_person_can_choose_columns_encoding_and_sheet(stored, ops, note_reply, now):
    upload = stored(GERMAN.encode("cp1250"))
    choose_reading(ops, upload.pk, now, encoding="cp850", sheet="")
    assert preview_of(upload, note_reply, plan_of(access_upload(ops, upload.pk))).rows == 4
    with pytest.raises(RequestInvalid, match="it stays as it was"):
        choose_reading(ops, upload.pk, now, encoding="utf-16-le", sheet="")
    choose_columns(ops, upload.pk, {"id": "Nummer", "thread": "", "field:text": "Text"}, now)
    choose_reading(ops, upload.pk, now, encoding="cp1250", sheet="")
    upload.refresh_from_db()
    found = preview_of(upload, note_reply, plan_of(upload))
    assert found.shown[0].external_id == "00123"
    assert found.shown[0].cells[0].text == "Grüße aus Köln"
    with pytest.raises(RequestInvalid):
        choose_columns(ops, upload.pk, {"id": "elsewhere"}, now)


def test_a_required_field_needs_a_column(stored, ops, now):
    upload = stored(b"subject,other\na,b\n")
    with pytest.raises(RequestInvalid):
        start_import(ops, upload.pk, now)
    assert Upload.objects.get().state == UploadState.STORED


def test_an_import_counts_what_it_did_and_forgets_the_file(stored, ops, process, now):
    content = b'id,text\na,one\nb,\nc,"two\nlines"\na,one\na,other\n,nameless\n'
    upload = start_import(ops, stored(content).pk, now)
    done = run(process, upload)
    assert (done.state, done.created, done.known, done.refused, done.share) == (UploadState.DONE, 3, 1, 2, 1.0)
    assert [(one.line, one.reason) for one in done.refusals.order_by("line")] == [
        (3, "the field `text` is missing or empty"),
        (7, importing.OTHER_CONTENT),
    ]
    assert not UploadFile.objects.exists()
    assert done.scope_key is None
    assert not ScopeKey.objects.filter(scope=f"uploads/{done.pk}").exists()
    actions = list(AuditEntry.objects.filter(subject=f"upload:{done.pk}").values_list("action", "actor"))
    assert actions == [(name, ops.name) for name in ("upload.stored", "upload.started", "upload.imported")]
    again = run(process, start_import(ops, stored(content).pk, now))
    assert (again.created, again.known, again.refused) == (0, 4, 2)
    assert Item.objects.count() == 3
    details = " ".join(AuditEntry.objects.values_list("detail", flat=True))
    assert "nameless" not in details
    assert "notes.csv" not in details


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_killed_at_any_batch_nothing_is_lost_and_nothing_is_doubled(form, stored, ops, process, now, monkeypatch):
    monkeypatch.setattr(importing, "BATCH_ROWS", 7)
    rows = [["id", "text"], *[[f"n-{n}", "" if n % 10 == 0 else f"text {n}"] for n in range(1, 51)]]
    content = csv_rows(rows) if form == "csv" else workbook(*rows)
    upload = start_import(ops, stored(content).pk, now)
    kept, lives = importing.create_items, iter(range(100))

    def dies(*arguments, **options):
        created = kept(*arguments, **options)
        if next(lives) % 3 == 0:
            raise KeyboardInterrupt  # after the items were written, before the transaction ended
        return created

    monkeypatch.setattr(importing, "create_items", dies)
    for _ in range(40):
        try:
            with transaction.atomic():
                ended = import_in_turn(WorkerProcess("w1"), upload.pk)
        except KeyboardInterrupt:
            ended = True
        Upload.objects.update(lease_owner="", lease_expires_at=None)
        if not ended:
            break
        monkeypatch.setattr(importing, "TURN_SECONDS", -1)
    done = Upload.objects.get()
    assert (done.state, done.created, done.known, done.refused) == (UploadState.DONE, 45, 0, 5)
    assert Item.objects.count() == 45
    assert UploadRefusal.objects.count() == 5


def csv_rows(rows):
    return "".join(",".join(row) + "\n" for row in rows).encode()


def test_an_error_stops_an_import_and_it_goes_on_once_it_is_mended(
    stored, ops, process, now, write_usecase, workspace_folder
):
    upload = start_import(ops, stored(csv_of(3)).pk, now)
    file = workspace_folder / "usecases" / "note_reply.toml"
    text = file.read_text()
    file.write_text("broken = [")
    stopped = run(process, upload)
    assert (stopped.state, stopped.error_code) == (UploadState.FAILED, "usecase.unreadable")
    file.write_text(text)
    done = run(process, start_import(ops, upload.pk, now))
    assert (done.state, done.created, done.error_code) == (UploadState.DONE, 3, "")


def test_who_lost_the_right_meanwhile_imports_nothing(stored, ops, process, now, make_user):
    from graftwork.apps.accounts.models import RoleGrant

    upload = start_import(ops, stored(csv_of(3)).pk, now)
    RoleGrant.objects.all().delete()
    assert run(process, upload).state == UploadState.FAILED
    assert not Item.objects.exists()


MAY = [
    (("ops",), True),
    (("owner",), True),
    (("admin",), True),
    (("reviewer",), True),
    (("compliance",), False),
    (("editor",), False),
]


@pytest.mark.parametrize(("roles", "may"), MAY)
def test_who_may_bring_files(roles, may, note_reply, make_user, now):
    actor = actor_for_user(make_user("paul", *roles))
    if may:
        assert store_upload(actor, "note_reply", "x.csv", csv_of(1), now).pk
    else:
        with pytest.raises(NotAllowed):
            store_upload(actor, "note_reply", "x.csv", csv_of(1), now)


def test_an_upload_is_nobody_elses(stored, make_user, now):
    upload = stored(csv_of(1))
    other = actor_for_user(make_user("otto", "admin"))
    for act in (access_upload, lambda *a: start_import(*a, now), lambda *a: drop_upload(*a, now)):
        with pytest.raises(NotFound):
            act(other, upload.pk)
    assert recent_uploads(other) == []


def test_a_use_case_of_another_group_takes_no_files(write_usecase, make_user, now):
    write_usecase(
        'name = "closed"\ntitle = "Closed"\n[input.fields.text]\n[instructions]\nsystem = "x"\n[engine]\necho = true\n'
        '[review]\ngroup = "board"\n',
        "closed",
    )
    with pytest.raises(NotAllowed):
        store_upload(actor_for_user(make_user("paul", "admin")), "closed", "x.csv", csv_of(1), now)


def test_a_file_that_nobody_imports_is_gone_after_a_day(stored, ops, process, now):
    stored(csv_of(1))
    sweeper = worker_actor("w1")
    assert forget_old_uploads(sweeper, now + timedelta(hours=23)) == 0
    assert forget_old_uploads(sweeper, now + timedelta(hours=25)) == 1
    assert not Upload.objects.exists()
    assert not ScopeKey.objects.filter(scope__startswith="uploads/0").exists()
    entry = AuditEntry.objects.order_by("-sequence").first()
    assert (entry.action, entry.actor) == ("upload.dropped", "worker:w1")


def test_a_dropped_upload_stops_whoever_imports_it(stored, ops, process, now, monkeypatch):
    upload = start_import(ops, stored(csv_of(1200)).pk, now)
    kept = importing._store

    def then_dropped(*arguments):
        kept(*arguments)
        if Upload.objects.exists():
            drop_upload(ops, upload.pk, now)

    monkeypatch.setattr(importing, "_store", then_dropped)
    assert not import_in_turn(process, upload.pk)
    assert Item.objects.count() == importing.BATCH_ROWS
    assert not Upload.objects.exists()


def test_the_sweep_wakes_what_nobody_is_at_and_a_restart_takes_up_what_it_held(stored, ops, process, now):
    from django_tasks_db.models import DBTaskResult

    upload = start_import(ops, stored(csv_of(1)).pk, now)
    path = "graftwork.apps.connectors.uploads.tasks.import_upload"
    jobs = DBTaskResult.objects.filter(task_path=path)
    assert [json.loads(json.dumps(job.args_kwargs))["args"] for job in jobs] == [[str(upload.pk)]]
    jobs.delete()
    future = now + timedelta(days=900)
    Upload.objects.update(lease_owner="w1/earlier", lease_expires_at=future)
    sweep(process)
    assert not jobs.exists()
    recover(WorkerProcess("w1"))
    assert jobs.count() == 1
