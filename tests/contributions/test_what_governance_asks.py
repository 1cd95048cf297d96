"""Reports, integrity and the rights of a person reach into this room through governance."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal

import pytest

from contributions import taking_out
from contributions.holder import ContributionsHolder
from contributions.intake.drafts import start_draft
from contributions.integrity import contributions_check
from contributions.models import Contribution, Draft
from contributions.pipeline.stages import check
from contributions.report import contributions_section
from contributions.selectors import stock
from dure.core.clock import now
from dure.core.models import Blob
from governance.registries import data_holders, integrity_checks, report_sections
from governance.reports import wording
from governance.reports.periods import Period
from tests.cast import actor, joon, mina
from tests.contributions.seoul import handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)


def this_quarter() -> Period:
    moment = now()
    return Period("2026-q4", moment - timedelta(days=1), moment + timedelta(days=1))


def test_the_room_is_registered() -> None:
    assert report_sections.get("contributions") is not None
    assert integrity_checks.get("contributions") is not None
    assert data_holders.get("contributions") is not None


def test_the_report_counts_contributions_and_measures_coverage() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    check(handed_in(joon(), twenty_rows()).id)
    section = contributions_section(this_quarter())
    figures = {each["key"]: each["value"] for each in section["figures"]}
    assert figures["contributions"] == 2
    assert figures["contributors"] is None, "two people are too few to tell"
    assert (figures["accepted"], figures["duplicate"]) == (20, 20)
    states, records, coverage = section["tables"]
    assert records["rows"][0]["duplicate"] == figures["duplicate"]
    assert states["rows"][0]["accepted"] == 2
    assert coverage["rows"][0]["coverage"] == "0.500000"
    assert coverage["rows"][0]["empty"] == 1
    effective = next(each for each in coverage["columns"] if each["key"] == "effective")
    mass = coverage["rows"][0]["effective"]
    shown = wording.cell_text(coverage, effective, coverage["rows"][0], "en")
    assert Decimal(shown) == Decimal(str(mass)) / 1000, "people read records, not thousandths"


def test_integrity_notices_what_is_overdue() -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    assert contributions_check() == {"ok": True, "overdue": 0, "not_conserved": 0}
    Contribution.objects.filter(pk=made.pk).update(deadline_at=now() - timedelta(seconds=1))
    assert contributions_check() == {"ok": False, "overdue": 1, "not_conserved": 0}


def test_mina_takes_out_what_is_held_about_her() -> None:
    published()
    made = check(handed_in(mina(), twenty_rows()).id)
    check(handed_in(joon(), twenty_rows("20261102")).id)
    held = ContributionsHolder().export(mina().party_id)
    assert isinstance(held, dict)
    assert [each["receipt"] for each in held["contributions"]] == [made.receipt]


def test_she_takes_out_the_records_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    published()
    made = check(handed_in(mina(), twenty_rows()).id)
    other = check(handed_in(joon(), twenty_rows("20261102")).id)
    waiting = handed_in(mina(), twenty_rows("20261103"))
    files = ContributionsHolder().files(mina().party_id)
    records = f"records/{made.receipt}.csv"
    assert set(files) == {records, f"sent/{waiting.receipt}.csv"}
    assert files[f"sent/{waiting.receipt}.csv"] == twenty_rows("20261103")
    header, *rows = list(csv.reader(files[records].decode("utf-8-sig").splitlines()))
    sent = list(csv.reader(twenty_rows().decode("utf-8-sig").splitlines()))
    assert header == ["dure:row", *sent[0]]
    assert [row[1:] for row in rows] == sent[1:]
    assert [row[0] for row in rows] == [str(n) for n in range(1, 21)]
    assert other.receipt not in str(files)
    # What is too much for one file is named, not left away in silence.
    monkeypatch.setattr(taking_out, "RECORDS_BYTES_MAX", len(files[records]) - 1)
    files = ContributionsHolder().files(mina().party_id)
    assert json.loads(files["records/left_out.json"]) == [made.receipt]
    assert records not in files
    ContributionsHolder().erase(mina().party_id)
    assert ContributionsHolder().files(mina().party_id) == {}


def test_restriction_keeps_her_records_out_of_use_and_erasure_takes_them_away() -> None:
    published()
    start_draft(acting=actor(mina()), party_id=mina().party_id, call_slug="air-daily")
    made = check(handed_in(mina(), twenty_rows()).id)
    ContributionsHolder().restrict(mina().party_id)
    assert stock("air-daily") == {}
    made.refresh_from_db()
    assert made.state == "accepted"
    for _attempt in range(2):
        ContributionsHolder().erase(mina().party_id)
    made.refresh_from_db()
    assert (made.state, made.reason_rule, made.filename) == ("withdrawn", "erased", "")
    assert not Blob.objects.filter(purged_at=None).exists()
    assert not Draft.objects.filter(discarded_at=None).exists()


def test_starting_the_platform_does_not_load_the_checking_engine() -> None:
    code = (
        "import django, sys; django.setup(); import contributions.api.urls, contributions.tasks; "
        "sys.exit('great_expectations' in sys.modules)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "dure.settings"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=120)
