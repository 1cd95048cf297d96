"""Whoever has the log finds every settlement of a report in it, and what a report leaves out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dure.accounts.acting import Actor
from dure.core.clock import now, quarter
from dure_client import dure_verify as verify
from governance.log.services import sequence
from governance.reports.services import publish_report
from tests.cast import api
from tests.governance.log.mirror import mirror_log
from tests.rewards.test_report import pay

pytestmark = pytest.mark.django_db


def leaves(folder: Path) -> list[Any]:  # Any: JSON
    return [leaf for _index, leaf in verify._leaves(str(folder))]


def test_every_settlement_is_found_in_the_log_and_none_is_left_out(tmp_path: Path) -> None:
    pay(6)
    sequence()
    period = quarter(now())
    publish_report(acting=Actor.system("operator"), period=period)
    sequence()
    answer = api().get(f"/api/v1/reports/{period}/").json()
    path = tmp_path / "report.json"
    path.write_text(json.dumps(answer))
    folder = mirror_log(api(), tmp_path / "log")
    key = api().get("/api/v1/log/keys/").json()["verifier_key"]
    arguments = ["report", str(path), "--key", key, "--log", str(folder)]
    assert verify.main(arguments) == verify.OK

    rewards = next(s for s in answer["report"]["sections"] if s["key"] == "rewards")
    table = next(t for t in rewards["tables"] if t["key"] == "epochs")
    evidence, inside = table["evidence"], leaves(folder)
    (row,) = table["rows"]
    assert row["paid"] is not None

    def found(rows: list[Any]) -> list[str]:
        changed = {**table, "rows": rows}
        return list(verify._check_evidence("rewards.epochs", changed, evidence, inside))

    assert found([row]) == [f"rewards.epochs.{row['epoch']}"]
    assert found([{**row, "paid": None}]), "what is withheld is not compared"
    for forged in ([], [row, {**row, "epoch": "made-up"}], [{**row, "paid": "1"}],
                   [{**row, "manifest": "0" * 64}]):  # fmt: skip
        with pytest.raises(verify.Tampered):
            found(forged)
