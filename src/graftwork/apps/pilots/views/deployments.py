"""In-house, managed service and hybrid side by side, for one use case."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from graftwork.apps.accounts.door import FROM_SCRIPT, Visit, person_view, wants_fragment
from graftwork.apps.pilots import deployments as stored
from graftwork.apps.pilots.pages.number_inputs import NumberForm, NumberInput, read_numbers
from graftwork.apps.pilots.queries import visible_pilots
from graftwork.apps.work.queries import visible_usecases
from graftwork.core.charter.schema import Money
from graftwork.core.deployments.comparing import TITLES, ComparisonRow, compare
from graftwork.core.deployments.history import UseHistory
from graftwork.core.deployments.spend import Prices
from graftwork.core.errors import NotFound
from graftwork.core.usecase import UseCase

_HALF = 0.5


@person_view("GET", "HEAD")
def deployments(request: HttpRequest, visit: Visit, use_case: str) -> HttpResponseBase:
    """Prices are fields, kept in the address; figures are of the drafts that are stored."""
    pilots = visible_pilots(visit.actor).filter(use_case=use_case)
    declared = next((one for one in visible_usecases(visit.actor) if one.name == use_case), None)
    if declared is None:
        raise NotFound("use case", use_case)
    history = stored.use_history(use_case, visit.now)
    pilot = pilots.filter(started_at__isnull=False).first() or pilots.first()
    money = pilot.as_charter.money if pilot is not None else Money()
    # A price per million is in the currency of the engine that asks for it.
    currency = _currency(declared, money)
    form = read_numbers(_inputs(declared, money, currency, stored.managed_share(history)), request.GET)
    prices = _prices(form, currency) if not form.problems else None
    here = reverse("pilots:deployments", args=[use_case])
    context: dict[str, Any] = {
        "use_case": declared,
        "pilot": pilot,
        "history": history,
        "window_days": stored.WINDOW_DAYS,
        "fields": list(form.fields.values()),
        "problems": form.problems,
        "titles": TITLES.values(),
        "rows": _rows(history, prices, declared) if prices is not None else [],
        "here": here,
    }
    return _answer(request, context, here, form)


def _rows(history: UseHistory, prices: Prices, use_case: UseCase) -> list[tuple[ComparisonRow, list[Any]]]:
    """Each aspect with its cells in the order of the columns."""
    rows = compare(history, prices, stored.engines_by_zone(use_case))
    return [(row, [row.cells[name] for name in TITLES]) for row in rows]


def _prices(form: NumberForm, currency: str) -> Prices:
    return Prices(
        currency=currency,
        prompt_per_million=form.value("prompt_per_million"),
        answer_per_million=form.value("answer_per_million"),
        machine_hours_per_month=form.known("machine_hours_per_month"),
        cost_per_machine_hour=form.known("cost_per_machine_hour"),
        managed_share=form.known("managed_share"),
        volume=form.known("volume"),
    )


def _currency(use_case: UseCase, money: Money) -> str:
    priced = [one for one in use_case.engines if one.input_price_per_million is not None]
    return priced[0].currency if priced else money.currency


def _inputs(use_case: UseCase, money: Money, currency: str, share: float | None) -> list[NumberInput]:
    managed = [one for one in use_case.engines if one.effective_zone == "managed"]
    prompt = next((one.input_price_per_million for one in managed if one.input_price_per_million is not None), None)
    answer = next((one.output_price_per_million for one in managed if one.output_price_per_million is not None), None)
    # A machine in another currency than the tokens is no default: rates are not guessed.
    per_hour = money.cost_per_machine_hour if money.currency == currency else 0.0
    known = "From the use case's file." if prompt is not None else "From the provider's price list."
    return [
        NumberInput("prompt_per_million", "A million prompt tokens", currency, prompt, help=known),
        NumberInput("answer_per_million", "A million answer tokens", currency, answer, help=known),
        NumberInput("machine_hours_per_month", "Machine hours a month", "h", money.machine_hours_per_month),
        NumberInput("cost_per_machine_hour", "A machine hour", currency, per_hour),
        NumberInput(
            "managed_share", "Part that a hybrid sends out", "%", round(_HALF if share is None else share, 3), most=1,
            is_percent=True, help="Assumed to be half." if share is None else "As the drafts went so far.",
        ),
        NumberInput(
            "volume", "Volume, times the history", "times", 1, most=10_000,
            help="2 where half of the items are a control arm and get no draft now.",
        ),
    ]  # fmt: skip


def _answer(request: HttpRequest, context: dict[str, Any], here: str, form: NumberForm) -> HttpResponseBase:
    by_script = wants_fragment(request, "deployments")
    template = "pilots/_deployments.html" if by_script else "pilots/deployments.html"
    response = render(request, template, context)
    if by_script:
        kept = {name: one.text for name, one in form.fields.items() if name in form.asked or one.problem}
        response.headers["HX-Replace-Url"] = f"{here}?{urlencode(kept)}" if kept else here
    patch_vary_headers(response, FROM_SCRIPT)
    return response
