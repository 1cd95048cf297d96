"""The main job, its checks run in this process instead of in workers."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from contributions.models import Contribution, Finding, TrainedModel
from contributions.pipeline.stages import check
from contributions.selectors.contributions import finding_document as row_document
from demo import people
from demo.calls import AIR_DAILY, FOOTFALL_HOURLY, MOBILITY_SURVEY
from demo.city import City, found_city
from demo.claims import check_claims
from demo.generators import submissions
from demo.job import (
    NotChecked,
    confirmed,
    examine,
    report,
    send,
    settle,
    spend,
    wait_until_decided,
)
from demo.licences import MODEL, license_footfall
from demo.releases import release
from dure.core import clock
from dure.core.money import Asset, format_amount, parse_amount
from dure.core.outbox import drain
from governance.cases.selectors import finding_document
from governance.models import LogEntry, Report
from portal.public.figures import city_yield
from rewards.holdback.giving_back import giving_back_list
from rewards.holdback.overruling import give_back
from rewards.models import Dividend, Epoch, EpochInput, EpochState, Licence
from rewards.wallet.selectors import wallet_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return found_city()


def _sent(city: City, call: str) -> dict[str, Contribution]:
    return {item.sender: send(city, item) for item in submissions() if item.call == call}


def _checked(city: City, call: str) -> dict[str, Contribution]:
    checked = {sender: check(one.id) for sender, one in _sent(city, call).items()}
    drain()
    return checked


def test_a_file_is_sent_once_however_often_the_job_runs(city: City) -> None:
    first = submissions()[0]
    assert send(city, first) == send(city, first)
    assert Contribution.objects.count() == 1


def test_every_fault_of_the_files_is_found_and_the_rest_counts(city: City) -> None:
    checked = _checked(city, AIR_DAILY)
    assert {each.state for each in checked.values()} == {"accepted"}
    counts = {
        sender: (each.received, each.accepted, each.quarantined, each.duplicate)
        for sender, each in checked.items()
    }
    assert counts["mina"] == (54, 54, 0, 0)
    # An impossible date and a value that no instrument reports.
    assert counts["soonja"] == (44, 42, 2, 0)
    assert counts["yeongho"] == (138, 133, 0, 5)
    # Twelve rows that Daniel sent before.
    assert counts["haneul"] == (120, 108, 0, 12)
    # A column of telephone numbers that nobody asked for costs its sender nothing.
    assert counts["jiwoo"] == (79, 79, 0, 0)


def test_a_telephone_number_in_an_answer_is_found_and_told_without_the_number(city: City) -> None:
    checked = _checked(city, MOBILITY_SURVEY)
    found = Finding.objects.get(contribution=checked["daniel"], column="의견")
    assert (found.row, found.params["type"]) == (8, "phone")
    assert "5550" not in str(row_document(found))


def test_an_epoch_is_closed_and_approved_once_and_paid_to_the_wallet(city: City) -> None:
    _checked(city, AIR_DAILY)
    epoch = settle(city, AIR_DAILY)
    assert epoch is not None
    assert epoch.state == EpochState.APPROVED
    assert (epoch.proposer, epoch.approver) == (city.persons["kang"], city.persons["lim"])
    assert settle(city, AIR_DAILY) == epoch
    assert Epoch.objects.filter(state=EpochState.APPROVED).count() == 1
    earned = EpochInput.objects.get(contribution__party=city.persons["mina"].party)
    balances = wallet_document(city.persons["mina"].party_id)["balances"]
    confirmed = next(each["confirmed"] for each in balances if each["asset"] == "DURE")
    assert confirmed == format_amount(earned.reward)


def test_rewards_are_spent_once_and_only_by_those_who_have_them(city: City) -> None:
    assert spend(city) == []
    _checked(city, AIR_DAILY)
    settle(city, AIR_DAILY)
    spent = spend(city)
    assert [(each.rail, each.state) for each in spent] == [
        ("fund", "settled"),
        ("transit", "held"),
    ]
    assert spend(city) == spent


def test_a_call_without_accepted_records_has_nothing_to_settle(city: City) -> None:
    assert settle(city, FOOTFALL_HOURLY) is None


def test_a_release_is_built_once_and_only_of_what_was_accepted(city: City) -> None:
    assert release(city) is None
    _checked(city, AIR_DAILY)
    built = release(city)
    assert built is not None
    assert (built.kind, built.number) == ("open", 1)
    accepted = Contribution.objects.filter(call__slug=AIR_DAILY, state="accepted")
    assert built.records == sum(each.accepted for each in accepted)
    assert built.document["weights"]["method"] == "raking"
    assert release(city) == built


def test_the_centre_pays_once_trains_a_model_and_the_firms_have_their_dividend(city: City) -> None:
    assert license_footfall(city) is None
    _checked(city, FOOTFALL_HOURLY)
    settle(city, FOOTFALL_HOURLY)
    hanbit = city.firms["hanbit"].party_id
    before = confirmed(hanbit, Asset.KRW)
    licence = license_footfall(city)
    assert licence is not None
    assert (licence.noted_by, licence.confirmed_by) == (city.persons["kang"], city.persons["lim"])
    assert confirmed(hanbit, Asset.KRW) > before
    told = city_yield()
    dividend = Dividend.objects.get(licence=licence)
    assert told.dividends == format_amount(dividend.amount - dividend.rest)
    assert parse_amount(told.revenue) == licence.total > dividend.amount > 0
    (model,) = TrainedModel.objects.all()
    assert (model.name, model.release.kind) == (MODEL, "licensed")
    assert model.release.records > 5_000
    assert license_footfall(city) == licence
    assert (Licence.objects.count(), TrainedModel.objects.count()) == (1, 1)


def test_a_claim_that_was_disputed_waits_to_be_given_back_by_somebody_else(city: City) -> None:
    _checked(city, MOBILITY_SURVEY)
    epoch = settle(city, MOBILITY_SURVEY)
    assert epoch is not None
    assert epoch.approver == city.persons["bae"]
    objection = check_claims(city, epoch)
    assert objection is not None
    assert objection.answered_by == city.persons["lim"]
    assert check_claims(city, epoch) == objection
    (waiting,) = giving_back_list()
    assert waiting.objection == objection.id
    given = give_back(acting=city.actor(people.KANG), check_id=waiting.check.id)
    assert given.approver == city.persons["kang"]
    assert giving_back_list() == []


def test_each_quarter_s_report_is_published_once(city: City) -> None:
    """The quarter before as well, so that there is something to compare with."""
    assert report(city) == report(city)
    this = clock.quarter(clock.now())
    periods = list(Report.objects.order_by("period").values_list("period", flat=True))
    assert periods == sorted([clock.quarter_before(this), this])
    assert not LogEntry.objects.filter(place=None).exists()


def test_the_auditor_draws_a_sample_and_publishes_one_finding(city: City) -> None:
    _checked(city, AIR_DAILY)
    epoch = settle(city, AIR_DAILY)
    assert epoch is not None
    finding = examine(city, epoch)
    assert examine(city, epoch) == finding
    assert finding.due_at is not None
    drawing = finding.case.samples.get().drawing
    names = EpochInput.objects.filter(epoch=epoch).values_list("pseudonym", flat=True)
    assert set(drawing.items) <= set(names)
    assert f"기여는 {epoch.inputs_count}건" in finding_document(finding)["text"]


def test_waiting_ends_with_words_when_no_worker_decides(city: City) -> None:
    sent = [send(city, submissions()[0])]
    heard: list[int] = []
    with pytest.raises(NotChecked, match="1 of 1 files are not decided"):
        wait_until_decided(sent, limit_s=0, tell=heard.append)
    assert heard == [0]


def test_the_command_runs_the_whole_job_and_runs_again_without_effect(
    city: City,
    settings: pytest.FixtureRequest,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.VAR_DIR = tmp_path  # type: ignore[attr-defined]  # pytest-django's settings wrapper
    from demo.generators import later_submissions

    for item in [*submissions(), *later_submissions()]:
        check(send(city, item).id)
    drain()
    call_command("demo", "--once", stdout=io.StringIO())
    first = capsys.readouterr().out
    assert "air-daily: epoch 1 paid" in first
    assert "footfall-hourly: epoch 1 paid" in first
    assert "air-daily: release 1 of" in first
    assert "footfall-hourly: a licence of" in first
    assert "an approver can give it back" in first
    assert json.loads((tmp_path / "demo.json").read_text(encoding="utf-8"))["calls"]
    paid = Epoch.objects.filter(state=EpochState.APPROVED).count()
    call_command("demo", "--once", stdout=io.StringIO())
    assert Epoch.objects.filter(state=EpochState.APPROVED).count() == paid == 3
    assert Contribution.objects.count() == len(submissions()) + len(later_submissions())
