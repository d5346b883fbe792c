"""Why an item goes where it goes: what was found in it, what each engine would see, and which rule decided.

Values are in `Explanation.text` and in the `Sight` of an engine that would see them; nothing else holds one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from graftwork.core.errors import NoEngineAllowed
from graftwork.core.privacy.book import Book
from graftwork.core.privacy.content import WholeText, mask_content, masking
from graftwork.core.privacy.detector import Detector
from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.policy import Classifier, ruling
from graftwork.core.privacy.routing import Route, route
from graftwork.core.prompt import item_block
from graftwork.core.types import ItemContent, Sensitivity, Treatment, Zone
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_tables import EngineChoice, PrivacyRules

HIDDEN = "\u2022"


@dataclass(frozen=True, slots=True)
class Place:
    """One finding and where it stands: `line` and `column` count from 1 in the text that was searched."""

    kind: Kind
    recognizer: str
    reason: str
    line: int
    column: int
    characters: int
    score: float


@dataclass(frozen=True, slots=True)
class Sight:
    """What one engine would see: the text as it is, masked text, or nothing. `turn` is its place in the route."""

    name: str
    model: str
    zone: Zone
    region: str
    facts: tuple[tuple[str, str], ...]
    sees: Treatment | None
    text: str = field(repr=False)
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole page. `decision` says in a sentence why this route was taken, or why there is none."""

    title: str
    characters: int
    language: str | None
    notices: tuple[str, ...]
    places: tuple[Place, ...]
    classes: tuple[Sensitivity, ...]
    decision: str
    sights: tuple[Sight, ...]
    hidden_text: str = field(repr=False)
    text: str = field(repr=False)


def explain(use_case: UseCase, content: ItemContent, detector: Detector) -> Explanation:
    """What would happen to `content` if it came in now, as the first item of its thread. Nothing is sent or stored."""
    rules = use_case.privacy
    whole = WholeText(content, use_case.masks)
    found = detector.find(whole.text, whole.stated)
    findings = whole.ruled(found.findings)
    classes = Classifier({name: use_case.privacy_texts[file] for name, file in rules.words.items()}).classes(
        whole.text, findings
    )
    ruled = ruling(rules, classes)
    zones = [engine.effective_zone for engine in use_case.engines]
    way: Route | None
    try:
        way = route(use_case.name, zones, ruled)
        decision = ruled.reason
    except NoEngineAllowed as denied:
        way, decision = None, f"no engine may see it: {denied.reason}"
    masked, _ = mask_content(content, whole, findings, masking(Book(), rules.keep_format))
    shown = {"local": _laid_out(use_case, content), "masked": _laid_out(use_case, masked)}
    return Explanation(
        title=use_case.title,
        characters=len(whole.text),
        language=found.language,
        notices=found.notices,
        places=tuple(_places(whole.text, findings)),
        classes=classes,
        decision=decision,
        sights=tuple(_sight(number, engine, way, shown) for number, engine in enumerate(use_case.engines)),
        hidden_text=_hidden(whole.text, findings),
        text=whole.text,
    )


def example_usecase(rules: PrivacyRules, fields: Sequence[str]) -> UseCase:
    """For a file without a use case: an engine in the house and one outside, and everything masked for that one."""
    return UseCase.model_validate(
        {
            "name": "any",
            "title": "Any use case that masks",
            "input": {"fields": {name: {} for name in fields}},
            "instructions": {"system": "-"},
            "engine": {"url": "https://a-managed-engine/v1", "model": "any", "zone": "managed"},
            "fallbacks": [{"url": "http://a-local-engine/v1", "model": "any"}],
            "privacy": rules.model_dump(mode="json"),
        }
    )


def _laid_out(use_case: UseCase, content: ItemContent) -> str:
    declared = {name: content.fields.get(name) for name in use_case.input.fields}
    return item_block(use_case.instructions.item, declared)


def _places(text: str, findings: Sequence[Finding]) -> list[Place]:
    places = []
    line, line_start, at = 1, 0, 0
    for one in sorted(findings):
        line += text.count("\n", at, one.start)
        line_start = text.rfind("\n", 0, one.start) + 1
        at = one.start
        column, length = one.start - line_start + 1, one.end - one.start
        places.append(Place(one.kind, one.recognizer, one.reason, line, column, length, one.score))
    return places


def _sight(number: int, engine: EngineChoice, way: Route | None, shown: dict[str, str]) -> Sight:
    turn = way.engines.index(number) + 1 if way is not None and number in way.engines else None
    sees: Treatment | None = None
    if turn is not None and way is not None:
        sees = "local" if engine.effective_zone == "local" else way.treatment
    text = "" if sees is None else shown["masked" if sees == "masked" else "local"]
    facts = tuple(sorted(engine.facts.items()))
    return Sight(engine.name, engine.model, engine.effective_zone, engine.region, facts, sees, text, turn)


def _hidden(text: str, findings: Sequence[Finding]) -> str:
    """`text` with every value as dots, its white space kept."""
    parts, at = [], 0
    for one in sorted(findings):
        start = max(at, one.start)
        value = "".join(char if char.isspace() else HIDDEN for char in text[start : one.end])
        parts += [text[at:start], value]
        at = max(at, one.end)
    return "".join([*parts, text[at:]])
