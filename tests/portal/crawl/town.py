"""A town in which every page has something to show: calls, money, requests, a release, a report."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from unittest.mock import patch

from django.test import Client

from contributions.calls.services import draft_call, revise_call
from contributions.models import Release
from contributions.pipeline.stages import check
from contributions.releases.building import build
from contributions.releases.recipients import note_download
from contributions.releases.services import build_release
from contributions.releases.trained import tell_of_model
from dure.accounts import guardians, membership
from dure.accounts.api_key_services import issue_api_key
from dure.accounts.models import Person
from dure.accounts.roles import Role
from dure.accounts.services import create_person
from dure.accounts.webhooks.services import add_endpoint
from dure.core.clock import CITY_ZONE, now
from governance.algorithms.services import record_algorithms
from governance.log.services import sequence
from governance.registries import algorithms
from governance.reports.services import publish_report
from governance.rights import services as rights
from rewards.dividends.services import pay
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.licences.services import agree
from rewards.models import Dividend, Licence
from tests import cast
from tests.contributions.photos.album import jpeg
from tests.contributions.seoul import news
from tests.governance.cases import desk
from tests.portal import city
from tests.rewards.dividends.test_dividends import FIRM
from tests.rewards.money import paid_by_two
from tests.rewards.rails.payouts import redeem, sent_batch

#: Everybody who may look: the roles of the system, and nobody in particular.
ROLES = ("stranger", "resident", "neighbour", "firm", "data user", "auditor", "operator",
         "approver", "admin")  # fmt: skip
PERIOD = "2026-q4"


@dataclass(frozen=True)
class Town:
    """`samples` fill the arguments of addresses by name; `people` are those with an account."""

    samples: dict[str, Any]  # Any: whatever a path converter takes
    people: dict[str, Person] = field(default_factory=dict)


def _somebody(name: str, *roles: Role) -> Person:
    return create_person(
        acting=cast._DIRECTOR,
        email=f"{name.lower()}@dure.example",
        name=name,
        password=cast.PASSWORD,
        roles=roles,
    )


def people() -> dict[str, Person]:
    """One person of every role; the neighbour is a resident whose affairs these are not."""
    return {
        "resident": cast.mina(),
        "neighbour": cast.joon(),
        "firm": cast.hana(),
        "data user": _somebody("Dana", Role.DATA_USER),
        "auditor": cast.seo(),
        "operator": _somebody("Oh", Role.OPERATOR),
        "approver": _somebody("Ahn", Role.APPROVER),
        "admin": _somebody("Adm", Role.ADMIN),
    }


def built_town() -> Town:
    """Everything by the services that anybody uses; takes a few seconds."""
    who = people()
    kang, lim, mina = (cast.actor(each) for each in (cast.kang(), cast.lim(), cast.mina()))
    city.open_call()
    made = city.contribution_of(
        cast.mina(), *(f"2026-11-{day:02d},11320,{20 + day}" for day in range(1, 13)),
        "2026-11-13,11680,5000",
    )  # fmt: skip
    accepted = check(made.id)
    returned = check(city.contribution_of(cast.mina(), "no date,11320,1").id)
    waiting = city.contribution_of(cast.mina(), "2026-10-01,11110,12")
    browser = cast.log_in(Client(), cast.mina())
    browser.post(f"/c/{waiting.receipt}/photos/", {"photo": _photo()})
    news()
    epoch = close_epoch(acting=kang, call_slug=city.SLUG)
    approve_epoch(acting=lim, epoch=epoch)
    check(city.contribution_of(cast.joon(), "2026-09-01,11350,17").id)
    news()
    draft_call(acting=kang, document=city.call_document("noise-test"))
    revise_call(acting=kang, slug=city.SLUG, changes={"target_mass": 200})
    asked = rights.request_right(acting=mina, kind="access", text="What do you know of me?")
    refused = rights.request_right(acting=mina, kind="correction", text="My district is wrong.")
    rights.answer_request(acting=kang, request=refused, outcome="refused", reason="It is right.")
    release = build(
        build_release(acting=kang, call_slug=city.SLUG, purpose="city-ai", kind="open").id
    )
    issue_api_key(acting=cast.actor(cast.hana()), person=cast.hana(), organisation=cast.hanbit())
    child = create_person(
        acting=cast._DIRECTOR, email="byeol@dure.example", name="Byeol", password=cast.PASSWORD,
        roles=[Role.RESIDENT], birth_year=2017,
    )  # fmt: skip
    guardianship = guardians.ask_guardian(
        acting=cast.actor(child),
        child=child,
        guardian_email=cast.mina().email,
        child_born_on=date(2017, 5, 5),
    )
    assert guardianship is not None
    guardians.confirm_guardianship(acting=mina, guardianship_id=guardianship.id)
    redeem(1000)
    batch = sent_batch()
    publish_report(acting=kang, period=PERIOD)
    news()
    sequence()
    licence = _paid_licence()
    _trained_model(release)
    _registered_twice("reward-coverage")
    case = desk.case(title="2026-11", about_kind="epoch", about_id=str(epoch.id))
    sample = desk.committed(case, population_kind="epoch", population_id=str(epoch.id), size=1)
    desk.drawn(sample)
    finding = desk.finding(case)
    news()
    sequence()
    return Town(
        samples={
            "slug": city.SLUG,
            "month": f"{now().astimezone(CITY_ZONE):%Y-%m}",
            "receipt": accepted.receipt,
            "returned": returned.receipt,
            "photo_id": waiting.photos.get().id,
            "photo_receipt": waiting.receipt,
            "release_id": release.id,
            "epoch_id": epoch.id,
            "asked_id": asked.id,
            "request_id": refused.id,
            "index": 1,
            "guardianship_id": guardianship.id,
            "batch_id": batch.id,
            "person_id": cast.seo().id,
            "case_id": case.id,
            "sample_id": sample.id,
            "position": 1,
            "finding_id": finding.id,
            "licence_id": licence.id,
            **_affairs_of_a_firm(),
            "period": PERIOD,
        },
        people={**who, "child": child},
    )


def _paid_licence() -> Licence:
    """Hana's firm licensed the data; the dividend is paid to whoever contributed."""
    licence = agree(
        acting=cast.actor(cast.hana()),
        party_id=cast.hanbit().party_id,
        call_slug=city.SLUG,
        asker=FIRM,
    )
    paid = paid_by_two(licence.id)
    pay(acting=cast.actor(cast.kang()), dividend_id=Dividend.objects.get(licence=paid).id)
    return paid


def _trained_model(release: Release) -> None:
    """Hana's firm took the data and trained a model on it."""
    hana, file = cast.actor(cast.hana()), release.files.get(name="data.csv")
    note_download(acting=hana, file=file)
    tell_of_model(
        acting=hana,
        release_id=release.id,
        party_id=cast.hanbit().party_id,
        name="seoul-air-net 3",
        trained_on=now().astimezone(CITY_ZONE).date(),
    )


def _affairs_of_a_firm() -> dict[str, Any]:  # Any: whatever a path converter takes
    """An address for news, and Mina invited to the firm."""
    hana = cast.actor(cast.hana())
    endpoint, _secret = add_endpoint(
        acting=hana,
        organisation=cast.hanbit(),
        url="https://93.184.215.14/dure",
        kinds=["contribution.accepted"],
    )
    invited = membership.invite(
        acting=hana, organisation=cast.hanbit(), email=cast.mina().email, role="viewer"
    )
    return {"endpoint_id": endpoint.id, "invitation_id": invited.id}


def _registered_twice(algorithm: str) -> None:
    """Every algorithm in the register, this one with a version in other words before today's."""
    today = algorithms.get(algorithm)
    assert today is not None
    before = replace(
        today, how={"ko": "전에는 다르게 나누었습니다.", "en": "Shared otherwise before."}
    )
    with patch.dict(algorithms._items, {algorithm: before}):
        record_algorithms(acting=cast.actor(cast.kang()))
    record_algorithms(acting=cast.actor(cast.kang()))


def _photo() -> Any:  # Any: an uploaded file
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("a.jpg", jpeg(), content_type="image/jpeg")
