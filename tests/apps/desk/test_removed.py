"""What was taken out of a draft is there to be read, escaped, and nowhere else on the page."""

import pytest
from django.urls import reverse

from graftwork.apps.actors import operator
from graftwork.apps.work.actions.drafting import save_finished
from graftwork.apps.work.actions.items import create_items
from graftwork.apps.work.actions.leasing import lease_items
from graftwork.apps.work.drafter import Finished
from graftwork.apps.work.leases import Lease
from graftwork.core.items import read_row
from graftwork.core.types import DraftResult, Generation, Grounds

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("removed", "said"), [(("It costs <b>900</b> euros.",), True), ((), False)])
def test_sentences_without_support_are_folded_under_the_draft(note_reply, sign_in, now, removed, said):
    lease = Lease("here/1", 60)
    [made] = create_items(operator(), note_reply, [read_row(note_reply, {"id": "a", "text": "?"}, line=1)], now)
    [leased] = lease_items(note_reply.name, lease, now, at_most=1)
    generation = Generation("Hello.", "e", "m", "local", "stop", 1, 1, None, 1.0, 2.0, None, None)
    result = DraftResult(generation, "Hello.", grounds=Grounds(removed=removed))
    save_finished("worker:test", note_reply, lease, [Finished(leased, result)], now)
    page = sign_in().get(reverse("desk:item", args=[made.item_id])).content.decode()
    assert ("Taken out of the draft: 1 sentence without support" in page) is said
    assert ("It costs &lt;b&gt;900&lt;/b&gt; euros." in page) is said
    assert "<b>900" not in page
