"""Use cases: what may be sent, and which codes a rejection may give."""

from django.http import HttpRequest
from ninja import Router

from graftwork.api.auth import actor_of
from graftwork.api.errors import answers
from graftwork.api.schemas.usecases import InputFieldOut, ReasonOut, UseCaseList, UseCaseOut
from graftwork.apps.work.queries import visible_usecases
from graftwork.core.usecase import UseCase

router = Router(tags=["Use cases"])


@router.get("/use-cases", response={200: UseCaseList, **answers(401, 403)}, summary="List use cases")
def list_use_cases(request: HttpRequest) -> UseCaseList:
    """The use cases whose items you may see, with the fields that an item takes. Scope: `items:read`."""
    actor = actor_of(request)
    actor.require_scope("items:read")
    return UseCaseList(use_cases=[_shown(use_case) for use_case in visible_usecases(actor)])


def _shown(use_case: UseCase) -> UseCaseOut:
    return UseCaseOut(
        name=use_case.name,
        title=use_case.title,
        description=use_case.description,
        id_field=use_case.input.id,
        thread_field=use_case.input.thread,
        fields=[
            InputFieldOut(
                name=name,
                type=spec.type,
                label=spec.label or name,
                required=spec.required,
                aliases=list(spec.aliases),
                max_characters=spec.max_characters,
            )
            for name, spec in use_case.input.fields.items()
        ],
        output_type=use_case.output.type,
        output_schema=use_case.output.json_schema,
        review_role=use_case.review.role,
        reasons=[ReasonOut(code=reason.code, label=reason.label) for reason in use_case.review.reasons],
        undo_seconds=use_case.review.undo_seconds,
        release=use_case.release,
    )
