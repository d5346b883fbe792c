"""Putting the values of a thread back into an answer, as its use case lets them."""

from graftwork.core.ports import Restoring
from graftwork.core.privacy.book import Book
from graftwork.core.privacy.restore import Restorer
from graftwork.core.privacy.sinks import SinkPolicy, json_string, plain
from graftwork.core.usecase import UseCase


def restorer(book: Book, use_case: UseCase) -> Restoring:
    """For one answer. Values go into prose, and into links and images where the policy lets them; JSON stays JSON."""
    sinks = use_case.privacy.sinks
    policy = SinkPolicy(
        link="restore" if "link" in sinks else "withhold",
        image="restore" if "image" in sinks else "withhold",
        tool="restore" if "tool" in sinks else "withhold",
    )
    return Restorer(book, sinks=policy, escape=plain if use_case.output.json_schema is None else json_string)
