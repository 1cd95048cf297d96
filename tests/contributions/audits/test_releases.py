"""The audit of the disclosure gate counts the classes anew and finds what was let out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contributions.audits import releases
from contributions.models import Release
from contributions.pipeline.stages import check
from governance.audits.data import AuditData
from governance.audits.findings import examine
from tests.cast import mina
from tests.contributions.releases.test_building import IDENTIFYING, built, one_each
from tests.contributions.seoul import air_csv, handed_in, published
from tests.forging import forge

pytestmark = pytest.mark.django_db(transaction=True)

SUPPRESSING = {"quasi_identifiers": ["측정소명"], "sensitive": ["PM10"], "unit": "record"}


def broken(data: AuditData) -> dict[str, int]:
    trials = [*data.counterfactuals, *data.conservation, *([data.replay] if data.replay else [])]
    return {trial.name: trial.broken for trial in trials if trial.broken}


def rows(count: int, day: int, place: str = "종로구") -> str:
    return "\n".join(f"202611{day:02}{n:02},{place},{n}" for n in range(count))


def city() -> Release:
    """Twelve records of one district; another record of a district alone is in no release."""
    published(disclosure=SUPPRESSING)
    check(handed_in(mina(), air_csv(*rows(24, 1).split("\n"))).id)
    check(handed_in(mina(), air_csv("2026110900,도봉구,3")).id)
    release = built()
    assert (release.state, release.records) == ("published", 24)
    assert release.document["disclosure"]["suppressed"] == 1
    return release


def test_an_honest_release_gives_no_alarm() -> None:
    city()
    data = releases.release_gate()
    assert broken(data) == {}
    assert data.replay is not None
    assert data.replay.tried == 1
    tried = {trial.name: trial.tried for trial in (*data.conservation, *data.counterfactuals)}
    assert tried == {
        "classes-are-large-enough": 1,
        "sensitive-values-vary": 1,
        "no-two-releases-tell-of-few": 0,
        "little-is-withheld": 1,
        "file-holds-its-records": 1,
        "nothing-is-left-out-unsaid": 1,
        "record-order-of-gate": 1,
    }
    shares = {each.key: (each.part, each.whole) for each in data.shares}
    assert shares == {"11110": (0, 24), "11320": (1, 1)}
    assert examine(data) == examine(releases.release_gate())


def test_a_second_release_beside_the_first_is_subtracted() -> None:
    city()
    check(handed_in(mina(), air_csv(*rows(20, 2).split("\n"))).id)
    second = built()
    assert (second.state, second.records) == ("published", 44)
    data = releases.release_gate()
    assert broken(data) == {}
    tried = {trial.name: trial.tried for trial in data.conservation}
    assert tried["no-two-releases-tell-of-few"] == 1
    given = [releases.read_again(release) for release in Release.objects.order_by("ended_at")]
    few = set(list(given[1].classes)[:22])
    for place in given[0].classes:
        few.discard(place)
    # Only a few of the newcomers, as if they had not been held back.
    kept = {*given[0].classes, *list(few)[:3]}
    forged = replace(given[1], classes={p: c for p, c in given[1].classes.items() if p in kept})
    found = releases.told_apart_by_nobody([given[0], forged])
    assert (found.tried, found.broken) == (1, 1)


def test_a_class_that_is_too_small_or_all_alike_is_found() -> None:
    given = releases.read_again(city())
    assert releases.large_enough([given]).broken == 0
    small = {place: ("도봉구",) if n < 9 else own
             for n, (place, own) in enumerate(given.classes.items())}  # fmt: skip
    found = releases.large_enough([replace(given, classes=small)])
    assert (found.tried, found.broken) == (2, 1)
    alike = replace(given, sensitive=dict.fromkeys(given.sensitive, ("3",)))
    assert releases.varied_enough([alike]).broken == 1


def test_contributors_are_counted_and_not_records_where_they_are_the_unit() -> None:
    """Twelve people with a record each: k holds by people; one party for all, and it does not."""
    published(disclosure=IDENTIFYING)
    one_each(12)
    release = built()
    assert release.state == "published"
    given = releases.read_again(release)
    assert broken(releases.release_gate()) == {}
    one = replace(given, party=dict.fromkeys(given.party, "mina"))
    assert releases.large_enough([one]).broken == 1


def test_a_file_that_holds_other_records_than_the_release_states_is_found() -> None:
    release = city()
    forge("UPDATE contributions_release SET records = 23 WHERE id = %s", release.id)
    found = broken(releases.release_gate())
    assert found["file-holds-its-records"] == 1


def test_a_release_that_withheld_too_much_is_found() -> None:
    release = city()
    forge(
        "UPDATE contributions_release SET document = "
        "jsonb_set(document, '{disclosure,suppressed}', '9') WHERE id = %s",
        release.id,
    )
    assert broken(releases.release_gate())["little-is-withheld"] == 1
