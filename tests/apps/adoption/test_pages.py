"""The pages: who opens which, and what they do."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from graftwork.apps.adoption.actions import require
from graftwork.apps.adoption.actions.feedback import give
from graftwork.apps.adoption.actions.inviting import invite
from graftwork.apps.adoption.actions.surveying import open_survey
from graftwork.apps.adoption.actions.training import ModuleText, save_module
from graftwork.apps.adoption.models import Completion, Feedback, Invitation, Module, Survey, SurveyTurn
from graftwork.apps.adoption.queries import adoption
from graftwork.core.adoption import STATEMENTS

pytestmark = pytest.mark.django_db
NAME = "note_reply"


@pytest.fixture
def owner(actor, note_reply):
    return actor("olga", "owner")


def text_of(answer):
    return answer.content.decode()


@pytest.mark.parametrize(
    ("name", "args", "roles"),
    [
        ("overview", [], {"owner", "ops", "compliance", "admin"}),
        ("usecase", [NAME], {"owner", "ops", "compliance", "admin"}),
        ("feedback-list", [NAME], {"owner", "ops", "admin"}),
        ("modules", [], {"owner", "ops", "admin"}),
        ("new-module", [], {"owner", "ops", "admin"}),
        ("training", [], {"owner", "ops", "compliance", "admin", "reviewer", "editor"}),
        ("surveys", [], {"owner", "ops", "compliance", "admin", "reviewer", "editor"}),
    ],
)
def test_pages_open_to_those_they_are_for(client_of, note_reply, name, args, roles):
    for role in ("owner", "ops", "compliance", "admin", "reviewer", "editor"):
        answer = client_of(f"p{role}", role).get(reverse(f"adoption:{name}", args=args))
        assert (answer.status_code == 200) is (role in roles), role
        assert role not in roles or answer.headers["Cache-Control"] == "no-store, private"


def test_signed_out_people_are_asked_to_sign_in(client, note_reply):
    for name, args in [("overview", []), ("training", []), ("surveys", []), ("usecase", [NAME])]:
        answer = client.get(reverse(f"adoption:{name}", args=args))
        assert answer.status_code == 302
        assert "/sign-in" in answer.headers["Location"]


def test_what_is_not_there_is_not_found(client_of):
    client = client_of()
    for name, args in [("usecase", ["nothing"]), ("module", ["nothing"]), ("survey", [99]), ("spend", ["nothing"])]:
        assert client.get(reverse(f"adoption:{name}", args=args)).status_code == 404
    assert client.post(reverse("adoption:person", args=[NAME, 99]), {"withdraw": "1"}).status_code == 404


def test_people_are_invited_by_name_or_all_at_once(client_of, make_user, note_reply):
    for name in ("rita", "theo", "ute"):
        make_user(name)
    client, url = client_of(), reverse("adoption:invite", args=[NAME])
    assert client.post(url, {"people": "rita, theo\n", "works_since": "2024-02-01"}).status_code == 302
    assert Invitation.objects.filter(works_since="2024-02-01").count() == 2
    assert client.post(url, {"all": "1"}).status_code == 302
    assert Invitation.objects.count() == 3
    page = text_of(client.get(reverse("adoption:usecase", args=[NAME])))
    assert "3 people invited" in page
    assert "0 %, 0 to 56 %" in page  # Wilson (1927), 0 of 3


def test_a_name_that_is_not_there_is_told_and_what_was_typed_stays(client_of, make_user, note_reply):
    make_user("rita")
    answer = client_of().post(reverse("adoption:invite", args=[NAME]), {"people": "rita\nnobody<b>"})
    assert answer.status_code == 422
    assert "nobody&lt;b&gt;" in text_of(answer)
    assert Invitation.objects.count() == 0


def test_a_reader_sees_figures_and_neither_names_nor_forms(client_of, owner, make_user, now):
    make_user("rita")
    invite(owner, NAME, ["rita"], now)
    page = text_of(client_of("cleo", "compliance").get(reverse("adoption:usecase", args=[NAME])))
    assert "rita" not in page
    assert "<form" not in page.partition("<main")[2]


def test_an_invitation_is_mended_and_taken_back_on_the_page(client_of, owner, make_user, now):
    user = make_user("rita")
    invite(owner, NAME, ["rita"], now)
    client, url = client_of(), reverse("adoption:person", args=[NAME, user.pk])
    assert client.post(url, {"works_since": "2025-01-31"}).status_code == 302
    assert client.post(url, {"works_since": "31.1.2025"}).status_code == 422
    assert str(Invitation.objects.get().works_since) == "2025-01-31"
    client.post(url, {"withdraw": "1"})
    assert Invitation.objects.count() == 0


def test_a_module_is_written_on_the_page_and_shown_to_everybody(client_of):
    client = client_of()
    fields = {"code": "first_steps", "title": "First steps", "text": "# Begin\n<script>x</script>", "hours": "1,5"}
    assert client.post(reverse("adoption:new-module"), fields).status_code == 302
    page = text_of(client_of("rita", "reviewer").get(reverse("adoption:training")))
    assert "<h3>Begin</h3>" in page
    assert "<script>x" not in page
    assert "about 1.5 h" in page
    changed = client.post(reverse("adoption:module", args=["first_steps"]), {**fields, "title": "Steps"})
    assert changed.status_code == 302
    assert Module.objects.get().title == "Steps"
    assert client.post(reverse("adoption:new-module"), fields).status_code == 422
    assert client_of("rita").post(reverse("adoption:new-module"), fields).status_code == 403


def test_a_person_completes_a_module(client_of, owner, now):
    save_module(owner, "first_steps", ModuleText("First steps", "Read.", hours=2), now, new=True)
    client, url = client_of("rita", "reviewer"), reverse("adoption:complete", args=["first_steps"])
    assert client.post(url, {"hours": "lots"}).status_code == 422
    assert Completion.objects.count() == 0
    assert client.post(url, {"hours": ""}).status_code == 302
    assert Completion.objects.get().hours == 2
    assert "completed 22 Nov 2026" in text_of(client.get(reverse("adoption:training")))


def test_what_is_needed_stands_first_and_says_for_what(client_of, owner, now):
    save_module(owner, "a_first", ModuleText("A first", "Read."), now, new=True)
    save_module(owner, "needed", ModuleText("Needed", "Read."), now, new=True)
    require(NAME, ["needed"], now)
    page = text_of(client_of("rita", "reviewer").get(reverse("adoption:training")))
    assert page.index("Needed") < page.index("A first")
    assert "needed before you review" in page
    assert "for Reply to a note" in page
    page = text_of(client_of("ed", "editor").get(reverse("adoption:training")))
    assert "needed before you review" not in page


def test_a_required_module_stays_in_use(client_of, owner, now):
    save_module(owner, "needed", ModuleText("Needed", "Read."), now, new=True)
    require(NAME, ["needed"], now)
    client = client_of()
    answer = client.post(reverse("adoption:retire", args=["needed"]), follow=True)
    assert "is asked for by the pilot" in text_of(answer)
    require(NAME, [], now)
    client.post(reverse("adoption:retire", args=["needed"]))
    assert Module.objects.get().retired_at == now


def test_a_survey_is_opened_answered_and_closed_on_the_pages(client_of, owner, make_user, now):
    names = ["rita", *(f"theo{number}" for number in range(5))]
    for name in names:
        make_user(name)
    invite(owner, NAME, names, now)
    leader, rita = client_of(), client_of("rita", "reviewer")
    assert leader.post(reverse("adoption:open-survey", args=[NAME]), {"days": "x"}).status_code == 422
    assert leader.post(reverse("adoption:open-survey", args=[NAME]), {"days": "7"}).status_code == 302
    survey = Survey.objects.get()
    url = reverse("adoption:survey", args=[survey.pk])
    assert "open until" in text_of(rita.get(reverse("adoption:surveys")))
    page = text_of(rita.get(url))
    assert all(one.text in page for one in STATEMENTS)
    half = {"awareness": "4", "desire": "2"}
    refused = rita.post(url, half)
    assert refused.status_code == 422
    assert 'name="desire" value="2" required checked' in text_of(refused)
    assert SurveyTurn.objects.count() == 0
    assert rita.post(url, {one.code: "4" for one in STATEMENTS}).status_code == 302
    assert "You have answered" in text_of(rita.get(url))
    assert rita.post(url, {one.code: "4" for one in STATEMENTS}).status_code == 422
    assert leader.post(url, {one.code: "4" for one in STATEMENTS}).status_code == 404
    assert leader.post(reverse("adoption:close-survey", args=[survey.pk])).status_code == 302
    assert "it takes more than five" in text_of(leader.get(reverse("adoption:usecase", args=[NAME])))


def test_feedback_comes_from_the_desk_and_goes_back_there(client_of, make_items):
    [item] = make_items(1)
    rita, url = client_of("rita", "reviewer"), reverse("adoption:feedback", args=[item.pk])
    answer = rita.post(url, {"text": "Too long."})
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("desk:item", args=[item.pk])
    script = {"HX-Request": "true"}
    assert rita.post(url, {"text": "Too long.", "nameless": "1"}, headers=script).status_code == 204
    assert rita.post(url, {"text": " "}, headers=script).status_code == 422
    assert rita.post(url, {"text": "\x00"}, headers=script).status_code == 422
    assert sorted(Feedback.objects.values_list("user__username", flat=True), key=str) == [None, "rita"]


def test_the_box_stands_on_the_page_of_an_item(client_of, make_items):
    [item] = make_items(1)
    page = text_of(client_of("rita", "reviewer").get(reverse("desk:item", args=[item.pk])))
    assert f'action="{reverse("adoption:feedback", args=[item.pk])}"' in page


def test_feedback_is_read_escaped_and_marked(client_of, make_items, actor, now):
    [item] = make_items(1)
    row = give(actor("rita", "reviewer"), item.pk, "<b>bold</b>", now, named=True)
    client = client_of()
    page = text_of(client.get(reverse("adoption:feedback-list", args=[NAME]), {"show": "unseen", "skip": "x"}))
    assert "&lt;b&gt;bold" in page
    assert reverse("desk:item", args=[item.pk]) in page
    assert client.post(reverse("adoption:seen", args=[row.pk])).status_code == 302
    assert "Nothing new" in text_of(client.get(reverse("adoption:feedback-list", args=[NAME]), {"show": "unseen"}))
    assert client_of("rita").post(reverse("adoption:seen", args=[row.pk])).status_code == 403


def test_the_part_for_the_page_of_a_pilot_tells_everything_or_that_nothing_is_known(owner, make_user, now):
    empty = render_to_string("adoption/_for_pilot.html", {"adoption": adoption(NAME, now, pilot_name="notes")})
    assert "Nobody is invited yet" in empty
    assert "Too few people" in empty
    names = [f"rita{number}" for number in range(6)]
    for name in names:
        make_user(name)
    invite(owner, NAME, names, now)
    open_survey(owner, NAME, 7, now)
    told = render_to_string("adoption/_for_pilot.html", {"adoption": adoption(NAME, now + timedelta(days=1))})
    assert "6 people invited" in told
    assert "0 of 6 have answered so far" in told


@pytest.mark.parametrize(("unused", "shown"), [(29, False), (30, True)])
def test_a_pause_is_suggested_from_the_charters_number_on(unused, shown):
    told = render_to_string("adoption/_suggestion.html", {"unused": unused, "limit": 30})
    assert ("went unused" in told) is shown


def test_no_get_changes_anything(client_of, owner):
    client = client_of()
    for name, args in [("invite", [NAME]), ("person", [NAME, 1]), ("open-survey", [NAME]), ("complete", ["x"]),
                       ("retire", ["x"]), ("close-survey", [1]), ("remove-spend", ["x", 1])]:  # fmt: skip
        assert client.get(reverse(f"adoption:{name}", args=args)).status_code == 405
