"""What is left of a recalled release comes back by itself, or an operator learns why not."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from contributions.models import Contribution, Download, Release, ReleaseMember
from contributions.models.releases import GIVEN_OUT
from contributions.pipeline.stages import check
from contributions.registries import licence_provider
from contributions.releases.building import build, waiting
from contributions.releases.patching import request_patches
from contributions.releases.recipients import recalls_by_holder
from contributions.releases.services import build_release, supersede_recalled
from contributions.releases.tasks import sweep_releases
from contributions.webhook_news import _of_a_patch
from contributions.withdrawal.services import withdraw
from dure.accounts.models import Person
from dure.accounts.services import create_person
from dure.core.blobs import read
from dure.core.clock import now, rfc3339
from dure.core.models import OutboxEvent
from dure.core.outbox import Event
from governance.consent.selectors import in_force
from governance.consent.services import withdraw as withdraw_consent
from governance.models import ConsentEvent, LogEntry
from tests.cast import actor, api, charlie, joon, kang, mina
from tests.clock import set_clock
from tests.contributions.seoul import air_csv, handed_in, news, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)

IDENTIFYING = {"quasi_identifiers": ["측정소명"], "sensitive": ["PM10"]}


def built(kind: str = "open") -> Release:
    asked = build_release(acting=actor(kang()), call_slug="air-daily", purpose="city-ai", kind=kind)
    return build(asked.id)


def swept() -> None:
    """What the clock does, and the news of it; two rounds, as of any city with a worker."""
    for _round in range(2):
        sweep_releases()
        for release_id in waiting():
            build(release_id)
        news()


def rows(release: Release) -> list[dict[str, str]]:
    text = read(release.files.get(name="data.csv").blob).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def person(number: int) -> Person:
    return create_person(
        acting=actor(kang()),
        email=f"person{number}@dure.example",
        name="P",
        password="a plain test password",
    )


def two_people() -> tuple[Contribution, Contribution]:
    published()
    hers = check(handed_in(mina(), twenty_rows()).id)
    return hers, check(handed_in(joon(), air_csv("2026110300,강남구,12")).id)


def many(place: str, people: range) -> list[Contribution]:
    return [check(handed_in(person(n), air_csv(f"{n:010d},{place},{n}")).id) for n in people]


def leave(made: Contribution) -> None:
    """Whoever sent a contribution takes it back."""
    assert made.submitted_by is not None
    withdraw(acting=actor(made.submitted_by), receipt=made.receipt)


def test_what_is_left_of_a_recalled_release_is_its_patch() -> None:
    hers, _ = two_people()
    first = built()
    withdraw(acting=actor(mina()), receipt=hers.receipt)
    later = check(handed_in(charlie(), air_csv("2026110400,강남구,13")).id)
    swept()
    patch = Release.objects.get(patch_of=first)
    assert (patch.state, patch.number, patch.patch, patch.version) == ("published", 1, 1, "1.1")
    assert [row["PM10"] for row in rows(patch)] == ["12"], "nobody comes in by a patch"
    assert not patch.members.filter(contribution=later).exists()
    seen = api().get(f"/api/v1/releases/{first.id}/").json()
    assert (seen["state"], seen["label"]) == ("superseded", "1")
    assert seen["successor"] == {
        "release": str(patch.id),
        "label": "1.1",
        "url": f"/api/v1/releases/{patch.id}/",
    }
    new = api().get(f"/api/v1/releases/{patch.id}/").json()
    assert (new["version"], new["patch"], new["label"]) == (1, 1, "1.1")
    assert (new["patch_of"], new["successor"]) == (str(first.id), None)
    assert new["measures"]["patch_of"] == {"release": str(first.id), "version": "1"}
    gone = api().get(f"/api/v1/releases/{first.id}/files/data.csv")
    assert gone.status_code == 410
    assert gone["Link"] == f'</api/v1/releases/{patch.id}/>; rel="successor-version"'
    assert LogEntry.objects.filter(kind="release.built").count() == 2
    again = built()
    assert (again.version, again.records) == ("2", 2), "numbers go on"


def test_asking_again_asks_nothing_and_a_patch_is_patched() -> None:
    hers, his = two_people()
    check(handed_in(charlie(), air_csv("2026110400,강남구,13")).id)
    built()
    withdraw(acting=actor(mina()), receipt=hers.receipt)
    swept()
    assert request_patches() == request_patches() == 0
    assert Release.objects.count() == 2
    withdraw(acting=actor(joon()), receipt=his.receipt)
    swept()
    assert [each.version for each in Release.objects.order_by("requested_at")] == [
        "1", "1.1", "1.2",
    ]  # fmt: skip
    assert [row["PM10"] for row in rows(Release.objects.get(patch=2))] == ["13"]


def test_a_worker_that_died_over_a_patch_leaves_it_to_the_next() -> None:
    hers, _ = two_people()
    first = built()
    withdraw(acting=actor(mina()), receipt=hers.receipt)
    supersede_recalled()
    assert request_patches() == 1
    patch = Release.objects.get(patch_of=first)
    Release.objects.filter(id=patch.id).update(
        state="building", claim=patch.id, attempts=1, lease_until=now() - timedelta(seconds=1)
    )
    assert request_patches() == 0
    assert build(patch.id).state == "published"
    assert build(patch.id).state == "published"
    assert Release.objects.filter(patch_of=first).count() == 1


def test_who_leaves_while_a_newer_version_is_out_patches_the_newest_alone() -> None:
    hers, _ = two_people()
    first, second = built(), built()
    withdraw(acting=actor(mina()), receipt=hers.receipt)
    swept()
    assert Release.objects.get(patch_of=second).version == "2.1"
    assert not Release.objects.filter(patch_of=first).exists()
    seen = api().get(f"/api/v1/releases/{first.id}/").json()
    assert seen["successor"]["label"] == "2.1"


def test_a_difference_that_would_show_one_person_is_held_back_until_more_have_left() -> None:
    published(disclosure=IDENTIFYING)
    made = many("종로구", range(10, 40))
    first = built()
    assert first.records == 30
    leave(made[0])
    swept()
    (held,) = Release.objects.filter(patch_of=first)
    assert (held.state, held.reason_rule) == ("refused", "disclosure")
    assert held.reason_params == {"suppressed": 29, "records": 29}
    assert LogEntry.objects.filter(kind="release.patch_held_back").count() == 1
    assert OutboxEvent.objects.filter(kind="release.patch_held_back").count() == 1
    assert api().get(f"/api/v1/releases/{first.id}/").json()["successor"] is None
    for leaving in made[1:9]:
        leave(leaving)
    swept()
    assert {each.state for each in Release.objects.filter(patch_of=first)} == {"refused"}
    leave(made[9])
    swept()
    patch = Release.objects.get(patch_of=first, state="published")
    assert (patch.version, patch.records) == ("1.1", 20)


def test_an_attacker_who_subtracts_each_version_from_each_finds_no_small_group() -> None:
    published(disclosure={**IDENTIFYING, "unit": "record"})

    def sent(place: str, numbers: range) -> Contribution:
        lines = [f"{n:010d},{place},{n}" for n in numbers]
        return check(handed_in(mina(), air_csv(*lines)).id)

    sent("종로구", range(100, 300))
    sent("도봉구", range(500, 511))
    leaving = [
        sent("도봉구", range(511, 512)),
        sent("종로구", range(300, 311)),
        sent("종로구", range(311, 312)),
        sent("종로구", range(312, 330)),
    ]
    told: dict[str, dict[str, set[str]]] = {}
    built()
    for gone in (None, *leaving):
        if gone is not None:
            withdraw(acting=actor(mina()), receipt=gone.receipt)
        for release in Release.objects.filter(state="published").exclude(id__in=told):
            table: dict[str, set[str]] = {"종로구": set(), "도봉구": set()}
            for row in rows(release):
                table[row["측정소명"]].add(row["PM10"])
            told[str(release.id)] = table
        swept()
    versions = [each.version for each in Release.objects.filter(state__in=GIVEN_OUT)]
    assert len(told) >= 3, f"the attack has something to subtract: {versions}"
    for old in told.values():
        for new in told.values():
            for place in old:
                # Where a class is missing altogether, its difference is the class itself.
                difference = old[place] - new[place]
                assert not difference or len(difference) >= 10, (place, len(difference))


def test_a_recall_is_counted_from_the_withdrawal_not_from_our_noticing_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hers, _ = two_people()
    monkeypatch.setattr(licence_provider, "_items", {"all": lambda who, _: who.parties})
    release = built("licensed")
    assert api(charlie()).get(f"/api/v1/releases/{release.id}/files/data.csv").status_code == 200
    withdraw(acting=actor(mina()), receipt=hers.receipt)
    hers.refresh_from_db()
    due = rfc3339(hers.updated_at + timedelta(days=30))
    holder = (charlie().party_id, release.call_id)
    (told,) = recalls_by_holder({holder[0]}, {holder[1]})[holder]
    assert told["due_at"] == due, "before any task has run"
    seen = api(charlie()).get(f"/api/v1/releases/{release.id}/recalls/").json()
    assert seen["superseded_at"] == rfc3339(hers.updated_at)
    set_clock(monkeypatch, now() + timedelta(days=3))
    swept()
    (told,) = recalls_by_holder({holder[0]}, {holder[1]})[holder]
    assert told["due_at"] == due, "nor does it move when the task runs late"
    assert told["successor"]["label"] == "1.1"
    release.refresh_from_db()
    assert release.superseded_at == hers.updated_at


def test_a_consent_that_ended_dates_the_recall_too() -> None:
    two_people()
    release = built()
    consent = in_force(party_id=mina().party_id, scope="air-daily", purpose="city-ai")
    assert consent is not None
    withdraw_consent(acting=actor(mina()), consent=consent)
    said = ConsentEvent.objects.get(state="withdrawn").decided_at
    document = api().get(f"/api/v1/releases/{release.id}/").json()
    assert (document["state"], document["superseded_at"]) == ("superseded", rfc3339(said))
    news()
    release.refresh_from_db()
    assert release.superseded_at == said


def test_those_who_hold_an_earlier_version_are_told_of_the_patch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hers, _ = two_people()
    first = built()
    assert api(charlie()).get(f"/api/v1/releases/{first.id}/files/data.csv").status_code == 200
    withdraw(acting=actor(mina()), receipt=hers.receipt)
    swept()
    (event,) = OutboxEvent.objects.filter(kind="release.patched")
    told = dict(_of_a_patch(Event(event.id, event.kind, event.subject, event.payload)))
    holders = set(Download.objects.values_list("party_id", flat=True))
    assert set(told) == holders == {charlie().party_id}
    assert told[charlie().party_id]["label"] == "1.1"


def test_postgresql_keeps_what_a_patch_is() -> None:
    hers, his = two_people()
    other = built("licensed")
    first = built()
    made = {
        "call": first.call, "call_version": first.call_version, "purpose": "city-ai",
        "kind": "open", "requested_at": now(),
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="recalled release"), transaction.atomic():
        Release.objects.create(**made, patch_of=first, basis="0" * 64)
    withdraw(acting=actor(mina()), receipt=hers.receipt)
    supersede_recalled()
    with pytest.raises(IntegrityError, match="recalled release"), transaction.atomic():
        Release.objects.create(**made, patch_of=other, basis="0" * 64)
    with pytest.raises(IntegrityError, match="patch_is_of_a_release"), transaction.atomic():
        Release.objects.create(**made, patch_of=first)
    patch = Release.objects.create(**made, patch_of=first, basis="0" * 64)
    with pytest.raises(IntegrityError, match="one_patch_in_preparation"), transaction.atomic():
        Release.objects.create(**made, patch_of=first, basis="1" * 64)
    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        Release.objects.filter(id=patch.id).update(basis="2" * 64)
    Release.objects.filter(id=patch.id).update(state="building")
    for contribution, numbers in ((his, [1, 2]), (hers, [21])):
        with pytest.raises(IntegrityError, match="adds nothing"), transaction.atomic():
            ReleaseMember.objects.create(
                release=patch, contribution=contribution, rows=numbers, mass=1
            )
    ReleaseMember.objects.create(release=patch, contribution=his, rows=[1], mass=1000)
