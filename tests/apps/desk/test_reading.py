"""What is shown for reading: previews, comparisons, JSON."""

import pytest

from graftwork.apps.desk.diff import MOST_WORDS, compare, for_reading
from graftwork.apps.desk.queue import PREVIEW_CHARACTERS, preview, subject
from graftwork.apps.desk.review_page import FieldShown, as_shown, as_stored
from graftwork.core.edits import edit_script
from graftwork.core.types import ItemContent, Turn


def test_a_preview_is_the_last_message_on_one_line():
    turns = (Turn("customer", "First."), Turn("customer", "Second\n\n  line."))
    assert preview(ItemContent({"subject": "Hello", "conversation": turns})) == "Second line."
    assert preview(ItemContent({"subject": "Hello", "conversation": ()})) == "Hello"
    assert preview(ItemContent({"n": 3, "flag": True, "none": None})) == ""


def test_the_preview_is_the_longest_text_and_the_subject_the_short_ones_beside_it():
    turns = (Turn("customer", "Where is it?"),)
    with_thread = ItemContent({"subject": " My\nlamp ", "conversation": turns, "history": "long " * 100, "n": 3})
    assert (subject(with_thread), preview(with_thread)) == ("My lamp", "Where is it?")
    two_texts = ItemContent({"subject": "My lamp", "body": "It never came, and I wait."})
    assert (subject(two_texts), preview(two_texts)) == ("My lamp", "It never came, and I wait.")
    assert subject(ItemContent({"text": "Only one."})) == ""


def test_only_the_last_turns_of_a_long_thread_stand_open():
    def folded(number):
        field = FieldShown("thread", "Thread", tuple(Turn("customer", str(n)) for n in range(number)))
        assert [*field.earlier, *field.latest] == list(field.value)
        return len(field.earlier)

    assert [folded(number) for number in (0, 6, 7, 8, 14)] == [0, 0, 0, 2, 8]


def test_a_long_preview_is_cut():
    shown = preview(ItemContent({"text": "word " * 1_000}))
    assert len(shown) <= PREVIEW_CHARACTERS + 1
    assert shown.endswith("…")


def test_changes_are_gathered_so_that_a_sentence_can_be_read():
    before, after = "Please tell us the number today.", "Your own is the number today."
    script = for_reading(edit_script(before, after))
    assert "".join(edit.text for edit in script if edit.operation != "insert") == before
    assert "".join(edit.text for edit in script if edit.operation != "delete") == after
    assert [edit.operation for edit in script[:2]] == ["delete", "insert"]
    assert script[0].text == "Please tell us"


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        ("One two.", "One two.", "Unchanged."),
        ("One two.", " One two.\n", "Unchanged."),
        ("One two.", "One three.", "Edited: 33 % of the words rewritten."),
        ("word " * 500, "other " + "word " * 499, "Edited: under 1 % of the words rewritten."),
        (None, "One.", "There is no draft to compare with."),
    ],
)
def test_the_status_says_what_the_decision_will_count_as(before, after, status):
    assert compare(before.strip() if before else None, after).status == status


def test_a_text_too_long_to_compare_live_is_not_compared():
    assert compare("a " * MOST_WORDS, "b").edits is None


def test_json_is_laid_out_for_reading_and_an_untouched_one_counts_as_the_draft(write_usecase):
    use_case = write_usecase(
        'name = "facts"\ntitle = "Facts"\n[input.fields.text]\n[output]\ntype = "json"\n'
        '[output.schema]\ntype = "object"\n[output.schema.properties]\n[instructions]\nsystem = "x"\n',
        "facts",
    )
    draft = '{"city":"Zürich"}'
    shown = as_shown(use_case, draft)
    assert shown == '{\n  "city": "Zürich"\n}'
    assert as_stored(use_case, draft, shown + "\n") == draft
    assert as_stored(use_case, draft, '{"city": "Bern"}') == '{"city": "Bern"}'
    assert as_shown(use_case, '{"city":') == '{"city":'
