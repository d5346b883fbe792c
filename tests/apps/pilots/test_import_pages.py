"""Files with times of before and with outcomes, uploaded on the page of a pilot."""

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from graftwork.apps.pilots.models import BaselineTime, Pilot
from graftwork.apps.work.models import Outcome
from support.pilots import enrol, make_pilot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("note_reply")]
PILOT = "/pilots/note_pilot"


@pytest.fixture
def owner(make_user):
    client = Client()
    client.force_login(make_user("olga", "owner"))
    return client


def upload(client, verb, text, **more):
    file = SimpleUploadedFile("mine.csv", text.encode(), "text/csv")
    response = client.post(f"{PILOT}/{verb}", {"file": file, **more}, follow=True)
    return response.status_code, html.unescape(re.sub(r"\s+", " ", response.content.decode()))


def test_a_draft_takes_times_of_before_and_shows_the_digest(owner):
    make_pilot(started=None)
    shown = html.unescape(owner.get(f"{PILOT}/charter").content.decode())
    assert f'action="{PILOT}/baseline"' in shown
    assert f'action="{PILOT}/outcomes"' not in shown
    status, told = upload(owner, "baseline", "seconds\n100\nsoon\n")
    assert status == 200
    assert "1 times stored of 2 rows" in told
    assert "line 3 has no number" in told
    assert "soon" not in told
    assert Pilot.objects.get().baseline_sha256 in told


def test_a_running_pilot_takes_them_with_a_reason_only(owner):
    make_pilot()
    assert "must say why" in upload(owner, "baseline", "seconds\n100\n")[1]
    assert not BaselineTime.objects.exists()
    told = upload(owner, "baseline", "seconds\n100\n", reason="the old system was down")[1]
    assert "the old system was down" in told
    assert told.count(Pilot.objects.get().baseline_sha256) >= 2


def test_outcomes_are_uploaded_and_a_useless_file_is_told(owner):
    item, _ = enrol(make_pilot())
    text = f"item,kind,value,occurred_at\n{item.external_id},csat,4,2026-11-20\nnobody,csat,4,2026-11-20\n"
    told = upload(owner, "outcomes", text)[1]
    assert "1 outcomes stored of 2 rows" in told
    assert "line 3 names an item that does not take part" in told
    assert Outcome.objects.count() == 1
    assert "names no column" in upload(owner, "outcomes", "a,b\n1,2\n")[1]
    assert "Choose a file" in owner.post(f"{PILOT}/outcomes", {}, follow=True).content.decode()


@pytest.mark.parametrize("role", ["reviewer", "compliance"])
def test_others_upload_nothing(make_user, role):
    make_pilot()
    client = Client()
    client.force_login(make_user("cora", role))
    for verb in ("baseline", "outcomes"):
        assert upload(client, verb, "seconds\n100\n", reason="why")[0] == 403
    assert not BaselineTime.objects.exists()
