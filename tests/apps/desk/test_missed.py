"""How an item passed to its engine, as the reviewer sees it, and reporting what was missed."""

import pytest
from django.urls import reverse

from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.desk.passage import kind_words
from graftwork.apps.work.models import Draft, MissedValue

pytestmark = pytest.mark.django_db

MANAGED = """\
name = "note_reply"
title = "Reply to a note"
[input.fields.text]
[instructions]
system = "Answer."
[engine]
echo = true
zone = "managed"
[privacy]
managed = "masked"
"""


@pytest.fixture
def managed_note(make_items, write_usecase):
    [item] = make_items(1, text="I am Anna Muster, order {n}.")
    write_usecase(MANAGED)
    return item


def page_of(client, item) -> str:
    return client.get(reverse("desk:item", args=[item.pk])).content.decode()


def claimed(client, item) -> str:
    client.post(reverse("desk:open", args=[item.pk]))
    return page_of(client, item)


def report(client, item, script, **fields):
    return client.post(reverse("desk:missed", args=[item.pk]), fields, headers=script)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "nothing left the house \u00b7 echo"),
        ({"zone": "managed"}, "sent as it is \u00b7 answered by echo in zone managed"),
        ({"zone": "managed", "masked": {}}, "nothing to mask was found \u00b7 answered by echo in zone managed"),
        ({"zone": "managed", "masked": {"person": 1}}, "masked 1 value \u00b7 answered by echo in zone managed"),
        (
            {"zone": "managed", "masked": {"person": 4, "mail": 1, "iban": 2}},
            "masked 7 values \u00b7 answered by echo in zone managed",
        ),
    ],
)
def test_a_chip_says_what_was_masked_and_who_answered_where(make_items, sign_in, changes, said):
    [item] = make_items(1)
    Draft.objects.update(**changes)
    assert f"<summary>{said}</summary>" in page_of(sign_in(), item)


def test_the_chip_opens_to_the_counts_by_kind_the_classes_and_the_reason(make_items, sign_in):
    [item] = make_items(1)
    Draft.objects.update(
        zone="managed", masked={"mail": 1, "person": 4, "iban": 2},
        route={"treatment": "masked", "classes": ["finance"], "reason": 'privacy.managed is "masked"'},
    )  # fmt: skip
    page = page_of(sign_in(), item)
    assert "Masked: 4 persons, 2 IBANs, 1 mail address." in page
    assert "data about finance" in page
    assert "privacy.managed is &quot;masked&quot;" in page


@pytest.mark.parametrize(
    ("kind", "number", "words"),
    [("person", 1, "person"), ("person", 2, "persons"), ("date_of_birth", 2, "dates of birth")],
)
def test_kinds_are_called_what_people_call_them(kind, number, words):
    assert kind_words(kind, number) == words


def test_the_form_is_there_where_something_is_masked_and_nowhere_else(managed_note, sign_in, write_usecase):
    rita = sign_in("rita", "reviewer")
    assert 'data-form="missed"' in claimed(rita, managed_note)
    write_usecase()
    assert 'data-form="missed"' not in page_of(rita, managed_note)


def test_a_missed_value_is_stored_sealed_with_an_audit_entry(managed_note, sign_in, script):
    rita = sign_in("rita", "reviewer")
    claimed(rita, managed_note)
    answer = report(rita, managed_note, script, value="Anna  Muster", kind="")
    assert answer.status_code == 204
    missed = MissedValue.objects.get()
    assert (missed.kind, missed.everywhere, missed.reporter) == ("person", False, rita.user)
    assert missed.scope_key_id == managed_note.scope_key_id
    assert b"Anna" not in bytes(missed.value_sealed) + bytes(missed.context_sealed)
    entry = AuditEntry.objects.get(action="privacy.missed")
    assert entry.actor == f"user:{rita.user.pk}"
    assert "Anna" not in entry.detail
    report(rita, managed_note, script, value="Anna Muster", kind="")
    assert MissedValue.objects.count() == 1


def test_a_term_for_everywhere_outlives_its_thread(managed_note, sign_in, script):
    from graftwork.apps.work.missed import terms_version, workspace_terms

    rita = sign_in("rita", "reviewer")
    before = terms_version()
    report(rita, managed_note, script, value="Muster", kind="organisation", everywhere="1")
    assert workspace_terms() == {"Muster": "organisation"}
    assert terms_version() != before
    assert MissedValue.objects.get().scope_key_id != managed_note.scope_key_id


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"value": "Berta"}, "not stand in the item"),
        ({"value": ""}, "not stand in the item"),
        ({"value": "x" * 201}, "over 200 characters"),
        ({"value": "Anna", "kind": "nonsense"}, "no kind of value"),
        ({"value": "Anna", "kind": "literal"}, "no kind of value"),
        ({"value": "am", "everywhere": "1"}, "too few for everywhere"),
    ],
)
def test_a_report_that_cannot_be_taken_is_refused_and_never_quoted(managed_note, sign_in, script, fields, said):
    rita = sign_in("rita", "reviewer")
    answer = report(rita, managed_note, script, **fields)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not MissedValue.objects.exists()


@pytest.mark.parametrize(("roles", "status"), [(["reviewer"], 204), (["compliance"], 403), (["editor"], 404)])
def test_who_may_decide_may_report(managed_note, sign_in, script, roles, status):
    assert report(sign_in("rita", *roles), managed_note, script, value="Anna").status_code == status


def test_reports_are_listed_without_their_values_and_can_be_taken_back(managed_note, sign_in, script, now):
    from graftwork.apps.actors import operator
    from graftwork.apps.work.actions.missed import withdraw_missed
    from graftwork.apps.work.missed import missed_values

    report(sign_in("rita", "reviewer"), managed_note, script, value="Anna Muster")
    [missed] = missed_values(operator())
    assert (missed.kind, missed.shape) == ("person", "Aaaa Aaaaaa")
    assert missed.context.startswith("I am {value}, order")
    withdraw_missed(operator(), missed.id, now)
    assert not MissedValue.objects.exists()
    assert AuditEntry.objects.filter(action="privacy.missed_withdrawn").count() == 1
