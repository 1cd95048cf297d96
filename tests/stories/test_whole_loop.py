"""From a file to a reward and its proof, with the workers of production."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from contributions.models import Contribution, Stage, StageRun
from dure.core import outbox
from dure_client import dure_verify
from governance.log.services import sequence
from tests import cast
from tests.contributions import seoul
from tests.stories.conftest import Workers, wait_until

pytestmark = [pytest.mark.worker, pytest.mark.xdist_group("stories")]

MOVING = ("received", "checking")


def _push(client: APIClient, data: bytes, *, key: str, purposes: str = "city-ai") -> str:
    """Hand a CSV file in as a program does; answers the receipt number."""
    answer = client.post(
        f"/api/v1/contributions/?call=air-daily&purpose={purposes}",
        data=data,
        content_type="text/csv",
        HTTP_IDEMPOTENCY_KEY=key,
    )
    assert answer.status_code == 202, answer.content
    assert answer["Location"].endswith(f"/contributions/{answer.data['receipt']}/")
    return str(answer.data["receipt"])


def _settled(*receipts: str) -> None:
    wait_until(
        lambda: not Contribution.objects.filter(receipt__in=receipts, state__in=MOVING).exists()
    )


def _get(client: APIClient, path: str) -> dict[str, Any]:  # Any: JSON
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def _confirmed(client: APIClient) -> str:
    balances = _get(client, "wallet/")["balances"]
    return next(str(each["confirmed"]) for each in balances if each["asset"] == "DURE")


def test_a_file_becomes_a_reward_that_anybody_can_verify(
    workers: Workers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seoul.published()
    mina, joon, hana = (
        cast.api(cast.mina()),
        cast.api(cast.joon()),
        cast.api(cast.hana(), cast.hanbit()),
    )
    receipts = {
        "mina": _push(mina, seoul.twenty_rows("20261101"), key="m1"),
        "mina again": _push(mina, seoul.twenty_rows("20261101"), key="m1"),
        "hanbit": _push(hana, seoul.twenty_rows("20261102").decode().encode("cp949"), key="h1"),
        "joon": _push(
            joon, seoul.air_csv(*(f"20261103{h:02d},강남구,주민 900101-1234568" for h in range(9))),
            key="j1",
        ),
    }  # fmt: skip
    assert receipts["mina"] == receipts["mina again"]
    _settled(*receipts.values())

    # Joon's file held a resident registration number: refused whole, with a reason he can read.
    refused = _get(joon, f"contributions/{receipts['joon']}/")
    assert refused["state"] == "rejected"
    assert refused["reason"]
    assert "900101" not in json.dumps(_get(joon, f"contributions/{receipts['joon']}/findings/"))
    # The same records from somebody else are known already.
    copied = _push(joon, seoul.twenty_rows("20261101"), key="j2")
    _settled(copied)
    assert _get(joon, f"contributions/{copied}/")["counts"] == {
        "received": 20, "accepted": 0, "quarantined": 0, "duplicate": 20,
    }  # fmt: skip

    # Kang closes the epoch; he may not approve it himself, Lim may.
    kang, lim = cast.api(cast.kang()), cast.api(cast.lim())
    closed = kang.post("/api/v1/epochs/", {"call": "air-daily"})
    assert closed.status_code == 201, closed.content
    epoch = closed.json()["id"]
    assert kang.post(f"/api/v1/epochs/{epoch}/approval/").status_code in (403, 409)
    assert _confirmed(mina) == "0"
    approved = lim.post(f"/api/v1/epochs/{epoch}/approval/")
    assert approved.status_code == 200, approved.content
    assert lim.post(f"/api/v1/epochs/{epoch}/approval/").status_code in (200, 409)

    # The reward is explained line by line, and its sum is what the wallet holds.
    why = _get(mina, f"contributions/{receipts['mina']}/reward/")
    assert _confirmed(mina) == why["reward"] != "0"
    assert _confirmed(joon) == "0"

    # Anybody replays the epoch from its manifest alone, with and without our code.
    manifest = APIClient().get(f"/api/v1/epochs/{epoch}/manifest/").content
    call_command("replay_epoch", epoch)
    (tmp_path / "manifest.json").write_bytes(manifest)
    assert dure_verify.main(["replay", str(tmp_path / "manifest.json")]) == dure_verify.OK
    forged = manifest.replace(b'"amount":"', b'"amount":"1', 1)
    assert forged != manifest
    (tmp_path / "forged.json").write_bytes(forged)
    assert dure_verify.main(["replay", str(tmp_path / "forged.json")]) == dure_verify.TAMPERED

    # Everything is in the log, and the log holds together.
    wait_until(lambda: outbox.lag_s() == 0, seconds=20)
    sequence()
    call_command("verify_log")
    index = _get(mina, f"contributions/{receipts['mina']}/")["log"]
    assert isinstance(index["index"], int)
    proof = _get(APIClient(), f"log/entries/{index['index']}/proof/")
    assert proof["proof"]

    # The report is computed from these very records.
    call_command("publish_report")
    reports = _get(APIClient(), "reports/")["results"]
    report = json.dumps(_get(APIClient(), f"reports/{reports[0]['period']}/"))
    assert "Mina" not in report
    capsys.readouterr()

    # Mina withdraws her consent: the next file is refused, the paid reward stays.
    consents = _get(mina, "consents/")["results"]
    given = next(each for each in consents if each["purpose"] == "city-ai")
    assert mina.post(f"/api/v1/consents/{given['id']}/withdrawal/").status_code == 200
    refusal = mina.post(
        "/api/v1/contributions/?call=air-daily", data=seoul.twenty_rows("20261109"),
        content_type="text/csv",
    )  # fmt: skip
    assert refusal.status_code == 422
    assert refusal.json()["type"].endswith("/consent-missing/")
    assert _confirmed(mina) == why["reward"]


def test_a_worker_that_dies_loses_nothing_and_pays_nothing_twice(workers: Workers) -> None:
    """Both workers are killed with the file on their desk; the clock brings it to its end."""
    seoul.published()
    mina = cast.api(cast.mina())
    receipt = _push(mina, seoul.twenty_rows(), key="k")
    for worker in (workers.default, workers.quality):
        pid = worker.pid()
        assert pid is not None
        os.killpg(pid, signal.SIGKILL)
    for worker in (workers.default, workers.quality):
        wait_until(lambda worker=worker: not worker.running())  # type: ignore[misc]  # bound now
        worker.start()
    _settled(receipt)
    document = _get(mina, f"contributions/{receipt}/")
    assert (document["state"], document["counts"]) == (
        "accepted",
        {"received": 20, "accepted": 20, "quarantined": 0, "duplicate": 0},
    )
    runs = StageRun.objects.filter(contribution__receipt=receipt).values_list("stage", flat=True)
    assert sorted(runs) == sorted(stage.value for stage in Stage)
