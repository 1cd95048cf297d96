"""Integrity says how far the log was verified, and a check that cannot run is no good news."""

from __future__ import annotations

from datetime import timedelta
from typing import NoReturn

import pytest
import time_machine
from django.db import transaction

from dure.accounts.acting import Actor
from dure.core import clock
from governance.log import services
from governance.models import LogAudit
from governance.registries import integrity_checks
from governance.tasks import audit_log
from tests.cast import api
from tests.governance.conftest import Forger

pytestmark = pytest.mark.django_db


@pytest.fixture
def log() -> None:
    with transaction.atomic():
        for _ in range(3):
            services.record(
                kind="call.drafted", acting=Actor.system("tests"), subject=None, payload={}
            )
    services.sequence()


def checks() -> dict[str, dict[str, object]]:
    document: dict[str, dict[str, dict[str, object]]] = api().get("/api/v1/integrity/").json()
    return document["checks"]


@pytest.mark.usefixtures("log")
def test_the_log_is_verified_up_to_the_last_audit() -> None:
    before = checks()["log"]
    assert (before["ok"], before["size"], before["verified_up_to"]) == (True, 3, 0)
    audit_log()
    after = checks()["log"]
    assert (after["ok"], after["verified_up_to"], after["signed"]) == (True, 3, True)
    assert after["root"] == LogAudit.objects.get().root


@pytest.mark.usefixtures("log")
def test_tampering_shows(forger: Forger) -> None:
    forger.run(
        "UPDATE governance_logentry SET kind = 'call.revised' WHERE origin_seq ="
        " (SELECT origin_seq FROM governance_logplace WHERE index = 1)"
    )
    audit_log()
    answer = api().get("/api/v1/integrity/").json()
    assert answer["ok"] is False
    log = answer["checks"]["log"]
    assert (log["ok"], log["first_bad_index"], log["verified_up_to"]) == (False, 1, 1)


@pytest.mark.usefixtures("log")
def test_an_unsigned_head_shows(forger: Forger) -> None:
    forger.run("UPDATE governance_logcheckpoint SET note = 'forged'")
    assert checks()["log"]["ok"] is False


@pytest.mark.usefixtures("log")
def test_an_entry_that_waits_too_long_shows() -> None:
    an_hour_ago = clock.now() - timedelta(hours=1)
    with time_machine.travel(an_hour_ago, tick=False), transaction.atomic():
        services.record(kind="call.drafted", acting=Actor.system("tests"), subject=None, payload={})
    log = checks()["log"]
    assert (log["ok"], log["waiting"]) == (False, 1)
    assert isinstance(log["lag_seconds"], int)
    assert log["lag_seconds"] >= 3600
    services.sequence()
    assert checks()["log"]["ok"] is True


def test_the_outbox_lag_is_told() -> None:
    assert checks()["outbox"] == {"ok": True, "lag_seconds": 0}


def test_a_check_that_cannot_run_counts_as_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> NoReturn:
        raise ZeroDivisionError("somebody's secret")

    monkeypatch.setattr(type(integrity_checks), "items", lambda self: [("ledger", broken)])
    answer = api().get("/api/v1/integrity/").json()
    assert answer["ok"] is False
    assert answer["checks"] == {"ledger": {"ok": False, "error": "ZeroDivisionError"}}
