"""Training: modules, who completed them, and who may not review before that."""

from datetime import timedelta

import pytest

from graftwork.apps.actors import operator
from graftwork.apps.adoption.actions import require
from graftwork.apps.adoption.actions.inviting import invite
from graftwork.apps.adoption.actions.training import ModuleText, complete, save_module, set_retired
from graftwork.apps.adoption.models import Completion, Requirement
from graftwork.apps.adoption.pulses import waiting_for
from graftwork.apps.adoption.queries import adoption
from graftwork.apps.adoption.reading import markdown_as_html
from graftwork.apps.adoption.training import hindrance, hindrances
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.work.actions import reviewing
from graftwork.core.errors import NotAllowed, NotFound, NotYetAllowed, RequestInvalid

pytestmark = pytest.mark.django_db
NAME = "note_reply"


@pytest.fixture
def owner(actor, note_reply):
    return actor("olga", "owner")


@pytest.fixture
def module(owner, now):
    def make(code="first_steps", **fields):
        written = {"title": f"About {code}", "text": "Read this.", "hours": 1.5, **fields}
        return save_module(owner, code, ModuleText(**written), now, new=True)

    return make


@pytest.mark.parametrize(
    ("code", "fields", "field"),
    [
        ("First", {}, "code"),
        ("a-b", {}, "code"),
        ("ok", {"title": "  "}, "title"),
        ("ok", {"title": "x" * 201}, "title"),
        ("ok", {"text": "  "}, "text"),
        ("ok", {"text": "x" * 50_001}, "text"),
        ("ok", {"url": "javascript:alert(1)"}, "url"),
        ("ok", {"url": "https://"}, "url"),
        ("ok", {"url": "http://[bad"}, "url"),
        ("ok", {"hours": -1}, "hours"),
        ("ok", {"hours": float("nan")}, "hours"),
        ("ok", {"hours": 1_001}, "hours"),
    ],
)
def test_a_module_that_cannot_be_is_refused(module, code, fields, field):
    with pytest.raises(RequestInvalid) as refused:
        module(code, **fields)
    assert refused.value.field == field


def test_a_module_is_written_changed_and_not_written_twice(owner, module, now):
    module(url="https://example.com/course", text="")
    with pytest.raises(RequestInvalid, match="already"):
        module()
    changed = save_module(owner, "first_steps", ModuleText("New title", "New text"), now, new=False)
    assert (changed.title, changed.url) == ("New title", "")
    with pytest.raises(NotFound):
        save_module(owner, "other", ModuleText("T", "t"), now, new=False)


def test_only_those_who_lead_write_modules(actor, note_reply, now):
    for role in ("reviewer", "compliance", "editor"):
        with pytest.raises(NotAllowed):
            save_module(actor(f"x{role}", role), "x", ModuleText("T", "t"), now, new=True)


def test_completing_notes_the_hours_planned_ones_where_none_are_told(actor, module, now):
    module()
    rita = actor("rita", "reviewer")
    assert complete(rita, "first_steps", None, now).hours == 1.5
    complete(rita, "first_steps", 2.0, now + timedelta(days=1))
    completion = Completion.objects.get()
    assert (completion.hours, completion.completed_at) == (2.0, now)
    assert complete(actor("theo", "reviewer"), "first_steps", 0.0, now).hours == 0.0


def test_nobody_completes_what_is_not_there_or_for_a_program(actor, module, owner, now):
    with pytest.raises(NotFound):
        complete(actor("rita", "reviewer"), "first_steps", None, now)
    module()
    with pytest.raises(NotAllowed):
        complete(operator(), "first_steps", None, now)
    with pytest.raises(RequestInvalid):
        complete(actor("rita", "reviewer"), "first_steps", -1, now)
    set_retired(owner, "first_steps", now, retired=True)
    with pytest.raises(NotFound):
        complete(actor("rita", "reviewer"), "first_steps", None, now)


def test_required_training_keeps_people_from_reviewing_until_it_is_completed(actor, module, now):
    rita = actor("rita", "reviewer")
    module(), module("privacy")
    assert hindrance(rita, NAME) == ""
    require(NAME, ["first_steps", "privacy"], now)
    assert hindrance(rita, NAME) == (
        "before you review here, complete the training “About first_steps” and “About privacy”"
    )
    assert hindrance(rita, "other_reply") == ""
    complete(rita, "first_steps", None, now)
    assert hindrance(rita, NAME) == "before you review here, complete the training “About privacy”"
    complete(rita, "privacy", None, now)
    assert hindrance(rita, NAME) == ""
    assert hindrance(actor("theo", "reviewer"), NAME) != ""


def test_many_use_cases_are_asked_about_at_once(actor, module, now, django_assert_num_queries):
    rita = actor("rita", "reviewer")
    module()
    require(NAME, ["first_steps"], now)
    require("other_reply", ["first_steps"], now)
    with django_assert_num_queries(1):
        assert hindrances(rita, [NAME, "free_reply"]).keys() == {NAME}


def test_a_hindered_person_gets_no_item_and_decides_on_none(actor, module, make_items, now):
    [item] = make_items(1)
    rita = actor("rita", "reviewer")
    module()
    require(NAME, ["first_steps"], now)
    assert reviewing.claim_next(rita, now) is None
    with pytest.raises(NotYetAllowed, match="complete the training"):
        reviewing.claim(rita, item.pk, now)
    complete(rita, "first_steps", None, now)
    assert reviewing.claim_next(rita, now) == item


def test_there_is_training_in_the_menu_once_there_is_a_module(actor, module, owner, now):
    rita = actor("rita", "reviewer")
    assert waiting_for(rita.user_id, now) == {"training": False, "survey": False}
    module()
    assert waiting_for(rita.user_id, now)["training"]
    set_retired(owner, "first_steps", now, retired=True)
    assert not waiting_for(rita.user_id, now)["training"]


def test_programs_and_the_command_line_are_not_hindered(module, now):
    module()
    require(NAME, ["first_steps"], now)
    assert hindrance(operator(), NAME) == ""


def test_what_is_required_is_set_as_a_whole_and_taken_off_again(module, now):
    module(), module("privacy")
    require(NAME, ["first_steps"], now)
    require(NAME, ["privacy"], now)
    require("other_reply", ["privacy"], now)
    assert list(Requirement.objects.filter(use_case=NAME).values_list("module__code", flat=True)) == ["privacy"]
    require(NAME, [], now)
    assert list(Requirement.objects.values_list("use_case", flat=True)) == ["other_reply"]


def test_a_module_that_is_not_there_is_not_required(module, owner, now):
    module()
    with pytest.raises(RequestInvalid, match=r"first_stepps.*did you mean.*first_steps"):
        require(NAME, ["first_stepps"], now)
    set_retired(owner, "first_steps", now, retired=True)
    with pytest.raises(RequestInvalid):
        require(NAME, ["first_steps"], now)


def test_a_required_module_is_not_retired(module, owner, now):
    module()
    require(NAME, ["first_steps"], now)
    with pytest.raises(RequestInvalid, match=NAME):
        set_retired(owner, "first_steps", now, retired=True)
    require(NAME, [], now)
    assert set_retired(owner, "first_steps", now, retired=True).retired_at == now
    assert set_retired(owner, "first_steps", now, retired=False).retired_at is None


def test_completion_is_counted_among_those_invited(actor, module, owner, now):
    module()
    require(NAME, ["first_steps"], now)
    rita, theo, _ = actor("rita", "reviewer"), actor("theo", "reviewer"), actor("ute", "reviewer")
    invite(owner, NAME, ["rita", "ute"], now)
    complete(rita, "first_steps", 2.5, now)
    complete(theo, "first_steps", None, now)
    [figure] = adoption(NAME, now).modules
    assert (figure.completed.count, figure.completed.of, figure.hours) == (1, 2, 2.5)
    assert adoption(NAME, now).training_hours == 2.5


def test_a_completion_is_in_the_audit_record(actor, module, now):
    module()
    rita = actor("rita", "reviewer")
    complete(rita, "first_steps", None, now)
    assert AuditEntry.objects.get(action="training.completed").actor == rita.name


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Begin\n\n*now*", "<h3>Begin</h3>\n<p><em>now</em></p>\n"),
        ("###### deep", "<h6>deep</h6>\n"),
        ("<script>alert(1)</script>", "&lt;script&gt;"),
        ("a <b onclick=x>b</b>", "&lt;b onclick=x&gt;"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("[x](JAVA&#115;CRIPT:alert(1))", "<p>[x]("),
        ("[x](data:text/html,hi)", "<p>[x]("),
        ("[x](https://example.com)", '<a href="https://example.com" rel="noopener noreferrer">x</a>'),
        ("![x](https://example.com/p.png)", '!<a href="https://example.com/p.png"'),
        ("|a|\n|-:|\n|1|", '<th scope="col" class="is-right">a</th>'),
    ],
)
def test_markdown_is_shown_without_script_style_or_picture(text, html):
    found = markdown_as_html(text)
    assert html in found
    assert "<img" not in found
    assert "style=" not in found


def test_a_text_of_many_nested_quotes_is_no_trap():
    assert markdown_as_html(">" * 10_000 + "x")
