"""Items whose drafts are checked against sources or the item, for the browser tests: made as the journey makes them.

Part of the server's process; see house.py.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

USE_CASES = {
    "handbook_reply": """
name = "handbook_reply"
title = "Answers from the handbook"
[input.fields.question]
label = "Question"
[knowledge]
sources = ["handbook", "board"]
[instructions]
system = "Answer from the handbook."
[engine]
echo = true
""",
    "report_digest": """
name = "report_digest"
title = "Digest of a report"
[input.fields.report]
label = "Report"
max_characters = 2000000
[grounding]
against = "item"
[instructions]
system = "Sum up."
[engine]
echo = true
""",
    "report_facts": """
name = "report_facts"
title = "Facts of a report"
[input.fields.report]
label = "Report"
max_characters = 2000000
[output]
type = "json"
evidence = true
[output.codes]
causes = "causes.txt"
[output.schema]
type = "object"
required = ["patient", "diagnoses"]
[output.schema.properties.patient]
type = "object"
[output.schema.properties.patient.properties.age]
type = "integer"
maximum = 125
[output.schema.properties.patient.properties.sex]
type = "string"
enum = ["female", "male", "other"]
[output.schema.properties.admitted]
type = "string"
format = "date"
[output.schema.properties.cause]
type = "string"
x-codes = "causes"
[output.schema.properties.at_work]
type = "boolean"
x-evidence = false
[output.schema.properties.remarks]
type = "array"
[output.schema.properties.remarks.items]
type = "string"
[output.schema.properties.diagnoses]
type = "array"
[output.schema.properties.diagnoses.items]
type = "object"
[output.schema.properties.diagnoses.items.properties.name]
type = "string"
[output.schema.properties.diagnoses.items.properties.side]
type = "string"
[instructions]
system = "Take the facts out."
[engine]
echo = true
""",
}
FILES = {"causes.txt": "W1\tfall at work\nW2\tmachine accident\nT1\ttraffic accident\n"}


def add_grounded(
    use_case: str,
    row: dict[str, Any],
    answers: list[str],
    excerpts: Sequence[dict[str, Any]] = (),
    parts: Sequence[dict[str, str]] = (),
) -> str:
    """An item with a draft from these answers of an engine, on `parts` of it or on all at once; returns its id."""
    from graftwork.apps.actors import operator
    from graftwork.apps.work.actions.drafting import save_finished
    from graftwork.apps.work.actions.items import create_items
    from graftwork.apps.work.actions.leasing import lease_items
    from graftwork.apps.work.drafter import Finished
    from graftwork.apps.work.leases import Lease
    from graftwork.apps.work.usecases import get_usecase
    from graftwork.core.asking import Answer
    from graftwork.core.finishing import finish
    from graftwork.core.grounding import with_excerpts
    from graftwork.core.items import read_row
    from graftwork.core.types import Excerpt, GenerationRequest

    wanted = get_usecase(use_case)
    [created] = create_items(operator(), wanted, [read_row(wanted, row, line=1)], _now())
    [leased] = lease_items(use_case, Lease("test/1", 600), _now(), at_most=1, ids=[created.item_id])
    content = with_excerpts(wanted, leased.content)
    given = tuple(Excerpt(**{**one, "headings": tuple(one.get("headings", ()))}) for one in excerpts)
    content = replace(content, excerpts=given or content.excerpts)
    seen = [replace(content, fields={**content.fields, **part}) for part in parts] or [content]
    made = [Answer(_generation(text), text, GenerationRequest((), 100)) for text in answers]
    result = finish(wanted, content, seen, made, None)
    save_finished("worker:test", wanted, Lease("test/1", 600), [Finished(leased, result)], _now())
    return str(created.item_id)


def close_source(name: str) -> None:
    """Only the board reads it from now on; the drafts that drew on it are not taken back yet."""
    from graftwork.apps.knowledge.models import Source

    Source.objects.filter(name=name).update(groups=["board"])


def _generation(text: str) -> Any:
    from graftwork.core.types import Generation

    return Generation(text, "echo", "echo", "local", "stop", 120, 31, None, 84.0, 1310.0, None, None)


def _now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)
