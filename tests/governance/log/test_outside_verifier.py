"""The stand-alone verifier, which shares no code with the log, agrees with what is served."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client

from dure_client import dure_verify
from governance.consent import services as consent
from governance.log import selectors, tiles
from governance.log.services import sequence
from governance.models import LogEntry
from tests.cast import actor, api, kang, mina

pytestmark = pytest.mark.django_db


@pytest.fixture
def mirror(client: Client, tmp_path: Path) -> Path:
    """Everything that is served below /log/, saved as files."""
    person = mina()
    for number in range(300):
        notice = consent.publish_notice(
            acting=actor(kang()),
            scope="air-daily",
            purpose=f"purpose-{number}",
            required=False,
            text={"ko": "고지", "en": "Notice"},
            retention_days=30,
        )
    consent.decide(
        acting=actor(person),
        party_id=person.party_id,
        notice=notice,
        granted=True,
        language="ko",
    )
    sequence()
    size = 301
    paths = ["checkpoint"]
    for level in (None, 0, 1):
        for index in range(2):
            width = tiles.tile_width(size, level or 0, index)
            if width:
                paths.append(tiles.format_tile_path(level, index, width))
    for path in paths:
        response = client.get(f"/log/{path}")
        assert response.status_code == 200, path
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(response.content)
    return tmp_path


def verify(*arguments: str) -> int:
    return dure_verify.main([*arguments, "--key", selectors.keys_document()["verifier_key"]])


def test_it_verifies_the_whole_log_from_its_files(mirror: Path) -> None:
    assert verify("log", str(mirror)) == 0


def test_it_finds_a_changed_entry(mirror: Path) -> None:
    bundle = mirror / "tile/entries/001.p/45"
    bundle.write_bytes(bundle.read_bytes().replace(b"purpose-270", b"purpose-271"))
    assert verify("log", str(mirror)) == 1


def test_it_verifies_a_receipt_with_its_openings(mirror: Path, tmp_path: Path) -> None:
    entry = LogEntry.objects.get(kind="consent.given")
    document = selectors.proof_document(entry.id, owner=mina().party_id)
    assert document is not None
    receipt = tmp_path / "receipt.json"
    receipt.write_text(json.dumps(document), encoding="utf-8")
    assert verify("receipt", str(receipt)) == 0
    document["openings"][0]["value"] = "person:somebody-else"
    receipt.write_text(json.dumps(document), encoding="utf-8")
    assert verify("receipt", str(receipt)) == 1


def test_it_verifies_a_report(tmp_path: Path) -> None:
    from governance.reports.services import publish_report

    published = publish_report(acting=actor(kang()), period="2026-q3")
    answer = api().get(f"/api/v1/reports/{published.period}/")
    report = tmp_path / "report.json"
    report.write_bytes(answer.content)
    assert verify("report", str(report)) == 0
    report.write_bytes(answer.content.replace(b'"complete":true', b'"complete":false'))
    assert verify("report", str(report)) == 1
