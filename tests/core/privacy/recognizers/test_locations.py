"""Places and groups."""

import pytest


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("The office in Rotterdam is closed.", "location", "Rotterdam"),
        ("They moved to New South Wales.", "location", "New South Wales"),
        ("A town in Bosnia and Herzegovina.", "location", "Bosnia and Herzegovina"),
        ("He grew up in Suurkylmä.", "location", "Suurkylmä"),
        ("They camped at Lake Wannabonga.", "location", "Lake Wannabonga"),
        ("She lives in Florence.", "location", "Florence"),
        ("A Turkish national wrote.", "group", "Turkish"),
        ("We are proud canadians", "group", "canadians"),
        ("He is a Roman Catholic.", "group", "Roman Catholic"),
    ],
)
def test_a_place_or_group_is_found(values, text, kind, value):
    assert (kind, value) in values(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Reading is fun and Nice people read.", "location"),
        ("Ms. Austin called.", "location"),
        ("I told Florence about it.", "location"),
        ("They polish the table and finish.", "group"),
    ],
)
def test_a_word_that_only_looks_like_a_place_is_none(values, text, kind):
    assert kind not in [found for found, _ in values(text)]
