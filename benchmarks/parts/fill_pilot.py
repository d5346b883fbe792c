"""Make a big pilot with SQL alone: items, enrolments and reviews, and the sums as folding would have left them.

Of each review there is an item, an enrolment and a decision that stands. The sums of a big pilot are written, not
folded; `benchmarks.parts.pilot_part` folds a smaller one for real and compares.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

DAYS = 90
REVIEWERS = 200
START = datetime(2026, 8, 1, 8, tzinfo=UTC)
USE_CASE = "bench_reply"
TABLES = ("work_item", "pilots_enrolment", "work_review")
CHARTER: dict[str, Any] = {
    "name": "bench_pilot",
    "title": "A pilot of many reviews",
    "use_case": USE_CASE,
    "problem": "Answers take long.",
    "owner": {"name": "Head of service"},
    "primary": {"metric": "handling_time", "minimum_effect": 20.0, "target": 40.0, "winsorise_above": 1800.0},
    "guards": [{"metric": "csat", "margin": 0.2}, {"metric": "reopen_rate", "margin": 0.02}],
    "plan": {"units_per_week": 1000.0, "control_mean": 300.0, "standard_deviation": 120.0, "reviewers": REVIEWERS},
    "budget": [{"title": "Build", "kind": "build", "amount": 20_000.0}],
}


def make_pilot(name: str) -> Any:
    from graftwork.apps.pilots.models import Pilot
    from graftwork.core.charter.schema import Charter

    use_case = USE_CASE if name == CHARTER["name"] else f"{name}_reply"
    charter = Charter.model_validate({**CHARTER, "name": name, "use_case": use_case})
    return Pilot.objects.create(
        name=name, use_case=charter.use_case, state="running", charter=charter.model_dump(mode="json"),
        charter_sha256=charter.sha256, salt="5" * 64, created_at=START, started_at=START,
        ends_at=START + timedelta(days=DAYS), balance_checked_at=START,
    )  # fmt: skip


def make_reviewers() -> None:
    from graftwork.apps.accounts.models import User

    people = [
        User(username=f"bench{number}", date_joined=START - timedelta(days=3 * number)) for number in range(REVIEWERS)
    ]
    User.objects.bulk_create(people)


def add_rows(pilot: Any, first: int, last: int, *, due: bool) -> None:
    """Reviews number `first` up to `last`, each with its item and enrolment; `due` has them folded."""
    from django.db import connection

    from graftwork.apps.accounts.models import User
    from graftwork.apps.vault.actions import scope_keys

    key = _first_thread(last - first + 1) if due else scope_keys(["bench:thread"])["bench:thread"].pk
    thread = f"{key} + n - {first}" if due else str(key)
    reviewer = User.objects.filter(username__startswith="bench").order_by("pk")[0].pk
    sql = _Postgres if connection.vendor == "postgresql" else _Sqlite
    series, identifier = sql.series(first, last), sql.identifier(pilot.pk)
    at, arm = sql.at, "CASE n % 2 WHEN 0 THEN 'assisted' ELSE 'control' END"
    statements = [
        f"""INSERT INTO work_item (id, use_case, external_id, thread, scope_key_id, content_sealed, state, created_at,
            arm, attempts, error_code, error_message, lease_owner)
        SELECT {identifier}, '{pilot.use_case}', 'b-' || n, '', {thread}, {sql.empty}, 'decided', {at},
            {arm}, 0, '', '', '' FROM {series}""",
        f"""INSERT INTO pilots_enrolment (pilot_id, item_id, unit, bucket, arm, item_type, covariate, enrolled_at,
            reviewer, tenure, folded)
        SELECT {pilot.pk}, {identifier}, {sql.hexadecimal}, n % 10000, {arm}, 'type ' || (n % 5), NULL, {at},
            0, '', '{{}}' FROM {series}""",
        f"""INSERT INTO work_review (id, item_id, reviewer_id, simulated, decision, reason, share_rewritten,
            active_seconds, active_seconds_30, active_seconds_120, previous_state, decided_at, effective_at)
        SELECT {identifier}, {identifier}, {reviewer} + n % {REVIEWERS}, {sql.false}, 'edited', '', NULL,
            {_SECONDS}, {_SECONDS} * 0.9, {_SECONDS} * 1.1, 'ready', {at}, {at} FROM {series}""",
    ]
    if due:
        columns = "pilot_id, item_id, due_at"
        statements.append(f"INSERT INTO pilots_due ({columns}) SELECT {pilot.pk}, {identifier}, {at} FROM {series}")
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _first_thread(count: int) -> int:
    """Make a thread for each item; the number of the first. Their keys open nothing: nothing is sealed with them."""
    from graftwork.apps.vault.models import ScopeKey

    names = [f"bench:{number}" for number in range(count)]
    ScopeKey.objects.bulk_create(
        (ScopeKey(scope=name, master_key_id="0", wrapped=bytes(60)) for name in names), batch_size=2_000
    )
    return int(ScopeKey.objects.filter(scope__in=("bench:0",)).values_list("pk", flat=True)[0])


# Between 60 and 560 s, with 40 s less where there is a draft.
_SECONDS = "(100.0 + (n * 7919) % 461 - CASE n % 2 WHEN 0 THEN 40 ELSE 0 END)"


class _Sqlite:
    hexadecimal = "printf('%064x', n)"
    at = f"strftime('%Y-%m-%d %H:%M:%S', '{START:%Y-%m-%d %H:%M:%S}', '+' || (n % {DAYS}) || ' days')"
    empty, false = "x''", "0"

    @staticmethod
    def identifier(pilot: int) -> str:
        return f"printf('%08x%024x', {pilot}, n)"

    @staticmethod
    def series(first: int, last: int) -> str:
        numbers = f"SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last}"
        return f"(WITH RECURSIVE s(n) AS ({numbers}) SELECT n FROM s) AS s"


class _Postgres:
    hexadecimal = "lpad(to_hex(n), 64, '0')"
    at = f"TIMESTAMPTZ '{START.isoformat()}' + (n % {DAYS}) * INTERVAL '1 day'"
    empty, false = "''::bytea", "FALSE"

    @staticmethod
    def identifier(pilot: int) -> str:
        return f"(lpad(to_hex({pilot}), 8, '0') || lpad(to_hex(n), 24, '0'))::uuid"

    @staticmethod
    def series(first: int, last: int) -> str:
        return f"(SELECT n::bigint AS n FROM generate_series({first}, {last}) AS n) AS s"


def fast_and_unsafe() -> None:
    """Nothing here has to survive a power cut, and references are right by construction."""
    from django.db import connection

    settings = (
        ["SET session_replication_role = replica", "SET synchronous_commit = off"]
        if connection.vendor == "postgresql"
        else ["PRAGMA foreign_keys = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -500000"]
    )
    with connection.cursor() as cursor:
        for setting in settings:
            cursor.execute(setting)


def without_indexes() -> list[str]:
    """Drop the indexes of the big tables; returns the statements that make them again."""
    from django.db import connection

    names = ", ".join(f"'{table}'" for table in TABLES)
    query = (
        f"SELECT i.indexname, i.indexdef FROM pg_indexes i LEFT JOIN pg_constraint c ON c.conname = i.indexname"
        f" WHERE i.tablename IN ({names}) AND c.conname IS NULL"
        if connection.vendor == "postgresql"
        else f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({names})"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = cursor.fetchall()
        for name, _ in found:
            cursor.execute(f'DROP INDEX "{name}"')
    return [statement for _, statement in found]


def again(statements: list[str]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("ANALYZE")


def write_sums(pilot: Any, reviews: int) -> None:
    """What folding would have left of so many reviews: every metric, for each day, reviewer, tenure and item type."""
    from graftwork.apps.pilots.folding.contributions import Contributions
    from graftwork.apps.pilots.folding.storing import add_to_sums, clear_sums

    sums, chance = Contributions(), random.Random(reviews)
    per_day, per_reviewer = reviews / DAYS / 2, reviews / REVIEWERS / 2
    for metric, mean, spread in _metrics(pilot):
        for arm in ("assisted", "control"):
            at = mean - (0.1 * mean if arm == "assisted" else 0)
            for number in range(DAYS):
                sums.days[metric, arm, _day(number)] = _row(per_day, at, spread, chance)
            for dimension, value, share in _segments(per_reviewer / (reviews / 2)):
                sums.parts[metric, arm, dimension, value] = _row(share * reviews / 2, at, spread, chance)
    for arm in ("assisted", "control"):
        for number in range(400, 900):
            sums.bins[arm, number] = max(1, reviews // 1_000)
    clear_sums(pilot)
    add_to_sums(pilot, sums)


def _day(number: int) -> date:
    return (START + timedelta(days=number)).date()


def _segments(share_of_reviewer: float) -> Iterator[tuple[str, str, float]]:
    yield from (("reviewer", str(number + 1), share_of_reviewer) for number in range(REVIEWERS))
    yield from (("tenure", value, 1 / 3) for value in ("first month", "1 to 6 months", "over 6 months"))
    yield from (("item_type", f"type {number}", 1 / 5) for number in range(5))


def _metrics(pilot: Any) -> Iterator[tuple[str, float, float]]:
    """Key, mean and spread of every metric and of what is counted beside them."""
    for key, metric in pilot.as_charter.metrics.items():
        yield (key, 0.5, 0.5) if metric.unit == "share" else (key, 300.0, 120.0)
    yield from (("enrolled", 0.0, 0.0), ("drafts", 1.0, 0.0), ("draft_ms", 2_000.0, 500.0), ("draft_cost", 0.02, 0.01))


def _row(units: float, mean: float, spread: float, chance: random.Random) -> list[float]:
    units = float(round(units))
    y = units * (mean + chance.gauss(0, 1) * spread / max(1.0, units) ** 0.5)
    squares = units * spread**2 + (y * y / units if units else 0.0)
    return [units, y, units, 0.0, squares, units, 0.0, y, 0.0, 0.0]
