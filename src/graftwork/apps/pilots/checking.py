"""What a charter names in the workspace has to be there: its use case, the fields of its items, training modules."""

from collections.abc import Iterator

from graftwork.apps.adoption.models import Module
from graftwork.apps.work.usecases import get_usecase
from graftwork.core.charter.arms import ranges
from graftwork.core.charter.metrics import HANDLING_TIME
from graftwork.core.charter.schema import Charter
from graftwork.core.errors import CharterInvalid, did_you_mean
from graftwork.core.usecase import UseCase

# Of these an imported baseline of handling times says what they were before.
MADE_OF_TIMES = (HANDLING_TIME, "throughput")


def check_surroundings(charter: Charter, source: str) -> UseCase:
    """The use case, once everything named is there. Raises `UseCaseNotFound` or `CharterInvalid`.

    Needs no database: `check_modules` does.
    """
    use_case = get_usecase(charter.use_case)
    fields = use_case.input.fields
    for key, name in _named_fields(charter):
        if name not in fields:
            near = did_you_mean(name, list(fields)) or f"; there are {', '.join(fields)}"
            raise CharterInvalid(source, key, f"{charter.use_case} has no input field `{name}`{near}")
        if fields[name].type == "thread":
            raise CharterInvalid(source, key, f"the field `{name}` is a conversation, and no single value")
    covariate = charter.primary.covariate.removeprefix("field:")
    if covariate in fields and covariate != charter.primary.covariate and fields[covariate].type != "number":
        raise CharterInvalid(source, "primary.covariate", f"the field `{covariate}` holds no number")
    _check_ranges(charter, source)
    if charter.arms.design == "before_after" and charter.primary.metric not in MADE_OF_TIMES:
        known = " or ".join(MADE_OF_TIMES)
        raise CharterInvalid(source, "primary.metric", f"without a control arm it has to be {known}: of others there "
                             "is no baseline to import")  # fmt: skip
    return use_case


def check_modules(charter: Charter, source: str) -> None:
    """Raises `CharterInvalid` where a training module that people have to complete is not there, or is retired."""
    known = list(Module.objects.filter(retired_at=None).values_list("code", flat=True))
    for code in charter.change.required_modules:
        if code not in known:
            near = did_you_mean(code, known)
            raise CharterInvalid(source, "change.required_modules", f"there is no training module `{code}`{near}")


def _named_fields(charter: Charter) -> Iterator[tuple[str, str]]:
    if charter.arms.customer_field:
        yield "arms.customer_field", charter.arms.customer_field
    if charter.population.only:
        yield "population.only.field", charter.population.only.field
    if charter.item_types:
        yield "item_types.field", charter.item_types.field
    if charter.primary.covariate.startswith("field:"):
        yield "primary.covariate", charter.primary.covariate.removeprefix("field:")


def _check_ranges(charter: Charter, source: str) -> None:
    assisted, control = ranges(charter)
    if not assisted or not (control or charter.arms.design == "before_after"):
        arm = "control" if assisted else "assisted"
        raise CharterInvalid(source, "population.share", f"is so small that nobody is drawn for the {arm} arm")
