"""Run as a module: a PostgreSQL of its own is killed in the middle of bulk postings."""

from __future__ import annotations

import json
import os
import signal
import time


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    from dure.embedded import postgres

    postgres.ensure_running()
    try:
        call_command("migrate", interactive=False, verbosity=0)
        print(json.dumps([_killed(step) for step in ("load", "publish")]))
    finally:
        connections.close_all()
        postgres.stop(settings.PLACES)


def _killed(step: str) -> dict[str, object]:
    from django.conf import settings
    from django.db import connections

    from dure.core.money import SUB_UNITS
    from dure.embedded import postgres
    from rewards.ledger import selectors
    from rewards.ledger.bulk import job
    from rewards.ledger.integrity import check_ledger
    from tests.rewards.ledger.bulk import ordered, people, purse
    from tests.rewards.ledger.crashes import dying_at
    from tests.rewards.money import CLERK

    def held() -> list[int]:
        return sorted({selectors.balance(account).spendable // SUB_UNITS for account in accounts})

    def kill_server() -> None:
        os.kill(postmaster, signal.SIGKILL)
        time.sleep(0.2)

    postmaster = int((settings.PLACES.postgres_data / "postmaster.pid").read_text().split()[0])
    job.LEASE_S = 0  # type: ignore[misc]  # the next run does not wait
    accounts = people(10)
    batch = ordered(dict.fromkeys(accounts, 1), 20 * SUB_UNITS, purse(20))
    dying_at(step, committed=False, batch_id=batch.id, kill=kill_server)
    connections.close_all()
    postgres.ensure_running()
    batch.refresh_from_db()
    answer: dict[str, object] = {
        "step": step,
        "before": held(),
        "state_after_restart": batch.state,
        "rows_after_restart": batch.rows_done,
        "expected_rows": 4 if step == "load" else 10,
    }
    job.run(acting=CLERK, batch_id=batch.id)
    batch.refresh_from_db()
    return answer | {"state": batch.state, "after": held(), "ok": check_ledger()["ok"]}


if __name__ == "__main__":
    main()
