"""Bringing items as a table, and taking reviews away as one."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import messages
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers

from graftwork.apps.accounts.door import FROM_SCRIPT, Visit, person_view, wants_fragment
from graftwork.apps.connectors.models import Upload, UploadState
from graftwork.apps.connectors.uploads.actions import (
    choose_columns,
    choose_reading,
    drop_upload,
    start_import,
    store_upload,
)
from graftwork.apps.connectors.uploads.preview import COUNTED_ROWS, preview_of
from graftwork.apps.connectors.uploads.queries import (
    access_upload,
    file_name,
    importable_usecase,
    importable_usecases,
    plan_of,
    recent_uploads,
)
from graftwork.apps.connectors.uploads.refusals import refusals_as_csv
from graftwork.apps.connectors.uploads.table import DELIMITERS, ENCODINGS
from graftwork.apps.work.exporting import MAY_EXPORT, Wanted, download_reviews
from graftwork.apps.work.queries import visible_usecases
from graftwork.core.errors import InputError, InputFormatUnknown, RequestInvalid, RequestTooLarge
from graftwork.core.usecase import UseCase

DECISIONS = {"accepted": "Sent, unchanged", "edited": "Sent, edited", "rejected": "Rejected", "escalated": "Escalated"}
_FORMS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_SHOWN_REFUSALS = 20


@person_view("GET", "HEAD")
def tables(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    return _tables_page(request, visit)


@person_view("POST")
def upload(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    try:
        stored = _stored(request, visit)
    except InputError as error:
        return _tables_page(request, visit, _in_words(error), request.POST.get("use_case", ""), status=error.status)
    return redirect("connectors:upload", stored.pk)


@person_view("GET", "HEAD")
def one_upload(request: HttpRequest, visit: Visit, upload_id: UUID) -> HttpResponseBase:
    return _upload_page(request, visit, access_upload(visit.actor, upload_id))


@person_view("POST")
def columns(request: HttpRequest, visit: Visit, upload_id: UUID) -> HttpResponseBase:
    """Which column is which field, and how the file is read; whatever was posted of the two."""
    problem = ""
    try:
        if "encoding" in request.POST or "sheet" in request.POST:
            chosen = {name: request.POST.get(name, "") for name in ("encoding", "sheet")}
            choose_reading(visit.actor, upload_id, visit.now, **chosen)
        else:
            choose_columns(visit.actor, upload_id, request.POST.dict(), visit.now)
    except RequestInvalid as error:
        problem = error.reason
    if problem or wants_fragment(request, "upload"):
        return _upload_page(request, visit, access_upload(visit.actor, upload_id), problem)
    return redirect("connectors:upload", upload_id)


@person_view("POST")
def begin(request: HttpRequest, visit: Visit, upload_id: UUID) -> HttpResponseBase:
    try:
        start_import(visit.actor, upload_id, visit.now)
    except RequestInvalid as error:
        return _upload_page(request, visit, access_upload(visit.actor, upload_id), error.reason)
    return redirect("connectors:upload", upload_id)


@person_view("POST")
def drop(request: HttpRequest, visit: Visit, upload_id: UUID) -> HttpResponseBase:
    name = file_name(access_upload(visit.actor, upload_id))
    drop_upload(visit.actor, upload_id, visit.now)
    messages.success(request, f"{name} is dropped. What was imported of it stays.")
    return redirect("connectors:tables")


@person_view("GET", "HEAD")
def refused(_request: HttpRequest, visit: Visit, upload_id: UUID) -> HttpResponseBase:
    """The lines that did not become items, with the reasons, as CSV."""
    found = access_upload(visit.actor, upload_id)
    return _streamed(_request, refusals_as_csv(found), "csv", f"refused-{found.pk}.csv")


@person_view("GET", "HEAD")
def reviews(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """A download of the reviews that took effect."""
    try:
        form, wanted = _form(request), _wanted(request)
    except InputError as error:
        return _tables_page(request, visit, export_problem=_in_words(error), status=error.status)
    _, pieces = download_reviews(visit.actor, wanted, form, visit.now)
    return _streamed(request, pieces, form, f"reviews-{visit.now:%Y-%m-%d}.{form}")


def _stored(request: HttpRequest, visit: Visit) -> Upload:
    # Where the body is too large, what follows the limit was never read, and there is no file.
    if int(request.headers.get("Content-Length") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise RequestTooLarge(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    file = request.FILES.get("file")
    if file is None or isinstance(file, list):
        raise RequestInvalid("file", "choose a file first")
    return store_upload(visit.actor, request.POST.get("use_case", ""), file.name or "", file.read(), visit.now)


def _in_words(error: InputError) -> str:
    if isinstance(error, RequestTooLarge):
        megabytes = error.limit_bytes // 1_000_000
        return (
            f"The file is larger than {megabytes} MB. Split it, or ask your operator: `graftwork run` reads files of "
            "any size, and `web.max_request_bytes` sets this limit."
        )
    if isinstance(error, RequestInvalid):
        return f"{error.reason[:1].upper()}{error.reason[1:]}."
    hint = "Save it as CSV, XLSX or JSON Lines." if type(error) is InputFormatUnknown else error.hint
    return f"{error.message}. {hint}"


def _tables_page(
    request: HttpRequest, visit: Visit, problem: str = "", chosen: str = "", *, export_problem: str = "",
    status: int = 200,
) -> HttpResponseBase:  # fmt: skip
    importable = importable_usecases(visit.actor)
    may_export = any(visit.actor.may_act_as(role) for role in MAY_EXPORT)
    context = {
        "importable": importable,
        "chosen": chosen,
        "problem": problem,
        "export_problem": export_problem,
        "limit_bytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "uploads": recent_uploads(visit.actor),
        "titles": {use_case.name: use_case.title for use_case in importable},
        "exportable": visible_usecases(visit.actor) if may_export else [],
        "may_export": may_export,
        "decisions": DECISIONS,
        "asked": request.GET,
        "now": visit.now,
    }
    return render(request, "connectors/tables.html", context, status=status)


def _upload_page(request: HttpRequest, visit: Visit, found: Upload, problem: str = "") -> HttpResponseBase:
    context: dict[str, Any] = {"upload": found, "name": file_name(found), "problem": problem, "now": visit.now}
    plan = plan_of(found)
    if found.state == UploadState.STORED and plan is not None:
        use_case = importable_usecase(visit.actor, found.use_case)
        context |= {
            "use_case": use_case,
            "plan": plan,
            "encodings": ENCODINGS | ({} if plan.table.encoding in ENCODINGS else {plan.table.encoding: ""}),
            "delimiter": DELIMITERS.get(plan.table.delimiter, ""),
            "targets": _targets(use_case, plan.matching.id, plan.matching.thread, dict(plan.matching.fields)),
            "unused": [one for one in plan.table.columns if one not in plan.matching.used],
            "preview": preview_of(found, use_case, plan),
            "counted_rows": COUNTED_ROWS,
        }
    else:
        context["refusals"] = list(found.refusals.order_by("line")[:_SHOWN_REFUSALS])
        context["title"] = next(
            (one.title for one in visible_usecases(visit.actor) if one.name == found.use_case), found.use_case
        )
    template = "connectors/_upload.html" if wants_fragment(request, "upload") else "connectors/upload.html"
    # htmx shows nothing of an answer that says it failed.
    response = render(request, template, context, status=422 if problem and template.endswith("/upload.html") else 200)
    patch_vary_headers(response, FROM_SCRIPT)
    return response


@dataclass(frozen=True, slots=True)
class Target:
    """What a column can become: a select of the form, with what is chosen."""

    name: str
    label: str
    column: str
    required: bool = False
    about: str = ""


def _targets(use_case: UseCase, id_column: str, thread_column: str, fields: dict[str, str]) -> list[Target]:
    own = [
        Target(
            f"field:{name}",
            spec.label or name,
            fields.get(name, ""),
            spec.required,
            "" if spec.required else "optional",
        )
        for name, spec in use_case.input.fields.items()
    ]
    return [
        *own,
        Target("id", "Item id", id_column, about="names the row in your system; without it, its line does"),
        Target("thread", "Thread", thread_column, about="says which rows belong together"),
    ]


def _form(request: HttpRequest) -> Literal["csv", "xlsx"]:
    asked = request.GET.get("format", "csv")
    if asked == "csv":
        return "csv"
    if asked == "xlsx":
        return "xlsx"
    raise RequestInvalid("format", "must be csv or xlsx")


def _wanted(request: HttpRequest) -> Wanted:
    decision = request.GET.get("decision", "")
    if decision and decision not in DECISIONS:
        raise RequestInvalid("decision", "is none that there is")
    last = _day(request, "to")
    return Wanted(
        use_case=request.GET.get("use_case") or None,
        since=_day(request, "from"),
        until=last + timedelta(days=1) if last else None,
        names=bool(request.GET.get("names")),
        decision=decision or None,
    )


def _day(request: HttpRequest, name: str) -> datetime | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC) if 1 < day.year < 9999 else None
    except ValueError:
        raise RequestInvalid(name, "must be a day such as 2026-11-22") from None


def _streamed(request: HttpRequest, pieces: Iterator[bytes], form: str, name: str) -> StreamingHttpResponse:
    # Under ASGI Django would gather a plain iterator in memory before it sends the first byte.
    content: Any = _one_by_one(pieces) if isinstance(request, ASGIRequest) else pieces
    response = StreamingHttpResponse(content, content_type=_FORMS[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


async def _one_by_one(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    following = sync_to_async(lambda: next(pieces, None))
    while (piece := await following()) is not None:
        yield piece
