"""An attacker with every release in hand, and consent asked again at each use."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pytest

from contributions.models import Release, Stage
from contributions.pipeline.stages import STEPS, check
from contributions.pipeline.work import run_stage
from contributions.releases.building import build
from contributions.releases.services import build_release
from contributions.withdrawal.services import withdraw
from dure.accounts.models import Person
from dure.accounts.services import create_person
from dure.core.blobs import read
from dure.core.problems import Problem
from governance.consent.selectors import in_force
from governance.consent.services import withdraw as withdraw_consent
from tests.cast import actor, api, charlie, joon, kang, mina
from tests.contributions.seoul import air_csv, handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)

K = 5
IDENTIFYING = {"quasi_identifiers": ["측정소명"], "sensitive": ["PM10"]}


def built(kind: str = "licensed") -> Release:
    asked = build_release(acting=actor(kang()), call_slug="air-daily", purpose="city-ai", kind=kind)
    return build(asked.id)


def person(number: int) -> Person:
    return create_person(
        acting=actor(kang()),
        email=f"person{number}@dure.example",
        name="P",
        password="a plain test password",
    )


def contents(release: Release) -> Counter[tuple[str, str]]:
    """What an attacker sees: place and value of every record, without its random id."""
    if release.state not in ("published", "superseded"):
        return Counter()
    text = read(release.files.get(name="data.csv").blob).decode()
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return Counter((row["측정소명"], row["PM10"]) for row in rows)


def learned(first: Counter[tuple[str, str]], second: Counter[tuple[str, str]]) -> list[int]:
    """Sizes of the groups of one place that came, or left while others of it stayed."""
    found = []
    for place in {place for place, _ in first | second}:
        then = Counter({value: n for (at, value), n in first.items() if at == place})
        now = Counter({value: n for (at, value), n in second.items() if at == place})
        differences = [now - then] + ([then - now] if now else [])
        found += [each.total() for each in differences if each]
    return found


def rows(place: str, values: range) -> bytes:
    return air_csv(*(f"{value:010d},{place},{value}" for value in values))


def test_subtracting_two_releases_tells_of_nobody_who_came_or_left() -> None:
    published(disclosure={**IDENTIFYING, "unit": "record"})
    check(handed_in(joon(), rows("종로구", range(200))).id)
    check(handed_in(joon(), rows("도봉구", range(300, 307))).id)
    leaving = check(handed_in(mina(), rows("도봉구", range(400, 401))).id)
    before = contents(built())
    assert before.total() == 208
    check(handed_in(charlie(), rows("종로구", range(500, 501))).id)
    with_newcomer = built()
    assert with_newcomer.document["disclosure"]["held_back"] == 1
    assert contents(with_newcomer) == before, "one who came is held back"
    withdraw(acting=actor(mina()), receipt=leaving.receipt)
    after = contents(built())
    assert after.total() == 200, "a class that one left is not given out again"
    assert all(size >= K for size in learned(before, after))


def test_many_records_of_few_people_are_not_released() -> None:
    published(disclosure=IDENTIFYING)
    check(handed_in(joon(), rows("종로구", range(100))).id)
    assert contents(built()) == Counter(), "one person is no class of five"


def test_a_class_in_which_everybody_says_the_same_is_not_released() -> None:
    published(disclosure=IDENTIFYING)
    for n in range(6):
        check(handed_in(person(n), air_csv(f"202611{n:02d},종로구,31")).id)
    release = built()
    assert (release.state, release.reason_rule) == ("refused", "disclosure")


def stop(who: Person) -> None:
    consent = in_force(party_id=who.party_id, scope="air-daily", purpose="city-ai")
    assert consent is not None
    withdraw_consent(acting=actor(who), consent=consent)


def test_consent_is_asked_at_intake_and_again_at_every_stage() -> None:
    published()
    with pytest.raises(Problem, match="consent"):
        handed_in(joon(), twenty_rows(), purposes=())
    made = handed_in(mina(), twenty_rows())
    for stage in list(Stage)[:-1]:
        assert run_stage(made.id, STEPS[stage])
    stop(mina())
    run_stage(made.id, STEPS[Stage.REPRESENTATIVENESS])
    made.refresh_from_db()
    assert (made.state, made.reason_rule) == ("withdrawn", "consent-withdrawn")


def test_consent_is_asked_at_the_build_and_again_at_every_download() -> None:
    published()
    check(handed_in(joon(), air_csv("2026110300,강남구,12")).id)
    check(handed_in(mina(), twenty_rows()).id)
    release = built("open")
    address = f"/api/v1/releases/{release.id}/files/data.csv"
    assert api().get(address).status_code == 200
    stop(mina())
    assert api().get(address).status_code == 410, "before any news is delivered"
    assert built("open").records == 1
