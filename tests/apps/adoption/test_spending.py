"""What was spent on a pilot, by a form and from a table."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from graftwork.apps.adoption import hooks
from graftwork.apps.adoption.actions.spending import Spent, add_spend, remove_spend
from graftwork.apps.adoption.models import Spend
from graftwork.apps.adoption.queries import spend
from graftwork.apps.audit.models import AuditEntry
from graftwork.core.errors import NotAllowed, NotFound, RequestInvalid

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def one_pilot(monkeypatch, note_reply):
    """Only `notes` is there, and only for people who are not called eve."""

    def find(actor, name):
        if name != "notes":
            raise NotFound("pilot", name)
        return hooks.PilotBrief("notes", "Notes <1>", "note_reply", "EUR", {"training": 500.0, "build": 9_000.0})

    monkeypatch.setattr(hooks, "_find", [find])


@pytest.fixture
def owner(actor):
    return actor("olga", "owner")


def test_amounts_add_up_by_kind(owner, now):
    add_spend(owner, "notes", [Spent("training", 120.5, DAY), Spent("training", 30, DAY)], now)
    add_spend(owner, "notes", [Spent("licences", 99, DAY, "seats")], now)
    assert spend("notes") == {"licences": 99.0, "training": 150.5}
    assert spend("other") == {}


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (Spent("lunch", 1, DAY), "kind"),
        (Spent("build", 0, DAY), "amount"),
        (Spent("build", -5, DAY), "amount"),
        (Spent("build", float("nan"), DAY), "amount"),
        (Spent("build", float("inf"), DAY), "amount"),
        (Spent("build", 1, date(2026, 11, 24)), "spent_on"),
        (Spent("build", 1, date(1999, 1, 1)), "spent_on"),
        (Spent("build", 1, DAY, "x" * 201), "note"),
    ],
)
def test_an_amount_that_cannot_be_is_refused_with_all_others(owner, now, row, field):
    with pytest.raises(RequestInvalid, match="row 2") as refused:
        add_spend(owner, "notes", [Spent("build", 1, DAY), row], now)
    assert refused.value.field == field
    assert Spend.objects.count() == 0


def test_a_wrong_amount_is_taken_out_and_both_leave_a_trace(owner, now):
    add_spend(owner, "notes", [Spent("build", 7, DAY)], now)
    remove_spend(owner, "notes", Spend.objects.get().pk, now)
    assert spend("notes") == {}
    actions = list(AuditEntry.objects.filter(action__startswith="spend").values_list("action", flat=True))
    assert actions == ["spend.added", "spend.removed"]


def test_only_those_who_lead_note_amounts_and_only_of_pilots_there_are(owner, actor, now):
    for role in ("reviewer", "compliance"):
        with pytest.raises(NotAllowed):
            add_spend(actor(f"x{role}", role), "notes", [Spent("build", 1, DAY)], now)
    with pytest.raises(NotFound):
        add_spend(owner, "nothing", [Spent("build", 1, DAY)], now)
    add_spend(owner, "notes", [Spent("build", 1, DAY)], now)
    with pytest.raises(NotFound):
        remove_spend(owner, "notes", Spend.objects.get().pk + 1, now)
    with pytest.raises(NotAllowed):
        remove_spend(actor("xreviewer"), "notes", Spend.objects.get().pk, now)


def post(client, **data):
    return client.post(reverse("adoption:spend", args=["notes"]), data)


def test_the_form_takes_an_amount_with_a_comma(client_of):
    client = client_of()
    assert post(client, kind="training", amount="12,5", spent_on="2026-11-20", note="room").status_code == 302
    page = client.get(reverse("adoption:spend", args=["notes"])).content.decode()
    assert "Notes &lt;1&gt;" in page
    assert "EUR 12.50" in page
    assert "EUR 500<" in page


@pytest.mark.parametrize("amount", ["", "twelve", "1e999", "-3", "1,000", "12,345,678"])
def test_the_form_says_what_is_wrong_and_keeps_what_was_typed(client_of, amount):
    answer = post(client_of(), kind="build", amount=amount, spent_on="2026-11-20", note="kept")
    assert answer.status_code == 422
    assert 'value="kept"' in answer.content.decode()
    assert Spend.objects.count() == 0


def table(client, content):
    return post(client, **{"import": "1", "table": SimpleUploadedFile("spend.csv", content)})


def test_a_table_is_imported_whole(client_of, now):
    rows = b'\xef\xbb\xbfspent_on;kind;amount;note\r\n2026-11-01;build;1000,50;"a;b"\r\n2026-11-02;training;20;\r\n'
    assert table(client_of(), rows).status_code == 302
    assert spend("notes") == {"build": 1000.5, "training": 20.0}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"kind,amount\nbuild,1\n", "no column spent_on"),
        (b"spent_on,kind,amount\n2026-11-01,build,1\n2026-11-01,build,x\n", "Row 2: amount must be a number"),
        (b"spent_on;kind;amount\n2026-11-01;build;1,000\n", "a thousand or a decimal, it cannot be told"),
        (b"spent_on,kind,amount\n2026-13-01,build,1\n", "Row 1: spent_on must be a day"),
        (b"spent_on,kind,amount\n2026-11-01,lunch,1\n2026-11-01,build,1\n", "Row 1: must be one of"),
        (b"spent_on,kind,amount\n", "must be 1 to"),
        (b"\xff\xfe\x00", "no CSV in UTF-8"),
        (b"", "choose a CSV"),
    ],
)
def test_a_table_that_is_wrong_is_refused_whole(client_of, content, says):
    answer = table(client_of(), content)
    assert answer.status_code == 422
    assert says.lower() in answer.content.decode().lower()
    assert Spend.objects.count() == 0


def test_a_reader_sees_amounts_and_no_form(client_of, owner, now):
    add_spend(owner, "notes", [Spent("build", 9_001, DAY - timedelta(days=1))], now)
    page = client_of("cleo", "compliance").get(reverse("adoption:spend", args=["notes"])).content.decode()
    assert "over budget" in page
    assert "<form" not in page.partition("<main")[2]
    assert client_of("rita", "reviewer").get(reverse("adoption:spend", args=["notes"])).status_code == 403


def test_what_is_spent_on_a_simulated_pilot_says_that_nothing_of_it_is_real(client_of, monkeypatch):
    real = hooks.pilot_brief(None, "notes")
    address = reverse("adoption:spend", args=["notes"])
    page = client_of().get(address).content.decode()
    assert "Simulated." not in page
    made_up = replace(real, simulated=True, url="/pilots/notes")
    monkeypatch.setattr(hooks, "_find", [lambda actor, name: made_up])
    page = client_of().get(address).content.decode()
    assert "<strong>Simulated.</strong>" in page
    assert '<a href="/pilots/notes">← Notes &lt;1&gt;</a>' in page
