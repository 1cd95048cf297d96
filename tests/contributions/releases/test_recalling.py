"""What was given out is asked back: who holds it, what they delete, and what they are told."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from contributions.models import Contribution, Download, Release
from contributions.pipeline.stages import check
from contributions.registries import licence_provider
from contributions.releases.building import build
from contributions.releases.recipients import recalls_by_holder
from contributions.releases.services import build_release
from contributions.withdrawal.services import withdraw
from dure.accounts.models import Person
from tests.cast import actor, api, charlie, hana, hanbit, joon, kang, mina
from tests.contributions.seoul import air_csv, handed_in, news, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mine() -> Contribution:
    published()
    check(handed_in(joon(), air_csv("2026110300,강남구,12")).id)
    return check(handed_in(mina(), twenty_rows()).id)


@pytest.fixture
def licensed(mine: Contribution, monkeypatch: pytest.MonkeyPatch) -> Release:
    """A licensed release, and a licence to it for everybody who asks."""
    monkeypatch.setattr(licence_provider, "_items", {"all": lambda actor, _: actor.parties})
    asked = build_release(
        acting=actor(kang()), call_slug="air-daily", purpose="city-ai", kind="licensed"
    )
    return build(asked.id)


def take(person: Person | None, release: Release) -> int:
    client = api(person) if person else api()
    answer = client.get(f"/api/v1/releases/{release.id}/files/data.csv")
    return int(answer.status_code)


def recipients(release: Release) -> str:
    return f"/api/v1/releases/{release.id}/recipients/"


def test_an_operator_learns_who_has_to_delete_what(licensed: Release, mine: Contribution) -> None:
    assert (take(charlie(), licensed), take(hana(), licensed), take(None, licensed)) == (
        200, 200, 403,
    )  # fmt: skip
    document = api(kang()).get(recipients(licensed)).json()
    assert (document["rows"], {each["must_delete"] for each in document["recipients"]}) == (
        0, {False},
    )  # fmt: skip
    withdraw(acting=actor(mina()), receipt=mine.receipt)
    for _before_and_after_the_news in range(2):
        document = api(kang()).get(recipients(licensed)).json()
        assert (document["status"], document["rows"]) == ("superseded", 20)
        holders = {each["party"]: each["must_delete"] for each in document["recipients"]}
        assert holders[str(charlie().party_id)]
        assert holders[str(hana().party_id)] or holders[str(hanbit().party_id)]
        listed = api(charlie()).get(document["recalls"]).json()["rows"]
        assert len(listed) == 20
        news()
    assert take(charlie(), licensed) == 410, "nothing is given out any more"


def test_those_who_hold_it_are_told_and_others_are_not(
    licensed: Release, mine: Contribution
) -> None:
    take(charlie(), licensed)
    calls, holder = {licensed.call_id}, (charlie().party_id, licensed.call_id)
    assert recalls_by_holder([charlie().party_id], calls) == {}
    withdraw(acting=actor(mina()), receipt=mine.receipt)
    parties = [charlie().party_id, joon().party_id]
    found = recalls_by_holder(parties, calls)
    assert set(found) == {holder}, "Joon has nothing to delete"
    (told,) = found[holder]
    assert (told["release"], told["rows"]) == (str(licensed.id), 20)
    assert recalls_by_holder(parties, []) == {}


def test_nobody_else_reads_who_downloaded(licensed: Release) -> None:
    take(charlie(), licensed)
    assert api().get(recipients(licensed)).status_code == 401
    for person in (charlie(), mina()):
        assert api(person).get(recipients(licensed)).status_code == 403
    unknown = "/api/v1/releases/0190b5d0-0000-7000-8000-000000000000/recipients/"
    assert api(kang()).get(unknown).status_code == 404


def test_strangers_who_take_open_data_leave_no_trace(mine: Contribution) -> None:
    asked = build_release(acting=actor(kang()), call_slug="air-daily", purpose="city-ai")
    assert take(None, build(asked.id)) == 200
    assert not Download.objects.exists()


def test_postgresql_keeps_the_note_of_a_download(licensed: Release) -> None:
    take(charlie(), licensed)
    for write in (
        lambda: Download.objects.update(at="2020-01-01T00:00Z"),
        lambda: Download.objects.all().delete(),
        lambda: connection.cursor().execute("TRUNCATE contributions_download"),
    ):
        with pytest.raises(DatabaseError, match="noted"), transaction.atomic():
            write()
