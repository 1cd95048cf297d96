"""A report is computed, published once for the same figures, and never changed."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from io import StringIO

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from dure.accounts import services as accounts
from dure.accounts.acting import Actor
from dure.core import clock
from dure.core.canonical import canonical_bytes, sha256_hex
from dure.core.problems import Problem
from governance.consent import services as consent
from governance.log.services import sequence
from governance.models import LogEntry, Report
from governance.reports import selectors, services
from governance.reports.compute import ReportDocument
from governance.reports.csv_form import report_csv
from governance.reports.problems import PERIOD_UNFIT
from tests.cast import PASSWORD, actor, api, kang, mina, seo

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system("operator")


def now_period() -> str:
    return clock.quarter(clock.now())


def agree(persons: int, purpose: str = "city-ai") -> None:
    notice = consent.publish_notice(
        acting=SYSTEM,
        scope="air-daily",
        purpose=purpose,
        required=True,
        text={"ko": "고지", "en": "Notice"},
        retention_days=30,
    )
    for number in range(persons):
        person = accounts.create_person(
            acting=SYSTEM,
            email=f"{purpose}-{number}@dure.example",
            name="Somebody",
            password=PASSWORD,
        )
        consent.decide(
            acting=actor(person),
            party_id=person.party_id,
            notice=notice,
            granted=True,
            language="ko",
        )


def section(document: ReportDocument, key: str) -> dict[str, object]:
    (found,) = [part for part in document["sections"] if part["key"] == key]
    return {shown["key"]: shown["value"] for shown in found["figures"]}


def test_the_figures_are_those_of_the_records() -> None:
    agree(6)
    agree(2, "research")
    report = services.publish_report(acting=SYSTEM, period=now_period())
    document = report.document
    assert section(document, "consent") == {
        "notices": 2,
        "given": 8,
        "refused": 0,
        "withdrawn": 0,
    }
    (table,) = next(part for part in document["sections"] if part["key"] == "consent")["tables"]
    assert [(row["purpose"], row["given"]) for row in table["rows"]] == [
        ("city-ai", None),
        ("research", None),
    ]
    assert {line["id"] for line in document["algorithms"]} >= {"disclosure-control"}


def test_few_persons_stay_hidden() -> None:
    agree(3)
    document = services.publish_report(acting=SYSTEM, period=now_period()).document
    assert section(document, "consent")["given"] is None


def test_hash_signature_and_log_hold_for_the_canonical_bytes() -> None:
    report = services.publish_report(acting=SYSTEM, period=now_period())
    sequence()
    answer = api().get(f"/api/v1/reports/{report.period}/").json()
    body = canonical_bytes(answer["report"])
    published = answer["published"]
    assert sha256_hex(body) == published["sha256"] == report.sha256
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(published["public_key"])).verify(
        bytes.fromhex(published["signature"]), body
    )
    entry = api().get(f"/api/v1/log/entries/{published['log']['index']}/").json()
    assert entry["leaf"]["payload"]["sha256"] == report.sha256


def test_the_same_figures_are_the_same_edition() -> None:
    first = services.publish_report(acting=SYSTEM, period=now_period())
    assert services.publish_report(acting=SYSTEM, period=now_period()) == first
    agree(6)
    second = services.publish_report(acting=SYSTEM, period=now_period())
    assert (first.edition, second.edition) == (1, 2)
    assert selectors.latest_report(now_period()) == second
    assert LogEntry.objects.filter(kind="report.published").count() == 2


def test_a_report_says_whether_its_quarter_is_over() -> None:
    earlier = clock.quarter(clock.now() - timedelta(days=100))
    assert services.publish_report(acting=SYSTEM, period=earlier).document["complete"] is True
    running = services.publish_report(acting=SYSTEM, period=now_period())
    assert running.document["complete"] is False


@pytest.mark.parametrize("period", ["2026", "2026-q5", "later", "2999-q1"])
def test_only_a_quarter_that_has_begun_can_be_reported(period: str) -> None:
    with pytest.raises(Problem) as refused:
        services.publish_report(acting=SYSTEM, period=period)
    assert refused.value.kind is PERIOD_UNFIT


def test_operators_publish_and_others_do_not() -> None:
    for person in (mina(), seo()):
        with pytest.raises(Problem) as refused:
            services.publish_report(acting=actor(person), period=now_period())
        assert refused.value.kind.status == 403
    assert services.publish_report(acting=actor(kang()), period=now_period()).edition == 1


def test_csv_and_json_hold_the_same_numbers() -> None:
    agree(6)
    report = services.publish_report(acting=SYSTEM, period=now_period())
    response = api().get(f"/api/v1/reports/{report.period}/", HTTP_ACCEPT="text/csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    for part in report.document["sections"]:
        for shown in part["figures"]:
            (row,) = [
                row
                for row in rows
                if (row["section"], row["table"], row["key"]) == (part["key"], "", shown["key"])
            ]
            assert row["value"] == ("" if shown["value"] is None else str(shown["value"]))
            assert row["suppressed"] == str(shown["suppressed"]).lower()


def test_csv_does_not_run_in_a_spreadsheet() -> None:
    texts = {"ko": "=1+1", "en": "-cmd"}
    text = report_csv(
        [
            {
                "key": "s",
                "title": texts,
                "figures": [
                    {"key": "k", "label": texts, "value": "-1.5", "unit": "", "suppressed": False}
                ],
                "tables": [],
            }
        ]
    )
    assert text.splitlines()[1] == "s,,,k,'=1+1,'-cmd,-1.5,,false"


def test_the_form_follows_accept_and_format() -> None:
    period = services.publish_report(acting=SYSTEM, period=now_period()).period
    address = f"/api/v1/reports/{period}/"
    assert api().get(address)["Content-Type"] == "application/json"
    assert api().get(address, {"format": "csv"})["Content-Type"].startswith("text/csv")
    page = api().get(address, HTTP_ACCEPT="text/html,*/*;q=0.8")
    assert page.status_code == 303
    assert page["Location"] in {f"/transparency/{period}/", f"/en/transparency/{period}/"}
    assert api().get(address, HTTP_ACCEPT="image/png").status_code == 406


@pytest.mark.parametrize("accept", ["application/json", "text/csv", "text/html"])
def test_a_period_without_a_report_is_a_problem_in_every_form(accept: str) -> None:
    response = api().get("/api/v1/reports/2020-q1/", HTTP_ACCEPT=accept)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert json.loads(response.content)["type"] == "/developers/errors/report-unknown/"


def test_the_list_is_public() -> None:
    report = services.publish_report(acting=SYSTEM, period=now_period())
    (listed,) = api().get("/api/v1/reports/").json()["results"]
    assert listed["sha256"] == report.sha256


@pytest.mark.parametrize(
    "statement",
    ["UPDATE governance_report SET edition = 9", "DELETE FROM governance_report"],
)
def test_the_database_refuses_to_rewrite_a_report(statement: str) -> None:
    services.publish_report(acting=SYSTEM, period=now_period())
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_command_publishes_the_running_quarter_or_the_one_asked_for() -> None:
    out = StringIO()
    call_command("publish_report", stdout=out)
    assert Report.objects.get().sha256 in out.getvalue()
    earlier = clock.quarter(clock.now() - timedelta(days=100))
    call_command("publish_report", period=earlier, email=kang().email, stdout=out)
    assert Report.objects.filter(period=earlier).exists()
    with pytest.raises(CommandError, match="may not"):
        call_command("publish_report", email=mina().email)
    with pytest.raises(CommandError, match="No active account"):
        call_command("publish_report", email="nobody@dure.example")
