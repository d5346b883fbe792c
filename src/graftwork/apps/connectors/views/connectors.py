"""How the connectors are, and what a person does about them."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from graftwork.apps.accounts.door import FROM_SCRIPT, Visit, person_view, wants_fragment
from graftwork.apps.connectors.actions import letters as settling
from graftwork.apps.connectors.actions.lanes import start_lane, stop_lane
from graftwork.apps.connectors.letters_page import (
    MOST_AT_ONCE,
    count_unsure,
    letters_page,
    marks_of_all,
    parted,
    unsure_among,
)
from graftwork.apps.connectors.models import Delivery, DeliveryState, Direction
from graftwork.apps.connectors.queries import Health, health, health_of
from graftwork.apps.connectors.tasks import pull_connector, push_connector
from graftwork.apps.jobs.actions import enqueue_once
from graftwork.apps.work.usecases import all_usecases
from graftwork.core.errors import NotFound, RequestInvalid


@person_view("GET", "HEAD")
def connectors(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    context = {"connectors": health(visit.actor, visit.now), "now": visit.now, "titles": _titles()}
    return _page(request, "connectors", context)


@person_view("GET", "HEAD")
def connector(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    one = health_of(visit.actor, name, visit.now)
    kind = request.GET.get("kind", "")
    context = {
        "one": one,
        "kind": kind,
        "letters": letters_page(visit.actor, name, kind),
        "most_at_once": MOST_AT_ONCE,
        "now": visit.now,
        "titles": _titles(),
    }
    return _page(request, "connector", context)


@person_view("POST")
def lane(request: HttpRequest, visit: Visit, name: str, direction: str, verb: str) -> HttpResponseBase:
    """Stop one direction, start it, or have it tried now."""
    one = health_of(visit.actor, name, visit.now)
    way = Direction(direction)
    if way not in [lane.direction for lane in one.lanes]:
        raise NotFound("lane", f"{name} {direction}")
    if verb == "stop":
        stop_lane(visit.actor, name, way, visit.now)
        messages.success(request, f"{_label(one)}: {_way(way)} is stopped. What is under way ends first.")
    else:
        start_lane(visit.actor, name, way, visit.now)
        enqueue_once(pull_connector if way is Direction.IN else push_connector, name)
        messages.success(request, f"{_label(one)}: {_way(way)} is tried now.")
    return redirect("connectors:connector", name) if "one" in request.POST else redirect("connectors:connectors")


@person_view("POST")
def settle(request: HttpRequest, visit: Visit, name: str, verb: str) -> HttpResponseBase:
    """Do the same with each letter that was chosen: one by its own button, those that are ticked, or all of them."""
    kind = request.POST.get("kind", "")
    one, ticked, all_of_them = request.POST.get("one"), request.POST.getlist("letter"), "all" in request.POST
    left = 0
    if all_of_them:
        marks = marks_of_all(visit.actor, name, kind, with_unsure=verb != "replay")
        left = count_unsure(visit.actor, name, kind) if verb == "replay" else 0
    else:
        marks = [one] if one else ticked
    if not marks and not left:
        messages.warning(request, "Nothing was ticked.")
    else:
        told = _settled(visit, name, verb, marks, left)
        messages.success(request, f"{told[:1].upper()}{told[1:]}.")
    return redirect(_address(name, kind) if _is_there(visit, name) else "connectors:connectors")


def _is_there(visit: Visit, name: str) -> bool:
    """Not any more, where the file is gone and the last that it left was settled."""
    try:
        health_of(visit.actor, name, visit.now)
    except NotFound:
        return False
    return True


def _settled(visit: Visit, name: str, verb: str, marks: Sequence[str], unsure: int) -> str:
    """What was done, in words. One that somebody else settled meanwhile holds up no other; `unsure` were left out."""
    deliveries, records = parted(marks)
    if verb == "replay":
        possibly_sent = unsure_among(visit.actor, deliveries)
        deliveries, unsure = [pk for pk in deliveries if pk not in possibly_sent], unsure + len(possibly_sent)
    done, skipped = _settle_deliveries(visit, verb, deliveries)
    told = [f"{_counted(done, 'delivery', 'deliveries')} {_DONE[verb]}"] if deliveries else []
    if skipped:
        told.append(f"{_counted(skipped, 'delivery', 'deliveries')} left as {'it is' if skipped == 1 else 'they are'}")
    if unsure:
        told.append(f"{_counted(unsure, 'delivery', 'deliveries')} left, possibly sent: look there, then say of each")
    if records and verb in ("replay", "drop"):
        told.append(_settle_records(visit, name, verb, records))
    elif records:
        told.append(f"{_counted(len(records), 'record', 'records')} left: this is for deliveries only")
    return "; ".join(told)


_DONE = {"replay": "will be sent again", "overwrite": "will be sent again, over what was changed there",
         "not-arrived": "will be sent again", "arrived": "noted as arrived", "drop": "dropped"}  # fmt: skip


def _settle_deliveries(visit: Visit, verb: str, pks: Sequence[UUID]) -> tuple[int, int]:
    """How many were settled, and how many left."""
    done, to_push = 0, set[str]()
    for pk in pks:
        try:
            row = _settle_delivery(visit, verb, pk)
        except (RequestInvalid, NotFound):
            continue
        done += 1
        to_push |= {row.connector} if row.state == DeliveryState.WAITING else set()
    for name in sorted(to_push):
        enqueue_once(push_connector, name)
    return done, len(pks) - done


def _settle_delivery(visit: Visit, verb: str, pk: UUID) -> Delivery:
    match verb:
        case "arrived":
            return settling.mark_delivered(visit.actor, pk, visit.now)
        case "drop":
            return settling.drop(visit.actor, pk, visit.now)
    return settling.replay(visit.actor, pk, visit.now, overwrite=verb == "overwrite", confirmed=verb == "not-arrived")


def _settle_records(visit: Visit, name: str, verb: str, records: Sequence[UUID]) -> str:
    if verb == "drop":
        return f"{_counted(settling.drop_refusals(visit.actor, name, records, visit.now), 'record', 'records')} dropped"
    stored = settling.replay_refusals(visit.actor, name, records, visit.now)
    return f"{_counted(stored.created, 'record', 'records')} came in, {stored.refused:,} still cannot"


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponseBase:
    """A whole page, or the part of it that renews itself; both are called the same."""
    part = f"_{name}" if wants_fragment(request, name) else name
    response = render(request, f"connectors/{part}.html", context)
    patch_vary_headers(response, FROM_SCRIPT)
    return response


def _titles() -> dict[str, str]:
    return {use_case.name: use_case.title for use_case in all_usecases()[0]}


def _address(name: str, kind: str) -> str:
    return reverse("connectors:connector", args=[name]) + (f"?{urlencode({'kind': kind})}" if kind else "")


def _label(one: Health) -> str:
    return one.file.label if one.file else one.name


def _way(direction: Direction) -> str:
    return "bringing in" if direction is Direction.IN else "delivering"


def _counted(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"
