"""The page of a charter: its form, section by section, with what is wrong and what is advised beside the field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graftwork.apps.pilots.pages.charter_fields import Choices, Field, Rows, Section, Three
from graftwork.apps.pilots.pages.charter_form import Values, row_numbers, row_path
from graftwork.apps.pilots.pages.charter_sections import SECTIONS, may_be_amended
from graftwork.core.charter.advice import Advice
from graftwork.core.charter.metrics import METRICS


@dataclass(frozen=True, slots=True)
class Offered:
    """What lists of the form offer: use cases by name, input fields of the one chosen."""

    use_cases: Choices = ()
    inputs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class FieldView:
    field: Field
    path: str
    value: str
    choices: Choices = ()
    problem: str = ""
    fixed: bool = False
    begins: bool = False

    @property
    def id(self) -> str:
        return f"f-{self.path.replace('.', '-').replace('_', '-')}"

    @property
    def described_by(self) -> str:
        named = [(self.field.help, f"{self.id}-help"), (self.problem, f"{self.id}-problem")]
        return " ".join(name for there, name in named if there)

    @property
    def in_words(self) -> str:
        """For reading only."""
        chosen = dict(self.choices).get(self.value, self.value)
        return f"{chosen} {self.field.unit}".strip() if chosen else ""


@dataclass(frozen=True, slots=True)
class RowView:
    number: int
    fields: Sequence[FieldView]


@dataclass(frozen=True, slots=True)
class PartView:
    """A field, three of a range, or rows; whichever is there."""

    one: FieldView | None = None
    three: Three | None = None
    ends: Sequence[FieldView] = ()
    rows: Rows | None = None
    row_views: Sequence[RowView] = ()
    problem: str = ""
    fixed: bool = False

    @property
    def shown(self) -> list[FieldView]:
        return [*([self.one] if self.one else []), *self.ends, *(one for row in self.row_views for one in row.fields)]

    @property
    def says_something(self) -> bool:
        return any(one.value.strip() for one in self.shown)


@dataclass(frozen=True, slots=True)
class SectionView:
    section: Section
    parts: Sequence[PartView]
    advice: Sequence[Advice] = field(default_factory=tuple)


def section_views(
    values: Values,
    problems: Mapping[str, str],
    advice: Sequence[Advice],
    offered: Offered,
    *,
    amending: bool = False,
    is_new: bool = False,
    begins: str = "",
) -> list[SectionView]:
    """`amending` offers only what may change after the start; `begins` is the row in which the cursor is to be."""

    def is_fixed(path: str) -> bool:
        return (amending and not may_be_amended(path)) or (path == "name" and not is_new)

    def view(one: Field, path: str, *, fixed: bool) -> FieldView:
        choices = _choices(one, values, offered)
        return FieldView(
            one, path, values.get(path, ""), choices, problems.get(path, ""), fixed, bool(begins) and path == begins
        )

    def part_view(part: Field | Three | Rows) -> PartView:
        fixed = is_fixed(part.path)
        if isinstance(part, Field):
            return PartView(one=view(part, part.path, fixed=fixed), fixed=fixed)
        if isinstance(part, Three):
            return PartView(three=part, ends=[view(one, one.path, fixed=fixed) for one in part.fields], fixed=fixed)
        rows = [
            RowView(number, [view(one, row_path(part, number, one), fixed=fixed) for one in part.fields])
            for number in row_numbers(values, part)
        ]
        return PartView(rows=part, row_views=rows, problem=problems.get(part.path, ""), fixed=fixed)

    return [
        SectionView(
            section,
            [part_view(part) for part in section.parts],
            [one for one in advice if _belongs(one.key, section)],
        )
        for section in SECTIONS
    ]


def problems_of_whole(problems: Mapping[str, str], sections: Sequence[SectionView]) -> list[str]:
    """Those that no field shows."""
    shown = {one.path for section in sections for part in section.parts for one in part.shown}
    shown |= {part.rows.path for section in sections for part in section.parts if part.rows}
    return [sentence for path, sentence in problems.items() if path not in shown]


def advice_of_whole(advice: Sequence[Advice]) -> list[Advice]:
    return [one for one in advice if not any(_belongs(one.key, section) for section in SECTIONS)]


def _belongs(key: str, section: Section) -> bool:
    paths = [part.path for part in section.parts]
    return any(path == key or path.startswith(f"{key}.") or key.startswith(f"{path}.") for path in paths) and (
        _home(key) == section.key
    )


def _home(key: str) -> str:
    """The first section that has the key, or what lies under it."""
    for section in SECTIONS:
        for part in section.parts:
            if part.path == key or part.path.startswith(f"{key}.") or key.startswith(f"{part.path}."):
                return section.key
    return ""


def _choices(one: Field, values: Values, offered: Offered) -> Choices:
    if one.kind == "metric":
        common = [(metric.key, f"{metric.title} ({metric.unit})") for metric in METRICS if metric.seen_in == "both"]
        own = [
            (f"outcome_{values[key].strip()}", values.get(f"{key[:-5]}.title", "").strip() or values[key].strip())
            for key in sorted(values)
            if key.startswith("outcomes.") and key.endswith(".kind") and values[key].strip()
        ]
        return (("", "Choose"), *common, *own)
    if one.kind == "use_case":
        return (("", "Choose"), *offered.use_cases)
    return one.choices
