"""The digest of a state of the knowledge says whether two searches saw the same."""

import pytest

from graftwork.core.knowledge.snapshot import snapshot_digest

STATE = [("hr", "leave.md", "aa"), ("hr", "sick.md", "bb"), ("it", "leave.md", "cc")]


def test_the_order_in_which_documents_come_does_not_matter() -> None:
    assert snapshot_digest(STATE, "m@1") == snapshot_digest(reversed(STATE), "m@1")
    assert len(snapshot_digest(STATE, "m@1")) == 64


@pytest.mark.parametrize(
    ("documents", "embedder"),
    [
        (STATE[1:], "m@1"),
        ([*STATE, ("it", "new.md", "dd")], "m@1"),
        ([("hr", "leave.md", "a2"), *STATE[1:]], "m@1"),
        ([("it", "leave.md", "aa"), *STATE[1:]], "m@1"),
        ([("hr", "leave.mdaa", ""), *STATE[1:]], "m@1"),
        (STATE, "m@2"),
        ([], "m@1"),
    ],
)
def test_any_other_state_has_another_digest(documents: list[tuple[str, str, str]], embedder: str) -> None:
    assert snapshot_digest(documents, embedder) != snapshot_digest(STATE, "m@1")
