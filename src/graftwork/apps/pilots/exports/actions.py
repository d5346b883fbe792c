"""Taking a pilot's figures away: one door for the pages, the command line, and whoever comes later."""

import json
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Literal, get_args

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.adoption.queries import adoption
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.keyring import keyring
from graftwork.apps.pilots.exports.adopted import adoption_rows, seeds_rows
from graftwork.apps.pilots.exports.csv import figures_csv
from graftwork.apps.pilots.exports.evidence import evidence, fingerprint
from graftwork.apps.pilots.exports.json import figures_json
from graftwork.apps.pilots.exports.provenance import queries_asked
from graftwork.apps.pilots.figures import appraised, catch_up, freshness
from graftwork.apps.pilots.folding.actions import fold
from graftwork.apps.pilots.models import Pilot, PilotState
from graftwork.apps.pilots.queries import access_pilot
from graftwork.apps.pilots.seeds import seeds_of
from graftwork.core.appraisal.data import Appraisal
from graftwork.core.errors import PilotStateWrong, RequestInvalid

Kind = Literal["report", "csv", "json", "evidence"]
# Within it, an export brings the sums up to date before it reads them.
MOST_SECONDS = 5.0
KINDS: tuple[Kind, ...] = get_args(Kind)
_TYPES = {
    "report": ("application/pdf", "report.pdf"),
    "csv": ("text/csv; charset=utf-8", "figures.csv"),
    "json": ("application/json", "figures.json"),
    "evidence": ("application/json", "evidence.json"),
}


@dataclass(frozen=True, slots=True)
class Export:
    """`file_name` is made of the pilot's name, which has letters, digits and _ only."""

    file_name: str
    content_type: str
    content: bytes


def export(actor: Actor, name: str, kind: Kind, now: datetime) -> Export:
    """The figures of the pilot as they stand at `now`, and a line in the audit log.

    Decided items that are not in the sums yet are folded first, for a few seconds at most: `items_waiting` is what is
    left.

    Raises `NotFound`, `NotAllowed`, or `PilotStateWrong` for evidence of a pilot that was never started.
    """
    if kind not in KINDS:
        raise RequestInvalid("kind", f"must be one of {', '.join(KINDS)}")
    pilot = access_pilot(actor, name)
    if kind == "evidence" and pilot.started_at is None:
        raise PilotStateWrong(name, PilotState(pilot.state).label, "started, since only then its charter is fixed")
    _fold_all(pilot, now)
    content = _content(actor, pilot, kind, now)
    content_type, ending = _TYPES[kind]
    with transaction.atomic():
        detail = {"kind": kind, "charter_sha256": pilot.charter_sha256, "simulated": pilot.simulated}
        record(actor.name, [Event("pilot.exported", f"pilot:{pilot.pk}", detail)], now)
    return Export(f"{pilot.name}.{ending}", content_type, content)


def figures(pilot: Pilot, now: datetime) -> dict[str, Any]:
    """The figures as they stand, for the REST interface; whoever calls has asked `access_pilot`."""
    catch_up(pilot, now)
    return _shape(pilot, appraised(pilot, now), now)


def _fold_all(pilot: Pilot, now: datetime) -> None:
    """Bring due items into the sums for as long as somebody waits; those left are told of as waiting."""
    until = monotonic() + MOST_SECONDS
    while fold(pilot, now) and monotonic() < until:
        pass
    pilot.refresh_from_db()


def _content(actor: Actor, pilot: Pilot, kind: Kind, now: datetime) -> bytes:
    with queries_asked() as asked:
        found = appraised(pilot, now)
    if kind == "report":
        return _report(pilot, found, now)
    shape = _shape(pilot, found, now)
    if kind == "csv":
        return figures_csv(shape)
    if kind == "json":
        return f"{json.dumps(shape, indent=1, ensure_ascii=False)}\n".encode()
    return evidence(actor, shape, asked.statements, now, keyring())


def _shape(pilot: Pilot, found: Appraisal, now: datetime) -> dict[str, Any]:
    return {**figures_json(pilot, found, now), "items_waiting": freshness(pilot, now).waiting}


def _report(pilot: Pilot, found: Appraisal, now: datetime) -> bytes:
    from graftwork.apps.pilots.exports.pdf import report  # noqa: PLC0415 - loads reportlab, which only a report needs

    taken_up = adoption(pilot.use_case, now, pilot_name=pilot.name, simulated=pilot.simulated)
    rows = adoption_rows(pilot, taken_up) + seeds_rows(seeds_of(pilot))
    return report(pilot, found, now, fingerprint=fingerprint(), adoption=rows)
