"""Shortcuts: stored for each person, refused where two would collide."""

import json

import pytest
from django.urls import reverse

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.desk.actions import save_shortcuts
from graftwork.apps.desk.models import DeskPreferences
from graftwork.apps.desk.queries import shortcuts_of
from graftwork.apps.desk.shortcuts import DEFAULT_KEYS, from_stored
from graftwork.core.errors import RequestInvalid

pytestmark = pytest.mark.django_db
URL = "/desk/preferences"


def keys(**changed):
    return {**DEFAULT_KEYS, **changed}


def test_defaults_hold_until_somebody_chooses(sign_in):
    rita = sign_in()
    assert shortcuts_of(actor_for_user(rita.user)) == from_stored({}, enabled=True)
    assert 'value="s"' in rita.get(URL).content.decode()


def test_a_choice_is_stored_for_this_person_only_and_audited(sign_in):
    rita, tom = sign_in("rita"), sign_in("tom")
    assert rita.post(URL, {**keys(send="a"), "enabled": "1"}).status_code == 302
    assert shortcuts_of(actor_for_user(rita.user)).keys["send"] == "a"
    assert shortcuts_of(actor_for_user(tom.user)).keys["send"] == "s"
    assert AuditEntry.objects.filter(action="shortcuts.saved", subject=f"user:{rita.user.pk}").count() == 1


def test_switched_off_means_that_the_page_gets_no_keys(sign_in):
    rita = sign_in()
    rita.post(URL, keys())
    chosen = shortcuts_of(actor_for_user(rita.user))
    assert not chosen.enabled
    assert json.loads(chosen.as_json()) == {}
    assert 'data-keys="{}"' in rita.get(reverse("desk:queue")).content.decode()


@pytest.mark.parametrize("bad", ["", " ", "ab", "\t", "r"])
def test_a_key_that_is_none_or_taken_is_refused_with_a_reason(sign_in, bad):
    rita = sign_in()
    answer = rita.post(URL, {**keys(send=bad), "enabled": "1"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not DeskPreferences.objects.exists()
    with pytest.raises(RequestInvalid):
        save_shortcuts(actor_for_user(rita.user), keys(send=bad), rita.user.date_joined, enabled=True)


def test_the_defaults_come_back_with_one_button(sign_in):
    rita = sign_in()
    rita.post(URL, keys(send="a"))
    rita.post(URL, {**keys(send="a"), "reset": "1"})
    assert shortcuts_of(actor_for_user(rita.user)) == from_stored({}, enabled=True)


def test_shortcuts_of_an_older_version_are_completed():
    assert from_stored({"gone": "q", "send": "a"}, enabled=True).keys == keys(send="a")
