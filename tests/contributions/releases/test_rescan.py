"""What is given out is read again against the log, by another way than the one that recalls."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from contributions.models import Release
from contributions.pipeline.stages import check
from contributions.releases.building import build
from contributions.releases.rescan import NOTICED_WITHIN_S, releases_check
from contributions.releases.services import build_release
from contributions.withdrawal.services import withdraw
from dure.core.blobs import read
from dure.core.clock import now
from governance.consent.selectors import in_force, notices_for
from governance.consent.services import decide
from governance.consent.services import withdraw as withdraw_consent
from governance.log.selectors import latest_checkpoint
from governance.log.services import sequence
from governance.models import RestrictionGround
from governance.registries import integrity_checks
from governance.rights.services import restrict
from tests.cast import actor, api, joon, kang, mina
from tests.clock import set_clock
from tests.contributions.seoul import AIR, air_csv, handed_in, published, twenty_rows
from tests.emptying import without_triggers

pytestmark = pytest.mark.django_db(transaction=True)

STANDS = {"ok": True, "releases": 1, "rows": 21, "withdrawn": 0, "late": 0, "heads_unknown": 0}
AGENCY = {"key": "agency", "name": {"ko": "기관", "en": "Agency"}}
NAMED = [{**AIR["purposes"][0], "recipients": [AGENCY]}, *AIR["purposes"][1:]]


def given_out() -> Release:
    """Mina's twenty records and Joon's one, in the open, with the log's head before the build."""
    published(purposes=NAMED)
    check(handed_in(mina(), twenty_rows()).id)
    check(handed_in(joon(), air_csv("2026110300,강남구,12")).id)
    sequence()
    asked = build_release(acting=actor(kang()), call_slug="air-daily", purpose="city-ai")
    return build(asked.id)


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, now() + timedelta(seconds=NOTICED_WITHIN_S + 5))


def test_the_manifest_names_the_head_at_which_consent_was_read() -> None:
    release = given_out()
    head = latest_checkpoint()
    assert head is not None
    said = {"size": head.size, "root": bytes(head.root).hex()}
    package = json.loads(read(release.files.get(name="datapackage.json").blob))
    assert package["dure"]["consent"]["log"] == said
    seen = api().get(f"/api/v1/releases/{release.id}/").json()
    assert seen["measures"]["consent"] == package["dure"]["consent"]
    assert seen["measures"]["consent"]["asked_at"] == seen["published_at"]
    assert integrity_checks.get("releases") is releases_check
    assert releases_check() == STANDS


def ends_consent() -> None:
    consent = in_force(party_id=mina().party_id, scope="air-daily", purpose="city-ai")
    assert consent is not None
    withdraw_consent(acting=actor(mina()), consent=consent)


def takes_it_back() -> None:
    (mine,) = mina().party.contributions.all()
    withdraw(acting=actor(mina()), receipt=mine.receipt)


def refuses_the_agency() -> None:
    (notice,) = [each for each in notices_for("air-daily") if each.purpose == "city-ai"]
    decide(
        acting=actor(mina()), party_id=mina().party_id, notice=notice, granted=False,
        language="ko", recipient="agency",
    )  # fmt: skip


def is_restricted() -> None:
    restrict(acting=actor(kang()), party_id=mina().party_id, ground=RestrictionGround.REQUEST)


@pytest.mark.parametrize("leaves", [ends_consent, takes_it_back, refuses_the_agency, is_restricted])
def test_who_left_is_found_in_what_was_not_recalled(
    leaves: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    given_out()
    leaves()
    found = releases_check()
    assert (found["ok"], found["withdrawn"], found["late"]) == (True, 20, 0), "there is a minute"
    later(monkeypatch)
    found = releases_check()
    assert (found["ok"], found["withdrawn"], found["late"]) == (False, 20, 20)


def test_a_consent_past_its_time_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    given_out()
    set_clock(monkeypatch, now() + timedelta(days=10_000))
    assert releases_check()["late"] == 21


def test_the_log_is_believed_and_not_the_state_that_the_platform_keeps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = given_out()
    ends_consent()
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_consentevent SET state = 'given', valid_until = %s"
            " WHERE state = 'withdrawn'",
            [now() + timedelta(days=1000)],
        )
    assert api().get(f"/api/v1/releases/{release.id}/").json()["state"] == "published", "forged"
    later(monkeypatch)
    assert releases_check()["late"] == 20


def test_a_head_that_the_log_never_had_is_noticed() -> None:
    release = given_out()
    head = {**release.document["consent"]["log"], "root": "0" * 64}
    forged = {**release.document, "consent": {**release.document["consent"], "log": head}}
    with without_triggers():
        Release.objects.filter(id=release.id).update(document=forged)
    found = releases_check()
    assert (found["ok"], found["heads_unknown"]) == (False, 1)
