"""How fast the pages answer with many contributions in the database, and which are slow.

The town of the crawl, with its first contribution copied a hundred thousand times to two thousand
other parties, each copy with its masses and what its checks left. Each page is asked as the first
role that may see it; said are the main pages, and every other page above the goal. Each is also
asked while the log grows by an entry before every look, as in a city where something happens.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.benchmarks.measure import Figure, Size, stopwatch

if TYPE_CHECKING:
    from django.test import Client

CONTRIBUTIONS: dict[Size, int] = {"quick": 10_000, "normal": 100_000, "full": 100_000}
TIMES: dict[Size, int] = {"quick": 5, "normal": 11, "full": 31}
PARTIES = 2_000
GOAL_MS = 100.0


def run(size: Size) -> list[Figure]:
    from django.core.management import call_command
    from django.test import Client

    from contributions.quality import engine
    from tests import cast
    from tests.portal.crawl.places import MAIN, places
    from tests.portal.crawl.test_everybody import insiders
    from tests.portal.crawl.town import ROLES, built_town

    engine.warm()
    # Pages name their files by what is in them.
    call_command("collectstatic", interactive=False, verbosity=0)
    town = built_town()
    copied = _fill(CONTRIBUTIONS[size], town.samples["receipt"])
    figures = []
    for place in places(town)[0]:
        who = insiders(place)
        role = "resident" if who == ROLES else who[0]
        client = cast.log_in(Client(), town.people[role])
        if client.get(place.path).status_code != 200:
            continue
        about = f"{place.path} as {role}, {copied:,} contributions"
        for what, before in ((about, None), (f"{about}, first after a log entry", _one_entry_more)):
            found = median(_milliseconds(client, place.path, TIMES[size], before))
            if place.name in MAIN or found > GOAL_MS:
                figures.append(Figure(what, round(found, 1), "ms median", goal=f"{GOAL_MS:.0f} ms"))
    return sorted(figures, key=lambda each: -each.value)


def _milliseconds(
    client: Client, path: str, times: int, before: Callable[[], None] | None
) -> list[float]:
    """How long a page takes, so many times, with something done before each that does not count."""
    taken = []
    for _time in range(times):
        if before is not None:
            before()
        with stopwatch() as elapsed:
            answer = client.get(path)
            b"".join(answer) if answer.streaming else answer.content
        taken.append(elapsed.seconds * 1000)
    return taken


def _one_entry_more() -> None:
    """Sums that are kept until the log holds one entry more are summed anew after this."""
    from django.db import transaction

    from dure.accounts.acting import Actor
    from governance.log.services import record

    with transaction.atomic():
        record(kind="call.drafted", acting=Actor.system("bench"), subject=None, payload={})


def _fill(count: int, receipt: str) -> int:
    """Copies of an accepted contribution and its masses, spread over parties; answers how many."""
    from django.db import connection

    from contributions.models import Contribution, StageRun, StratumMass

    changed: dict[str, str] = {
        "id": "copy.id",
        "receipt": "'D-2026-' || upper(lpad(to_hex(copy.n), 8, '0'))",
        "party_id": "copy.owner",
        "submitted_by_id": "NULL",
        "log_entry": "gen_random_uuid()",
        "submitted_at": "own.submitted_at - copy.n * interval '1 minute'",
        "source_id": "NULL",
        "records_id": "NULL",
        "outcome_id": "NULL",
    }
    columns = [str(field.column) for field in Contribution._meta.concrete_fields]
    with connection.cursor() as cursor:
        # The copies are made behind the back of the rules that guard real ones.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "INSERT INTO accounts_party (id, kind)"
            " SELECT gen_random_uuid(), 'organisation' FROM generate_series(1, %s)",
            [PARTIES],
        )
        cursor.execute(
            """
            CREATE TEMP TABLE copy AS
            WITH owners AS (
                SELECT id, row_number() OVER () - 1 AS place, count(*) OVER () AS many
                FROM accounts_party
            )
            SELECT n, gen_random_uuid() AS id, owners.id AS owner
            FROM generate_series(1, %s) AS n JOIN owners ON owners.place = n %% owners.many
            """,
            [count],
        )
        cursor.execute("ANALYZE copy")
        cursor.execute(
            f"""
            INSERT INTO {Contribution._meta.db_table} ({", ".join(columns)})
            SELECT {", ".join(changed.get(name, f"own.{name}") for name in columns)}
            FROM {Contribution._meta.db_table} AS own, copy WHERE own.receipt = %s ORDER BY copy.n
            """,
            [receipt],
        )
        for part in (StratumMass, StageRun):
            names = [str(f.column) for f in part._meta.concrete_fields if not f.primary_key]
            values = ["copy.id" if name == "contribution_id" else f"part.{name}" for name in names]
            cursor.execute(
                f"""
                INSERT INTO {part._meta.db_table} ({", ".join(names)})
                SELECT {", ".join(values)}
                FROM {part._meta.db_table} AS part
                JOIN {Contribution._meta.db_table} AS own ON own.id = part.contribution_id, copy
                WHERE own.receipt = %s
                """,
                [receipt],
            )
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")
        cursor.execute(f"SELECT count(*) FROM {Contribution._meta.db_table}")
        found: tuple[Any, ...] = cursor.fetchone()  # Any: a row of the database
    return int(found[0])
