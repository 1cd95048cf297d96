"""Who is named in a notice gets the records of those who said yes to them, and nobody else's."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from contributions.calls.services import publish_call, revise_call
from contributions.models import Release
from contributions.pipeline.stages import check
from contributions.registries import licence_provider
from contributions.releases.building import build
from contributions.releases.selectors import release_document
from contributions.releases.services import build_release
from dure.accounts.models import Person
from dure.accounts.services import create_organisation
from dure.core.blobs import read
from dure.core.problems import Problem
from governance.consent.disclosure import keys_of
from governance.consent.selectors import latest_notices, undecided_disclosures
from governance.consent.services import decide, publish_notice
from governance.consent.services import withdraw as withdraw_consent
from governance.models import Consent, LogEntry, Notice
from tests.cast import actor, api, charlie, hana, hanbit, joon, kang, lim, mina
from tests.contributions.seoul import AIR, air_csv, handed_in, news, published

pytestmark = pytest.mark.django_db(transaction=True)

SLUG, PURPOSE, KEY = "air-daily", "city-ai", "hanbit"


@pytest.fixture(autouse=True)
def _licences(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody has paid for everything: what is refused here, consent refuses."""
    monkeypatch.setattr(licence_provider, "_items", {"all": lambda actor, _: actor.parties})


def purposes(**recipient: Any) -> list[dict[str, Any]]:  # Any: JSON
    named = {
        "key": KEY,
        "name": {"ko": "한빛", "en": "Hanbit"},
        "organisation": str(hanbit().party_id),
        **recipient,
    }
    return [{**AIR["purposes"][0], "recipients": [named]}, AIR["purposes"][1]]


def say(person: Person, *, yes: bool) -> Consent:
    """Somebody decides about Hanbit."""
    return decide(
        acting=actor(person),
        party_id=person.party_id,
        notice=latest_notices().get(scope=SLUG, purpose=PURPOSE),
        granted=yes,
        language="ko",
        recipient=KEY,
    )


def three_residents() -> None:
    """Mina agrees to Hanbit, Joon refuses, Charlie never decides; each has handed one record in."""
    for place, (person, district) in enumerate(
        ((mina(), "종로구"), (joon(), "도봉구"), (charlie(), "강남구"))
    ):
        check(handed_in(person, air_csv(f"202611030{place},{district},{10 + place}")).id)
    say(mina(), yes=True)
    say(joon(), yes=False)


def built(kind: str = "licensed", recipient: str = "") -> Release:
    asked = build_release(
        acting=actor(kang()), call_slug=SLUG, purpose=PURPOSE, kind=kind, recipient=recipient
    )
    return build(asked.id)


def places(release: Release) -> set[str]:
    text = read(release.files.get(name="data.csv").blob).decode()
    return {row["측정소명"] for row in csv.DictReader(io.StringIO(text, newline=""))}


def take(person: Person, release: Release, *, firm: bool = False) -> tuple[int, str]:
    client = api(person, hanbit() if firm else None)
    answer = client.get(f"/api/v1/releases/{release.id}/files/data.csv")
    kind = "" if answer.status_code == 200 else answer.json()["type"].rstrip("/").split("/")[-1]
    return answer.status_code, kind


def test_a_release_for_hanbit_holds_those_alone_who_agreed_to_hanbit() -> None:
    published(purposes=purposes())
    three_residents()
    release = built(recipient=KEY)
    assert (release.state, release.number, places(release)) == ("published", 1, {"종로구"})
    assert release_document(release)["recipient"] == {
        "key": KEY,
        "name": {"ko": "한빛", "en": "Hanbit"},
    }
    (entry,) = LogEntry.objects.filter(kind="release.built")
    assert json.loads(bytes(entry.body))["payload"]["recipient"] == KEY
    assert take(hana(), release, firm=True)[0] == 200
    assert take(charlie(), release) == (403, "release-not-for-you"), "a licence is not enough"
    assert take(kang(), release)[0] == 200, "the city itself"


def test_a_no_to_hanbit_closes_its_release_at_once_and_says_what_to_delete() -> None:
    published(purposes=purposes())
    three_residents()
    release = built(recipient=KEY)
    assert take(hana(), release, firm=True)[0] == 200
    agreed = Consent.objects.get(party_id=mina().party_id, recipient=KEY)
    withdraw_consent(acting=actor(mina()), consent=agreed)
    assert take(hana(), release, firm=True) == (410, "release-superseded"), "before any news"
    news()
    release.refresh_from_db()
    assert release.state == "superseded"
    recalls = api(hana(), hanbit()).get(f"/api/v1/releases/{release.id}/recalls/").json()
    assert len(recalls["rows"]) == 1
    again = built(recipient=KEY)
    assert (again.state, again.reason_rule) == ("refused", "nothing-to-release")
    assert places(built("open")) == {"강남구"}, "her own consent to the city stands, not her no"


def test_a_release_for_nobody_by_name_reaches_neither_hanbit_nor_another_firm() -> None:
    published(purposes=purposes())
    three_residents()
    release = built()
    assert places(release) == {"종로구", "도봉구", "강남구"}, "the city may use them all"
    assert take(hana(), release, firm=True) == (403, "release-not-for-you")
    assert take(charlie(), release) == (403, "release-not-for-you")
    assert take(kang(), release)[0] == 200


def test_an_open_release_leaves_out_who_said_no_to_anybody_named() -> None:
    published(purposes=purposes())
    three_residents()
    release = built("open")
    assert places(release) == {"종로구", "강남구"}
    address = f"/api/v1/releases/{release.id}/files/data.csv"
    assert api().get(address).status_code == 200
    say(charlie(), yes=False)
    assert api().get(address).status_code == 410, "before any news"
    news()
    release.refresh_from_db()
    assert release.state == "superseded"
    assert places(built("open")) == {"종로구"}


def test_where_no_notice_names_anybody_a_licence_is_enough() -> None:
    published()
    check(handed_in(mina(), air_csv("2026110300,종로구,10")).id)
    release = built()
    assert take(hana(), release, firm=True)[0] == 200
    assert take(charlie(), release)[0] == 200
    # From the day on which the call names Hanbit, what was never asked for does not reach it.
    revise_call(acting=actor(kang()), slug=SLUG, changes={"purposes": purposes()})
    publish_call(acting=actor(kang()), slug=SLUG)
    if Notice.objects.filter(scope=SLUG).exclude(recipients=[]).count() == 0:
        publish_call(acting=actor(lim()), slug=SLUG)
    assert take(hana(), release, firm=True) == (403, "release-not-for-you")
    assert take(charlie(), release)[0] == 200, "nobody in it was told a name"
    say(mina(), yes=True)
    assert take(charlie(), release) == (403, "release-not-for-you"), "now she was"
    assert take(hana(), built(recipient=KEY), firm=True)[0] == 200


def test_a_name_that_is_no_organisation_reaches_nobody() -> None:
    named = purposes()
    del named[0]["recipients"][0]["organisation"]
    published(purposes=named)
    three_residents()
    assert take(hana(), built(recipient=KEY), firm=True) == (403, "release-not-for-you")


def test_a_release_is_for_somebody_whom_the_call_names_and_under_a_licence() -> None:
    published(purposes=purposes())
    three_residents()
    asked: dict[str, Any] = {"acting": actor(kang()), "call_slug": SLUG, "purpose": PURPOSE}
    with pytest.raises(Problem, match="recipient-unknown"):
        build_release(**asked, kind="licensed", recipient="lab")
    with pytest.raises(Problem, match="recipient-unknown"):
        build_release(**{**asked, "purpose": "research"}, kind="licensed", recipient=KEY)
    with pytest.raises(Problem, match="release-kind-unknown"):
        build_release(**asked, kind="open", recipient=KEY)
    release = built(recipient=KEY)
    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        Release.objects.filter(id=release.id).update(recipient="lab")
    release.pk, release.kind = None, "open"
    with pytest.raises(IntegrityError, match="release_for_one_is_licensed"), transaction.atomic():
        release.save(force_insert=True)


def test_a_key_means_one_organisation_for_good() -> None:
    published(purposes=purposes())
    other = create_organisation(acting=actor(kang()), name={"ko": "다른", "en": "Other"})
    assert keys_of(scope=SLUG, purpose=PURPOSE, party_id=hanbit().party_id) == {KEY}
    assert keys_of(scope=SLUG, purpose="research", party_id=hanbit().party_id) == set()
    notice = latest_notices().get(scope=SLUG, purpose=PURPOSE)
    theirs = [{**notice.recipients[0], "organisation": str(other.party_id)}]
    asked = {
        "acting": actor(kang()), "scope": SLUG, "required": False, "retention_days": 30,
        "text": {"ko": "글", "en": "Text"},
    }  # fmt: skip
    for recipients in (theirs, [{**theirs[0], "key": "x", "organisation": str(mina().party_id)}]):
        with pytest.raises(Problem, match="notice-unfit"):
            publish_notice(**asked, purpose="research", recipients=recipients)  # type: ignore[arg-type]
    later = {
        field.attname: getattr(notice, field.attname)
        for field in Notice._meta.concrete_fields
        if field.name not in ("id", "log_entry")
    }
    later |= {"version": 2, "recipients": theirs, "sha256": "0" * 64}
    with pytest.raises(IntegrityError, match="another organisation"), transaction.atomic():
        Notice.objects.create(
            **later, log_entry=LogEntry.objects.exclude(pk=notice.log_entry_id)[0]
        )
    with pytest.raises(Problem, match="call-invalid") as refused:
        revise_call(
            acting=actor(kang()),
            slug=SLUG,
            changes={"purposes": purposes(organisation=str(mina().party_id))},
        )
    assert refused.value.errors[0].field == "purposes[0].recipients[0].organisation"


def test_a_recipient_of_what_nobody_can_do_without_is_still_ones_own_decision() -> None:
    published(purposes=purposes())
    check(handed_in(mina(), air_csv("2026110300,종로구,10")).id)
    asked: dict[str, Any] = {"party_id": mina().party_id, "scope": SLUG}
    assert [key for _notice, key in undecided_disclosures(**asked, required=True)] == [KEY]
    say(mina(), yes=False)
    assert undecided_disclosures(**asked, required=True) == []
