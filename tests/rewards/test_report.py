"""What a transparency report, the register and a request for one's data get from this room."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contributions.models import Call
from dure.core.clock import now, quarter
from governance.registries import algorithms, data_holders, report_sections
from governance.reports.periods import Edition, Period
from rewards.algorithms import code_sha256
from rewards.epochs.services import approve_epoch, close_epoch
from tests import cast
from tests.rewards.city import SLUG, contribution, dobong, published_call

pytestmark = pytest.mark.django_db


def pay(person_count: int = 1) -> None:
    call = published_call()
    people = [cast.mina(), cast.joon(), cast.seo(), cast.kang(), cast.lim(), cast.charlie()]
    for person in people[:person_count]:
        contribution(call, person.party_id, dobong(1), accepted=1)
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)
    approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)


def test_the_report_counts_what_was_paid_and_hides_small_groups() -> None:
    pay(1)
    section = report_sections.get("rewards")
    assert section is not None
    document = section(Period.of(quarter(now())))
    figures = {figure["key"]: figure for figure in document["figures"]}
    assert figures["epochs"]["value"] == 1
    assert figures["recipients"]["suppressed"]
    calls, epochs = document["tables"]
    (row,) = calls["rows"]
    assert row["call"] == SLUG
    assert row["recipients"] is None
    assert row["funded"] == "1000"
    assert row["paid"] is None, "Mina would be told what she got, and so would everybody"
    assert row["left"] is None, "funded less left is what was paid"
    assert epochs["rows"][0]["paid"] is figures["paid_dure"]["value"] is None
    assert epochs["rows"][0]["suppressed"] == ["paid"]
    earlier = section(Period.of("2020-q1"))
    assert next(f["value"] for f in earlier["figures"] if f["key"] == "epochs") == 0


def test_larger_groups_are_shown() -> None:
    pay(6)
    section = report_sections.get("rewards")
    assert section is not None
    document = section(Period.of(quarter(now())))
    figures = {f["key"]: f["value"] for f in document["figures"]}
    assert figures["recipients"] == 6
    calls, epochs = document["tables"]
    assert calls["rows"][0]["paid"] == epochs["rows"][0]["paid"] == figures["paid_dure"]
    assert calls["rows"][0]["left"] is not None
    (settled,) = [each["label"] for each in calls["columns"] if each["key"] == "paid"]
    assert settled["en"] == "Settled in the period"
    assert any("held back until checks are over" in note["en"] for note in document["notes"])


def test_two_who_share_a_call_are_told_no_sum_of_each_other() -> None:
    call = published_call()
    for giver in (cast.hanbit(), cast.joon()):
        contribution(call, giver.party_id, dobong(5), accepted=5)
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)
    approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)
    section = report_sections.get("rewards")
    assert section is not None
    document = section(Period.of(quarter(now())))
    (row,) = document["tables"][0]["rows"]
    assert (row["paid"], row["left"], row["free"]) == (None, None, None)
    assert row["funded"] == "1000"
    figures = {f["key"]: f for f in document["figures"]}
    assert figures["paid_dure"]["suppressed"]
    assert figures["paid_krw"]["value"] == "0"
    assert "recompute" not in figures["paid_dure"]


def test_an_edition_after_another_tells_nothing_about_the_few_in_between() -> None:
    pay(6)
    first = now()
    call = Call.objects.get(slug=SLUG)
    contribution(call, cast.mina().party_id, dobong(1), accepted=1)
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)
    approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)
    section = report_sections.get("rewards")
    assert section is not None
    period = Period.of(quarter(now()))
    alone = section(period)["tables"][0]["rows"][0]
    assert alone["paid"] is not None
    after = section(replace(period, editions=(Edition(period.key, first, []),)))
    assert after["tables"][0]["rows"][0]["paid"] is None
    assert {f["key"]: f["value"] for f in after["figures"]}["paid_dure"] is None
    assert after["tables"][1]["rows"][1]["paid"] is None


def test_the_rules_are_in_the_register_with_the_hash_that_manifests_state() -> None:
    assert {"reward-coverage", "reward-flat"} <= {name for name, _ in algorithms.items()}
    assert len(code_sha256("coverage")) == 64
    assert code_sha256("coverage") != code_sha256("flat")


def test_mina_takes_her_own_data_out() -> None:
    pay(2)
    holder = data_holders.get("rewards")
    assert holder is not None
    exported = holder.export(cast.mina().party_id)
    assert isinstance(exported, dict)
    assert len(exported["rewards"]) == len(exported["entries"]) == 1
    holder.restrict(cast.mina().party_id)
    holder.erase(cast.mina().party_id)
    assert holder.export(cast.mina().party_id) == exported
