"""Times of before the pilot, and what became of its items, from a file that somebody uploads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from graftwork.apps.accounts.door import Visit, person_view
from graftwork.apps.pilots.actions.importing import Imported, import_baseline, import_outcomes
from graftwork.apps.pilots.models import Pilot, PilotState
from graftwork.apps.pilots.queries import MAY_LEAD, access_pilot
from graftwork.core.errors import GraftworkError

# Lines that a message names; the command line names more.
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Imports:
    """What was imported, and whether the pilot still is a draft. `sha256` is empty where nothing was."""

    is_draft: bool
    sha256: str
    imported_at: datetime | None
    times: int


def imports_of(pilot: Pilot) -> Imports:
    times = pilot.baseline.count() if pilot.baseline_sha256 else 0
    return Imports(pilot.state == PilotState.DRAFT, pilot.baseline_sha256, pilot.baseline_imported_at, times)


@person_view("POST")
def baseline(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    def read(file: BinaryIO, called: str) -> Imported:
        reason = request.POST.get("reason", "")
        return import_baseline(visit.actor, name, file, visit.now, file_name=called, reason=reason)

    return _imported(request, visit, name, read, "times")


@person_view("POST")
def outcomes(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    def read(file: BinaryIO, called: str) -> Imported:
        return import_outcomes(visit.actor, name, file, visit.now, file_name=called)

    return _imported(request, visit, name, read, "outcomes")


def _imported(
    request: HttpRequest, visit: Visit, name: str, read: Callable[[BinaryIO, str], Imported], noun: str
) -> HttpResponseBase:
    pilot = access_pilot(visit.actor, name)
    visit.actor.require_role(*MAY_LEAD)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        messages.error(request, "Choose a file: nothing was imported.")
    else:
        try:
            _tell(request, read(cast("BinaryIO", file), file.name or "the file"), noun)
        except GraftworkError as error:
            if error.status in (403, 404):
                raise
            messages.error(request, f"{error.message[:1].upper()}{error.message[1:]}. {error.hint}".strip())
    return redirect("pilots:charter" if pilot.state == PilotState.DRAFT else "pilots:pilot", name)


def _tell(request: HttpRequest, found: Imported, noun: str) -> None:
    known = f", {found.known_already:,} known already" if found.known_already else ""
    messages.success(request, f"{found.stored:,} {noun} stored of {found.rows:,} rows{known}.")
    if left_out := found.refused + found.unknown:
        named = "; ".join(f"line {line} {problem}" for line, problem in found.problems[:MOST_NAMED])
        more = f"; and {left_out - MOST_NAMED:,} more" if left_out > MOST_NAMED else ""
        messages.warning(request, f"{left_out:,} rows could not be used: {named}{more}.")
