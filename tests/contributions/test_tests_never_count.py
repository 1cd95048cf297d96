"""What Hanbit sends with a test key is checked and answered, and touches nothing that counts."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from rest_framework.test import APIClient

from contributions.models import Contribution, RecordFingerprint, ReleaseMember, State
from contributions.pipeline.stages import check
from contributions.selectors import stock, usable
from dure.accounts.acting import Actor
from dure.accounts.api_key_services import issue_api_key
from dure.core.clock import now
from governance.models import Consent
from rewards.models import EpochInput
from tests.cast import api, hana, hanbit, joon
from tests.contributions.conftest import _warm_engine
from tests.contributions.seoul import air_csv, handed_in, published

__all__ = ["_warm_engine"]

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/contributions/"


def trial_program() -> APIClient:
    client = APIClient()
    _key, secret = issue_api_key(
        acting=Actor.system("tests"), person=hana(), organisation=hanbit(), live=False
    )
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def sent(client: APIClient, content: bytes) -> Contribution:
    answer = client.post(
        f"{ADDRESS}?call=air-daily&purpose=city-ai", content, content_type="text/csv"
    )
    assert answer.status_code == 202, answer.json()
    assert answer.json()["test"] is True
    return Contribution.objects.get(receipt=answer.json()["receipt"])


def test_a_test_is_accepted_and_changes_nothing() -> None:
    published()
    client = trial_program()
    checked = check(sent(client, air_csv("20261101,종로구,1")).id)
    assert (checked.state, checked.accepted) == (State.ACCEPTED, 1)
    assert checked.excluded_at is not None
    assert not usable("air-daily").exists()
    assert not any(mass for keys in stock("air-daily").values() for mass in keys.values())
    assert not RecordFingerprint.objects.exists()
    assert not Consent.objects.exists()
    # The same record, sent for real, is nobody's duplicate, and a test of it again is none either.
    real = check(handed_in(joon(), air_csv("20261101,종로구,1")).id)
    assert (real.accepted, real.duplicate) == (1, 0)
    again = check(sent(client, air_csv("20261101,종로구,1")).id)
    assert (again.accepted, again.duplicate) == (1, 0)


def test_test_and_live_keys_do_not_see_each_others_contributions() -> None:
    published()
    client, live = trial_program(), api(hana(), hanbit())
    receipt = sent(client, air_csv("20261101,종로구,1")).receipt
    assert client.get(f"{ADDRESS}{receipt}/").status_code == 200
    assert len(client.get(ADDRESS).json()["results"]) == 1
    assert live.get(f"{ADDRESS}{receipt}/").status_code == 404
    assert live.get(ADDRESS).json()["results"] == []
    assert live.post(f"{ADDRESS}{receipt}/withdrawal/").status_code == 404
    assert client.post(f"{ADDRESS}{receipt}/withdrawal/").status_code == 200


def test_a_required_purpose_has_to_be_named_in_a_test_too() -> None:
    published()
    answer = trial_program().post(
        f"{ADDRESS}?call=air-daily", air_csv("20261101,종로구,1"), content_type="text/csv"
    )
    assert answer.json()["type"] == "/developers/errors/consent-missing/"


@pytest.mark.parametrize(
    ("word", "state"),
    [("TEST_REJECT", "rejected"), ("TEST_RETURN", "returned"), ("TEST_FAIL", "failed")],
)
def test_a_word_in_a_test_calls_for_an_end_and_means_nothing_elsewhere(
    word: str, state: str
) -> None:
    published()
    checked = check(sent(trial_program(), air_csv(f"20261101,{word},1")).id)
    assert checked.state == state
    assert checked.reason_rule.startswith("test-")
    real = check(handed_in(joon(), air_csv(f"20261101,{word},1")).id)
    assert not real.reason_rule.startswith("test-")


def test_the_database_keeps_tests_out_of_every_use() -> None:
    published()
    test = check(sent(trial_program(), air_csv("20261101,종로구,1")).id)
    for change in ({"test": False}, {"excluded_at": None}):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            Contribution.objects.filter(id=test.id).update(**change)
    real = handed_in(joon(), air_csv("20261101,종로구,2"))
    with pytest.raises(DatabaseError), transaction.atomic():
        Contribution.objects.filter(id=real.id).update(test=True, excluded_at=now())
    with pytest.raises(DatabaseError, match="in no release"), transaction.atomic():
        ReleaseMember.objects.create(release_id=test.id, contribution=test, rows=[1], mass=1)
    with pytest.raises(DatabaseError, match="never settled"), transaction.atomic():
        EpochInput.objects.create(
            epoch_id=test.id, contribution=test, pseudonym="p", records=1, reward=1
        )
