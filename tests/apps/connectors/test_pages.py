"""The pages of imports, exports and connectors, as a browser without script asks for them."""

import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from graftwork.apps.connectors.models import (
    Delivery,
    DeliveryState,
    Direction,
    Lane,
    Refusal,
    Upload,
    UploadState,
)
from graftwork.apps.connectors.uploads.importing import import_in_turn
from graftwork.apps.vault.actions import scope_keys
from graftwork.apps.work.models import Item, Review

pytestmark = pytest.mark.django_db
TABLES = "/connectors/import-export"


@pytest.fixture
def sign_in(make_user, note_reply):
    def sign(username="olga", *roles):
        client = Client()
        client.force_login(make_user(username, *(roles or ("ops",))))
        return client

    return sign


def send(client, content=b"id,text\na,one\nb,\n", name="notes.csv", use_case="note_reply"):
    return client.post(f"{TABLES}/upload", {"use_case": use_case, "file": SimpleUploadedFile(name, content)})


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


# --- imports ----------------------------------------------------------------------------------------------------------


def test_a_file_is_looked_at_then_imported_then_reported(sign_in, process):
    client = sign_in()
    sent = send(client)
    assert sent.status_code == 302
    shown = text_of(client.get(sent.url))
    assert "Import 1 item<" in shown
    assert "the field `text` is missing or empty" in shown
    assert not Item.objects.exists()
    assert client.post(f"{sent.url}/import").url == sent.url
    assert 'hx-trigger="every 1s"' in text_of(client.get(sent.url))
    import_in_turn(process, Upload.objects.get().pk)
    done = text_of(client.get(sent.url))
    assert "every 1s" not in done
    assert "The field `text` is missing or empty" in done
    lines = b"".join(client.get(f"{sent.url}/refused.csv").streaming_content).decode("utf-8-sig")
    assert lines == "line,reason\r\n3,the field `text` is missing or empty\r\n"
    assert "notes.csv" in text_of(client.get(TABLES))


def test_columns_are_chosen_and_a_script_gets_only_the_part_that_changes(sign_in):
    client = sign_in()
    address = send(client, b"subject,body\nx,y\n").url
    assert "No row can become an item yet" in text_of(client.get(address))
    assert client.post(f"{address}/import").status_code == 422
    script = {"HX-Request": "true", "HX-Target": "upload"}
    part = text_of(client.post(f"{address}/columns", {"id": "subject", "field:text": "body"}, headers=script))
    assert part.lstrip().startswith('<section id="upload"')
    assert "Import 1 item<" in part
    wrong = client.post(f"{address}/columns", {"field:text": "nowhere"})
    assert wrong.status_code == 422
    assert Upload.objects.get().state == UploadState.STORED
    assert client.post(f"{address}/columns", {"encoding": "utf-16-le"}).status_code == 422


REFUSED = [
    (b"", "a.csv", "Choose a file first"),
    (b" ", "a.csv", "a.csv: the file is empty"),
    (b"%PDF-1.7", "a.csv", "Save it as CSV, XLSX or JSON Lines"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1aa", "a.xls", "without a password"),
]


@pytest.mark.parametrize(("content", "name", "words"), REFUSED)
def test_what_is_wrong_with_a_file_is_said_beside_the_field(content, name, words, sign_in):
    answer = send(sign_in(), content, name) if content else sign_in().post(
        f"{TABLES}/upload", {"use_case": "note_reply"}
    )  # fmt: skip
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Upload.objects.exists()


def test_a_file_over_the_limit_is_refused_in_words(sign_in, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000
    answer = send(sign_in(), b"id,text\n" + b"a,b\n" * 600_000)
    assert answer.status_code == 413
    assert "larger than 2 MB" in text_of(answer)


def test_what_a_file_says_and_is_called_is_escaped(sign_in):
    client = sign_in()
    bad = "<script>alert(1)</script>"
    shown = text_of(client.get(send(client, f"id,text,{bad}\n{bad},{bad},x\n".encode(), f"{bad}.csv").url))
    assert "<script>alert" not in shown + text_of(client.get(TABLES))
    assert "&lt;script&gt;alert(1)" in shown


def test_a_file_is_kept_in_memory_until_it_is_sealed(settings):
    assert settings.FILE_UPLOAD_MAX_MEMORY_SIZE > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert settings.FILE_UPLOAD_HANDLERS == ["django.core.files.uploadhandler.MemoryFileUploadHandler"]


PEOPLE = [(("ops",), 200, 200), (("reviewer",), 200, 403), (("owner",), 200, 200), (("compliance",), 200, 403)]


@pytest.mark.parametrize(("roles", "tables", "connectors"), PEOPLE)
def test_who_sees_which_page_and_which_link(roles, tables, connectors, sign_in):
    client = sign_in("paul", *roles)
    assert client.get(TABLES).status_code == tables
    assert client.get("/connectors/").status_code == connectors
    menu = text_of(client.get("/desk/"))
    assert ('href="/connectors/"' in menu) == (connectors == 200)
    assert f'href="{TABLES}"' in menu
    assert f'href="{TABLES}"' not in text_of(sign_in("ed", "editor").get("/desk/"))


def test_who_is_not_signed_in_is_asked_to(note_reply):
    for path in (TABLES, "/connectors/", "/connectors/desk_of_old", f"{TABLES}/reviews"):
        assert Client().get(path).url.startswith("/sign-in")
    assert Client().get(TABLES, headers={"HX-Request": "true"}).status_code == 401


def test_another_persons_upload_is_not_there(sign_in):
    address = send(sign_in()).url
    other = sign_in("otto", "admin")
    assert other.get(address).status_code == 404
    assert other.post(f"{address}/import").status_code == 404
    assert other.get(f"{address}/refused.csv").status_code == 404


# --- exports ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def decided(make_items, approve, now):
    return approve(make_items(1)[0], "Answer note-1.")


def test_reviews_are_downloaded_narrowed_and_only_by_who_may(decided, sign_in):
    Review.objects.update(effective_at=decided.decided_at)
    client, day = sign_in(), decided.decided_at.date().isoformat()
    answer = client.get(f"{TABLES}/reviews", {"format": "csv", "from": day, "to": day, "names": "1"})
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert answer.headers["Content-Disposition"].endswith('.csv"')
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert content.count("\r\n") == 2
    assert ",rita" in content
    book = b"".join(client.get(f"{TABLES}/reviews?format=xlsx").streaming_content)
    assert zipfile.ZipFile(io.BytesIO(book)).testzip() is None
    later = client.get(f"{TABLES}/reviews", {"from": "2027-01-01"})
    assert b"".join(later.streaming_content).count(b"\r\n") == 1
    for wrong in ("format=exe", "decision=other", "from=soon", "to=2026-13-40"):
        assert client.get(f"{TABLES}/reviews?{wrong}").status_code == 422
    assert sign_in("rob", "reviewer").get(f"{TABLES}/reviews").status_code == 403


# --- connectors -------------------------------------------------------------------------------------------------------


@pytest.fixture
def letters(old, make_items, approve, now):
    """Three letters, one of each kind, and a record that could not come in."""
    states = (DeliveryState.DEAD, DeliveryState.CONFLICT, DeliveryState.UNSURE)
    found = {}
    for item, state in zip(make_items(3), states, strict=True):
        review = approve(item)
        Delivery.objects.all().filter(item=item).delete()
        found[state] = Delivery.objects.create(
            item=item, review=review, connector="desk_of_old", event="approved", state=state, not_before=now,
            tries=3, created_at=now, error_code="connector.rejected", error_message="<b>status 400</b>",
        )  # fmt: skip
    key = scope_keys(["connectors/desk_of_old"])["connectors/desk_of_old"]
    found["refused"] = Refusal.objects.create(
        connector="desk_of_old", key_hash="0" * 64, scope_key=key, record_sealed=b"", error_code="input.row",
        error_message="the field `text` is missing or empty", first_seen_at=now, seen_at=now,
    )  # fmt: skip
    return found


def test_there_is_a_page_before_there_is_a_connector(sign_in):
    assert "There is no connector yet" in text_of(sign_in().get("/connectors/"))


def test_a_broken_file_is_shown_with_what_to_mend_and_stops_no_other(old, write_connector, sign_in):
    write_connector("broken", text='name = "broken"\nuse_case = "note_reply"\nsystem = "<b>nothing</b>"\n')
    shown = text_of(sign_in().get("/connectors/"))
    assert "Its file cannot be used" in shown
    assert "connector.system_unknown" in shown
    assert "<b>nothing" not in shown
    assert "has not run yet" in shown


def test_a_lane_says_how_it_is_and_is_stopped_and_started(old, sign_in, now):
    client = sign_in()
    Lane.objects.create(
        connector="desk_of_old", direction="in", failures=7, paused_at=now, error_code="connector.down",
        error_message="nothing answers", not_before=now + timedelta(days=900), done=1234,
    )  # fmt: skip
    shown = text_of(client.get("/connectors/desk_of_old"))
    for words in ("paused", "Failed 7 times in a row: nothing answers", "1,234", "next try", "Try now"):
        assert words in shown, words
    answer = client.post("/connectors/desk_of_old/in/stop", {"one": "1"})
    assert answer.url == "/connectors/desk_of_old"
    assert "stopped by a person" in text_of(client.get("/connectors/desk_of_old"))
    assert client.post("/connectors/desk_of_old/in/start").url == "/connectors/"
    lane = Lane.objects.get(direction=Direction.IN)
    assert (lane.stopped_at, lane.paused_at, lane.failures, lane.not_before) == (None, None, 0, None)
    assert client.post("/connectors/nowhere/in/stop").status_code == 404
    assert client.get("/connectors/desk_of_old/in/stop").status_code == 405
    assert sign_in("rob", "reviewer").post("/connectors/desk_of_old/in/stop").status_code == 403


def test_letters_are_listed_by_kind_with_what_can_be_done(letters, sign_in):
    client = sign_in()
    shown = text_of(client.get("/connectors/desk_of_old"))
    for words in ("could not be delivered", "changed there meanwhile", "possibly sent", "could not come in"):
        assert words in shown
    assert "<b>status" not in shown
    assert "&lt;b&gt;status 400" in shown
    only = text_of(client.get("/connectors/desk_of_old?kind=conflict"))
    assert "Overwrite it" in only
    assert "It has arrived" not in only
    assert client.get("/connectors/desk_of_old?kind=other").status_code == 422
    part = client.get("/connectors/desk_of_old", headers={"HX-Request": "true", "HX-Target": "connector"})
    assert text_of(part).lstrip().startswith('<section id="connector"')


DEEDS = [
    ("replay", "dead", "waiting", False),
    ("overwrite", "conflict", "waiting", True),
    ("replay", "conflict", "waiting", False),
    ("arrived", "unsure", "delivered", False),
    ("not-arrived", "unsure", "waiting", False),
    ("replay", "unsure", "unsure", False),
    ("drop", "dead", "dropped", False),
    ("overwrite", "dead", "dead", False),
]


@pytest.mark.parametrize(("verb", "kind", "becomes", "overwrite"), DEEDS)
def test_one_letter_is_settled_by_its_own_button(verb, kind, becomes, overwrite, letters, sign_in):
    row = letters[kind]
    answer = sign_in().post(f"/connectors/desk_of_old/letters/{verb}", {"one": f"d:{row.pk}", "kind": kind})
    assert answer.url == f"/connectors/desk_of_old?kind={kind}"
    row.refresh_from_db()
    assert (row.state, row.overwrite) == (becomes, overwrite)
    assert Delivery.objects.exclude(pk=row.pk).filter(state__in=("dead", "conflict", "unsure")).count() == 2


@pytest.mark.parametrize("everything", [True, False])
def test_what_was_possibly_sent_is_left_out_where_several_are_tried_again(everything, letters, sign_in):
    client = sign_in()
    letters["refused"].delete()
    shown = text_of(client.get("/connectors/desk_of_old"))
    assert "Try all 2 again" in shown
    assert "1 was possibly sent" in shown
    assert "Try all" not in text_of(client.get("/connectors/desk_of_old?kind=unsure"))
    ticked = {"letter": [f"d:{letters[kind].pk}" for kind in ("dead", "conflict", "unsure")]}
    client.post("/connectors/desk_of_old/letters/replay", {"all": "1"} if everything else ticked)
    states = {kind: Delivery.objects.get(pk=letters[kind].pk).state for kind in ("dead", "conflict", "unsure")}
    assert states == {"dead": "waiting", "conflict": "waiting", "unsure": "unsure"}
    told = text_of(client.get("/connectors/desk_of_old"))
    assert "2 deliveries will be sent again; 1 delivery left, possibly sent: look there" in told


def test_what_waits_for_a_connector_without_a_file_is_shown_and_dropped_together(letters, sign_in):
    Delivery.objects.update(connector="desk_of_yore")
    Delivery.objects.filter(state="dead").update(state="waiting")
    letters["refused"].delete()
    client = sign_in()
    assert "3 need a person" in text_of(client.get("/connectors/"))
    shown = text_of(client.get("/connectors/desk_of_yore"))
    for words in ("Its file is gone", "waits to be sent", "Drop all 3", "It has arrived"):
        assert words in shown
    for words in ("Try all", "Try again", "send again", "Overwrite it"):
        assert words not in shown
    address = client.post("/connectors/desk_of_yore/letters/drop", {"all": "1"}).url
    assert address == "/connectors/"  # of the connector itself there is nothing left to show
    assert "3 deliveries dropped" in text_of(client.get(address, follow=True))
    assert set(Delivery.objects.values_list("state", flat=True)) == {"dropped"}
    assert client.get("/connectors/desk_of_old").status_code == 200


def test_what_is_ticked_is_settled_together_and_what_somebody_settled_holds_up_nothing(letters, sign_in):
    client = sign_in()
    ticked = [f"d:{letters['dead'].pk}", f"d:{letters['conflict'].pk}", f"r:{letters['refused'].pk}"]
    Delivery.objects.filter(pk=letters["conflict"].pk).update(state=DeliveryState.DROPPED)
    client.post("/connectors/desk_of_old/letters/drop", {"letter": ticked})
    told = text_of(client.get("/connectors/desk_of_old"))
    assert "1 delivery dropped; 1 delivery left as it is; 1 record dropped." in told
    assert not Refusal.objects.exists()
    client.post("/connectors/desk_of_old/letters/drop", {})
    assert "Nothing was ticked" in text_of(client.get("/connectors/desk_of_old"))
    assert client.post("/connectors/desk_of_old/letters/drop", {"letter": "x:1"}).status_code == 422


def test_letters_of_a_closed_use_case_are_not_shown_and_not_settled(letters, sign_in, workspace_folder):
    file = workspace_folder / "usecases" / "note_reply.toml"
    file.write_text(file.read_text() + '\n[review]\ngroup = "board"\n', encoding="utf-8")
    client = sign_in()
    assert "note-1" not in text_of(client.get("/connectors/desk_of_old"))
    client.post("/connectors/desk_of_old/letters/drop", {"one": f"d:{letters['dead'].pk}"})
    letters["dead"].refresh_from_db()
    assert letters["dead"].state == DeliveryState.DEAD


def test_the_addresses_are_those_that_people_may_keep():
    assert reverse("connectors:connectors") == "/connectors/"
    assert reverse("connectors:tables") == TABLES
