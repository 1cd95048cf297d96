"""Licensees delete what is recalled and say so within thirty days, or get nothing more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from contributions.models import DeletionAttestation, Release
from contributions.pipeline.stages import check
from contributions.releases.attestation import attest_deletion
from contributions.releases.building import build
from contributions.releases.services import build_release
from contributions.withdrawal.services import withdraw
from dure.core.clock import now
from dure.core.problems import Problem
from governance.models import LogEntry
from rewards.licences.services import agree
from rewards.licences.sizes import Asker, Told
from rewards.models import Licence
from rewards.valuation.cost import Purpose
from tests.cast import actor, api, charlie, hana, hanbit, joon, kang, log_in, mina
from tests.clock import set_clock
from tests.contributions.seoul import air_csv, handed_in, news, published, twenty_rows
from tests.rewards.money import paid_by_two

pytestmark = pytest.mark.django_db(transaction=True)


def built() -> Release:
    return build(
        build_release(
            acting=actor(kang()), call_slug="air-daily", purpose="city-ai", kind="licensed"
        ).id
    )


def recalled() -> tuple[Licence, Release]:
    """Hanbit paid for and took a release, of which Mina has then withdrawn twenty rows."""
    published()
    check(handed_in(joon(), air_csv("2026110300,강남구,12")).id)
    hers = check(handed_in(mina(), twenty_rows()).id)
    licence = agree(
        acting=actor(hana()),
        party_id=hanbit().party_id,
        call_slug="air-daily",
        asker=Asker(Purpose.COMMERCIAL, Told(900, 90_000_000, 80_000_000)),
    )
    paid_by_two(licence.id)
    release = built()
    assert take(release) == (200, "")
    with pytest.raises(Problem, match="nothing-recalled"):
        attest_deletion(acting=actor(hana()), release_id=release.id, party_id=hanbit().party_id)
    withdraw(acting=actor(mina()), receipt=hers.receipt)
    news()
    release.refresh_from_db()
    return licence, release


def take(release: Release) -> tuple[int, str]:
    answer = api(hana(), hanbit()).get(f"/api/v1/releases/{release.id}/files/data.csv")
    kind = "" if answer.status_code == 200 else answer.json()["type"].rstrip("/").split("/")[-1]
    return answer.status_code, kind


def test_a_licensee_who_says_nothing_in_time_is_suspended_until_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    licence, old = recalled()
    newer = built()
    address = f"/api/v1/licences/{licence.id}/"
    assert take(newer) == (200, ""), "there are thirty days"
    assert api(hana(), hanbit()).get(address).json()["suspended"] is False
    set_clock(monkeypatch, now() + timedelta(days=31))
    firm = api(hana(), hanbit())
    assert take(newer) == (403, "licence-suspended")
    seen = firm.get(address).json()
    assert seen["suspended"] is True
    assert seen["recalls"][0]["attested_at"] is None
    rows = firm.get(seen["recalls"][0]["recalls"])
    assert rows.status_code == 200, "what to delete is still there to read"
    said = firm.post(f"{address}attestations/", {"release": str(old.id)}, format="json")
    assert said.status_code == 200
    assert said.json()["suspended"] is False
    assert said.json()["recalls"][0]["attested_at"] is not None
    again = firm.post(f"{address}attestations/", {"release": str(old.id)}, format="json")
    assert again.json() == said.json(), "said once, kept"
    assert take(newer) == (200, "")
    assert LogEntry.objects.filter(kind="release.deletion_attested").count() == 1
    (holder,) = [
        each
        for each in api(kang()).get(f"/api/v1/releases/{old.id}/recipients/").json()["recipients"]
        if each["party"] == str(hanbit().party_id)
    ]
    assert holder["attested_at"] is not None


def test_nobody_says_it_for_others_or_of_what_they_never_had() -> None:
    licence, old = recalled()
    newer = built()
    address = f"/api/v1/licences/{licence.id}/attestations/"
    wish = {"release": str(old.id)}
    assert api().post(address, wish, format="json").status_code == 401
    assert api(charlie()).post(address, wish, format="json").status_code == 404
    assert api(kang()).post(address, wish, format="json").status_code == 404, "not the city either"
    firm = api(hana(), hanbit())
    unread = firm.post(address, {"release": str(newer.id)}, format="json")
    assert unread.status_code == 404
    assert firm.post(address, {}, format="json").status_code == 400
    assert not DeletionAttestation.objects.exists()
    made = {"by": hana(), "at": now(), "log_entry": LogEntry.objects.all()[0].id}
    for release, party in ((newer.id, hanbit().party_id), (old.id, charlie().party_id)):
        with pytest.raises(IntegrityError, match="nothing that was recalled"), transaction.atomic():
            DeletionAttestation.objects.create(release_id=release, party_id=party, **made)
    attest_deletion(acting=actor(hana()), release_id=old.id, party_id=hanbit().party_id)
    for change in (
        lambda: DeletionAttestation.objects.update(at=now()),
        lambda: DeletionAttestation.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError, match="stands"), transaction.atomic():
            change()


def test_hana_says_so_on_the_page_of_the_licence(client: Client) -> None:
    licence, old = recalled()
    log_in(client, hana())
    page = f"/en/licences/{licence.id}/"
    assert "to be deleted by" in client.get(page).content.decode()
    answer = client.post(f"{page}deletion/", {"release": str(old.id)})
    assert answer["Location"] == page
    seen = client.get(page).content.decode()
    assert "We have deleted these rows" not in seen
    assert "The deletion is on record." in seen
    assert client.post(f"{page}deletion/", {"release": "x"}).status_code == 404
    log_in(client, charlie())
    assert client.post(f"{page}deletion/", {"release": str(old.id)}).status_code == 404
