"""The pages of the desk: what they show, to whom, and at what price in queries."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.work.actions.reviewing import Verdict, claim, claim_next, decide
from graftwork.apps.work.models import Item, ItemState

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)> & "quoted"'


def item_url(item):
    return reverse("desk:item", args=[item.pk])


def test_the_queue_shows_each_item_with_text_and_state(make_items, sign_in):
    [item] = make_items(1, text="Where is my lamp {n}?")
    page = sign_in().get(reverse("desk:queue")).content.decode()
    assert item.external_id in page
    assert "Where is my lamp 1?" in page
    assert "ready for review" in page


def test_somebody_without_a_role_for_the_use_case_sees_none_of_its_items(make_items, sign_in):
    [item] = make_items(1, text="Where is my lamp {n}?")
    ed = sign_in("ed", "editor")
    page = ed.get(reverse("desk:queue")).content.decode()
    assert "my lamp" not in page
    assert "No use case is open to you" in page
    assert ed.get(item_url(item)).status_code == 404


@pytest.mark.parametrize("count", [25, 1_000])
def test_the_queue_takes_the_same_queries_for_25_and_1000_items(make_items, sign_in, django_assert_num_queries, count):
    make_items(count)
    rita = sign_in()
    rita.get(reverse("desk:queue"))
    # session, user, roles, counts, ids of the page, its rows, preferences, decisions that can be undone;
    # what training is missing, what the menu offers
    with django_assert_num_queries(11):
        assert rita.get(reverse("desk:queue")).status_code == 200


@pytest.mark.parametrize("count", [25, 1_000])
def test_the_item_page_takes_the_same_queries_for_25_and_1000_items(
    make_items, sign_in, django_assert_num_queries, count, now
):
    items = make_items(count)
    rita = sign_in()
    claim(actor_for_user(rita.user), items[7].pk, now)
    # session, user, roles, item, draft, reviews, preferences, decisions that can be undone; who holds it;
    # decided today, left; whether a pilot keeps the draft from them, whether another was planted;
    # what the menu offers
    with django_assert_num_queries(15):
        assert b'id="final-text"' in rita.get(item_url(items[7])).content


def test_hostile_text_is_shown_as_text_everywhere(make_items, sign_in, now):
    [item] = make_items(1, text=HOSTILE, draft=HOSTILE)
    rita = sign_in()
    claim(actor_for_user(rita.user), item.pk, now)
    for url in (reverse("desk:queue"), item_url(item)):
        page = rita.get(url).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    diff = rita.post(reverse("desk:diff", args=[item.pk]), {"final_text": HOSTILE + " <b>x</b>"}).content.decode()
    assert "<b>" not in diff
    assert "&lt;b" in diff


def test_pages_turn_without_gaps_or_repeats_in_both_directions(make_items, sign_in):
    items = make_items(60)
    rita = sign_in()

    def ids(page):
        return [row.item.pk for row in page.rows]

    page = rita.get(reverse("desk:queue")).context["page"]
    assert page.older is None
    forwards = [ids(page)]
    while page.newer:
        page = rita.get(reverse("desk:queue"), {"after": page.newer}).context["page"]
        forwards.append(ids(page))
    assert [pk for found in forwards for pk in found] == [item.pk for item in items]
    backwards = [ids(page)]
    while page.older:
        page = rita.get(reverse("desk:queue"), {"before": page.older}).context["page"]
        backwards.insert(0, ids(page))
    assert [pk for found in backwards for pk in found] == [item.pk for item in items]


def test_filters_narrow_the_queue(make_items, sign_in, now):
    ready, held, decided = make_items(3)
    [waiting] = make_items(1, drafted=False)
    rita = sign_in()
    actor = actor_for_user(rita.user)
    claim(actor, held.pk, now)
    claim(actor, decided.pk, now)
    decide(actor, decided.pk, Verdict("approve", "Yes."), now)

    def found(**wanted):
        return [row.item for row in rita.get(reverse("desk:queue"), wanted).context["page"].rows]

    assert found() == [ready, held, waiting]
    assert found(state="decided") == [decided]
    assert found(state="waiting") == [waiting]
    assert found(mine="1") == [held]
    assert found(id=decided.external_id) == [decided]
    assert found(id="note") == [ready, held, decided, waiting]
    assert found(id="ote") == []
    assert found(use_case="support_reply") == []
    assert len(found(use_case="note_reply")) == 3


def test_counts_are_shown_for_every_state(make_items, sign_in):
    make_items(2)
    make_items(3, drafted=False)
    states = sign_in().get(reverse("desk:queue")).context["states"]
    counts = {link["label"]: link["number"] for link in states}
    assert counts["open"] == 5
    assert counts["ready for review"] == 2
    assert counts["waiting for a draft"] == 3
    assert counts["decided"] == 0


@pytest.mark.parametrize(
    "bad", [{"state": "gone"}, {"after": "first"}, {"id": "a\x00b"}, {"id": "x" * 201}, {"use_case": "\ud800"}]
)
def test_a_parameter_that_makes_no_sense_gets_a_clear_error(sign_in, bad):
    answer = sign_in().get(reverse("desk:queue"), {key: value.encode("utf-8", "replace") for key, value in bad.items()})
    if bad.get("use_case"):
        assert answer.status_code == 200  # the browser's "?" is a name like any other, and finds nothing
    else:
        assert answer.status_code == 422
        assert b"input.request" in answer.content


def test_a_broken_usecase_file_is_a_notice_and_no_crash(make_items, sign_in, write_usecase, workspace_folder):
    make_items(1)
    (workspace_folder / "usecases" / "broken.toml").write_text("name = ", encoding="utf-8")
    try:
        answer = sign_in().get(reverse("desk:queue"))
    finally:
        (workspace_folder / "usecases" / "broken.toml").unlink()
    assert answer.status_code == 200
    assert b"A use-case file cannot be read" in answer.content
    assert b"note-1" in answer.content


def test_an_item_whose_usecase_file_is_broken_can_be_read_but_not_decided(make_items, sign_in, workspace_folder):
    [item] = make_items(1)
    owner = sign_in("olga", "owner")
    (workspace_folder / "usecases" / "note_reply.toml").write_text("name = ", encoding="utf-8")
    page = owner.get(item_url(item)).content.decode()
    assert "can only be looked at" in page
    assert "Where is order 1?" in page
    assert "Text to send" not in page


def test_an_empty_queue_says_what_to_do(note_reply, sign_in):
    page = sign_in().get(reverse("desk:queue")).content.decode()
    assert "graftwork run note_reply --input" in page


def test_a_failed_item_shows_its_reason_in_the_queue_and_on_its_page(make_items, sign_in):
    [item] = make_items(1, drafted=False)
    Item.objects.update(state=ItemState.FAILED, error_code="engine.timeout", error_message="engine echo: no answer")
    rita = sign_in()
    for url in (reverse("desk:queue"), item_url(item)):
        page = rita.get(url).content.decode()
        assert "engine.timeout" in page
        assert "Engine echo: no answer" in page


def test_unknown_figures_read_unknown(make_items, sign_in):
    [item] = make_items(1)
    page = sign_in().get(item_url(item)).content.decode()
    assert "<dt>Cost</dt><dd>unknown</dd>" in page
    assert "<dt>Tokens in</dt><dd>10</dd>" in page


def test_no_view_opens_without_signing_in(make_items, now):
    [item] = make_items(1)
    stranger = Client()
    for name, arguments in (
        ("queue", []), ("start", []), ("next", []), ("give-back", []), ("preferences", []), ("csrf-token", []),
        ("knowledge", []), ("document", [uuid4()]),
        ("item", [item.pk]), ("open", [item.pk]), ("skip", [item.pk]), ("renew", [item.pk]), ("diff", [item.pk]),
        ("progress", [item.pk]), ("decide", [item.pk]), ("missed", [item.pk]), ("undo", [uuid4()]),
    ):  # fmt: skip
        url = reverse(f"desk:{name}", args=arguments)
        answers = [answer for answer in (stranger.get(url), stranger.post(url)) if answer.status_code != 405]
        assert answers
        for answer in answers:
            assert answer.status_code == 302, url
            assert answer["Location"].startswith("/sign-in?next=")
    assert stranger.post(url, headers={"HX-Request": "true"}).status_code == 401


def test_every_url_of_the_desk_is_in_the_test_above():
    from graftwork.apps.desk.urls import urlpatterns

    assert len(urlpatterns) == 17


def test_nothing_of_the_desk_is_kept_in_a_cache(make_items, sign_in):
    assert sign_in().get(reverse("desk:queue"))["Cache-Control"] == "no-store, private"


def test_an_item_held_by_somebody_else_can_be_read_and_says_who_holds_it(make_items, sign_in, now):
    [item] = make_items(1)
    tom, rita = sign_in("tom"), sign_in("rita")
    claim_next(actor_for_user(tom.user), now)
    page = rita.get(item_url(item)).content.decode()
    assert "<strong>tom</strong> is reviewing this item until 09:15 UTC" in page
    assert "Text to send" not in page
    assert "Text to send" in tom.get(item_url(item)).content.decode()


def test_an_escalated_item_offers_a_review_only_to_who_settles_it(make_items, sign_in):
    [item] = make_items(1)
    Item.objects.update(state=ItemState.ESCALATED)
    open_url = reverse("desk:open", args=[item.pk])
    for name, role, offered in (("rita", "reviewer", False), ("olga", "owner", True)):
        page = sign_in(name, role).get(reverse("desk:queue")).content.decode()
        assert (open_url in page) is offered, name
        assert ("with an owner" in page) is not offered, name


def test_the_use_case_is_named_in_a_row_only_where_items_of_several_are_there(make_items, sign_in):
    item, other = make_items(2)
    rita = sign_in()
    named = "Reply to a note</span></td>"
    assert named not in rita.get(reverse("desk:queue")).content.decode()
    Item.objects.filter(pk=other.pk).update(use_case="support_reply")
    page = rita.get(reverse("desk:queue")).content.decode()
    assert item.external_id in page
    assert named in page


def test_starting_follows_the_use_case_that_is_filtered_for(make_items, sign_in):
    _, other = make_items(2)
    Item.objects.filter(pk=other.pk).update(use_case="support_reply")
    rita = sign_in()
    answer = rita.get(reverse("desk:queue"), {"use_case": "note_reply"}, headers={"HX-Target": "queue"})
    page = answer.content.decode()
    assert 'hx-swap-oob="true"' in page
    assert '<input type="hidden" name="use_case" value="note_reply">' in page
    assert "Start with the oldest of “Reply to a note”" in page
    assert rita.post(reverse("desk:start"), {"use_case": "note_reply"})["Location"].endswith("?use_case=note_reply")


def test_the_item_page_says_how_much_is_done_and_left(make_items, sign_in, now):
    done, item = make_items(2)
    make_items(1, drafted=False)
    rita = sign_in()
    actor = actor_for_user(rita.user)
    claim(actor, done.pk, now)
    decide(actor, done.pk, Verdict("approve", "Yes."), now)
    assert "1 decided today · 1 left" in rita.get(item_url(item)).content.decode()
    assert "1 decided today · 0 left" in rita.get(item_url(item), {"use_case": "other"}).content.decode()
    assert "0 decided today · 1 left" in sign_in("tom").get(item_url(item)).content.decode()


def test_a_claim_that_expired_no_longer_shuts_others_out(make_items, sign_in, now, clock):
    [item] = make_items(1)
    tom, rita = sign_in("tom"), sign_in("rita")
    claim_next(actor_for_user(tom.user), now)
    clock(now + timedelta(minutes=16))
    assert "Nobody is reviewing this item" in rita.get(item_url(item)).content.decode()
