"""Every method a call can choose, from publication to the wallet, replayed by an outsider."""

from __future__ import annotations

import json
from fractions import Fraction
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from contributions.calls.services import draft_call, publish_call
from dure.accounts.services import create_organisation
from dure.core.money import SUB_UNITS, parse_amount
from dure.core.problems import Problem
from dure_client.dure_verify import Tampered, check_manifest
from governance.registries import algorithms
from rewards.epochs.corrections import propose_reversal
from rewards.epochs.providers import rewards
from rewards.epochs.replay import replay
from rewards.epochs.selectors import manifest_bytes, reward_document
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.epochs.simulation import simulate
from rewards.models import Epoch, EpochGround, TrainingQuestions
from rewards.valuation import knn
from rewards.valuation.methods import METHODS
from tests import cast
from tests.rewards.city import SLUG, contribution, dobong, document, gangnam, published_call
from tests.rewards.epochs.test_explanation import assert_adds_up
from tests.rewards.methods import trees, trees_call

pytestmark = pytest.mark.django_db

COMPENSATION = {"lines": {"collection": "1.5", "delivery": "0.25"}, "margin": "0.1"}


def paying(lines: dict[str, str], margin: str) -> dict[str, Any]:
    return {"lines": lines, "margin": margin}


def drawing(epsilon: str, pairs: int) -> dict[str, Any]:
    return {"epsilon": epsilon, "pairs": pairs}


def settle(slug: str = SLUG) -> Epoch:
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=slug)
    return approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)


def stated(epoch: Epoch) -> Any:  # Any: JSON
    return json.loads(manifest_bytes(epoch))


def paid(epoch: Epoch) -> dict[str, int]:
    return {row.contribution.receipt: row.reward for row in epoch.inputs.all()}


def test_a_model_pays_who_helps_it_answer_and_nobody_who_copies_or_misleads() -> None:
    trees_call()
    mina = trees(cast.mina(), "20,5.0,pine", "22,6.5,pine", "8,12.0,ginkgo")
    joon = trees(cast.joon(), "20,5.0,pine", "10,11.0,ginkgo", "9,12.5,ginkgo")
    charlie = trees(cast.charlie(), "21,5.5,oak")
    waiting = reward_document(mina)
    assert (waiting["state"], waiting["reward"]) == ("waiting", "0")
    assert rewards([mina])[mina.id]["pending"] == "0"
    epoch = settle("trees")
    assert joon.duplicate == 1, "the tree that Mina had sent is hers alone"
    got = paid(epoch)
    assert got[charlie.receipt] == 0
    assert got[mina.receipt] > 0
    assert got[joon.receipt] > 0
    manifest = stated(epoch)
    said = check_manifest(manifest)
    assert "trees" in said
    assert "taken as stated, not computed" in said
    assert replay(manifest_bytes(epoch)) == manifest_bytes(epoch)
    out = StringIO()
    call_command("replay_epoch", str(epoch.id), stdout=out)
    asked = manifest["parameters"]["training"]["questions_sha256"]
    assert f"measured on sealed questions {asked}" in out.getvalue()
    # Three questions, three neighbours: by hand, 2 of 3, 3 of 3 and 2 of 3 answer right.
    reached = Fraction(2 + 3 + 2, 9)
    assert manifest["totals"]["value_after"] == "0.777777777778"
    assert abs(sum(got.values()) - 1000 * SUB_UNITS * reached) < 1000
    for each in (mina, joon, charlie):
        assert_adds_up(reward_document(each))


def test_later_trees_share_only_what_they_add_and_nothing_is_paid_twice() -> None:
    trees_call()
    trees(cast.mina(), "20,5.0,pine", "22,6.5,pine", "8,12.0,ginkgo")
    first = settle("trees")
    joon = trees(cast.joon(), "10,11.0,ginkgo", "9,12.5,ginkgo")
    second = settle("trees")
    before = stated(first)["parameters"]["reached"]["after"]
    assert stated(second)["parameters"]["reached"]["before"] == before
    rise = Fraction(stated(second)["parameters"]["reached"]["after"]) - Fraction(before)
    assert paid(second) == {joon.receipt: int(1000 * SUB_UNITS * rise)}
    trees(cast.charlie(), "21,5.5,ginkgo", "20,5.5,ginkgo")
    assert settle("trees").total == 0, "answers got worse"
    for epoch in Epoch.objects.filter(state="approved"):
        assert check_manifest(stated(epoch))
    assert sum(Epoch.objects.values_list("total", flat=True)) <= 1000 * SUB_UNITS


def test_worth_that_was_raised_is_found_by_the_outsider() -> None:
    trees_call()
    trees(cast.mina(), "20,5.0,pine")
    trees(cast.joon(), "9,12.0,ginkgo")
    manifest = stated(settle("trees"))
    manifest["inputs"][0]["worth"] += 10**9
    with pytest.raises(Tampered):
        check_manifest(manifest)


def test_questions_are_kept_once_sealed_and_are_told_what_is_wrong_with_them() -> None:
    kang, mina = cast.api(cast.kang()), cast.api(cast.mina())

    def send(body: bytes, who: Any = kang) -> Any:
        from django.core.files.uploadedfile import SimpleUploadedFile

        return who.post(
            "/api/v1/training-questions/",
            {"file": SimpleUploadedFile("questions.csv", body)},
            format="multipart",
            headers={"Accept-Language": "en"},
        )

    good = b"trunk,kind\n20,pine\n"
    assert send(good).status_code == send(good).status_code == 201
    assert TrainingQuestions.objects.count() == 1
    listed = kang.get("/api/v1/training-questions/").json()["results"]
    assert listed[0]["columns"] == ["trunk", "kind"]
    assert "pine" not in json.dumps(listed)
    assert (
        send(good, mina).status_code == mina.get("/api/v1/training-questions/").status_code == 403
    )
    for body, words in (
        (b"trunk,kind\n", "1 to 1,000"),
        (b"trunk,trunk\n1,2\n", "each column once"),
        (b"trunk,kind\n1\n", "Row 1"),
        (b"trunk,kind\n\xff,2\n", "Byte 11"),
        (b'trunk,kind\n"1,2\n', "quoting"),
    ):
        refused = send(body)
        assert refused.status_code == 422
        assert words in refused.json()["errors"][0]["message"]
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE rewards_trainingquestions SET rows = 2")


@pytest.mark.parametrize(
    ("training", "field"),
    [
        ({"questions_sha256": "0" * 64}, "training.questions_sha256"),
        ({"features": {"kind": "1"}}, "training.features.kind"),
        ({"features": {"trunk": "0"}}, "training.features.trunk"),
        ({"features": {"trunk": "-1"}}, "training.features.trunk"),
        ({"label": "trunk"}, "training.label"),
        ({"label": "crown"}, "training.label"),
        ({"k": 0}, "training.k"),
        ({"k": True}, "training.k"),
        ({"seed": 7}, "training"),
    ],
)
def test_a_call_that_asks_a_model_badly_is_refused_by_name(
    training: dict[str, Any], field: str
) -> None:
    with pytest.raises(Problem, match="pricing-unsound") as refused:
        trees_call(**training)
    assert [error.field for error in refused.value.errors] == [field]


def test_institutions_share_by_their_orders_exactly() -> None:
    call = published_call(method="permutation", price_cap=None)
    hanbit = cast.hanbit()
    first = contribution(call, hanbit.party_id, dobong(30), accepted=30)
    second = contribution(call, hanbit.party_id, gangnam(10), accepted=10)
    joon = contribution(call, cast.joon().party_id, dobong(30), accepted=30)
    epoch = settle()
    got = paid(epoch)
    # District Dobong: pi 1/5, half 20 records; together 60/80, alone 30/50.
    in_dobong = Fraction(1, 5) * Fraction(60, 80) / 2
    in_gangnam = Fraction(4, 5) * Fraction(10, 90)
    assert abs(got[joon.receipt] - 1000 * SUB_UNITS * in_dobong) <= 1
    whole = 1000 * SUB_UNITS * (in_dobong + in_gangnam)
    assert abs(got[first.receipt] + got[second.receipt] - whole) <= 2
    assert got[first.receipt] == pytest.approx(3 * got[second.receipt], abs=3), "by mass"
    assert check_manifest(stated(epoch))
    for each in (first, second, joon):
        assert_adds_up(reward_document(each))
        assert reward_document(each)["state"] == "approved"


def test_beyond_fourteen_institutions_orders_are_drawn_and_the_error_is_published() -> None:
    call = published_call(
        method="permutation", price_cap=None, sampling={"epsilon": "0.0001", "pairs": 20}
    )
    for number in range(16):
        firm = create_organisation(
            acting=cast.actor(cast.kang()), name={"ko": f"기업{number}", "en": f"Firm {number}"}
        )
        masses = {"district": {"11680": 1000 * (number + 1), "11320": 700 * (16 - number)}}
        contribution(call, firm.party_id, masses, accepted=20)
    epoch = settle()
    manifest = stated(epoch)
    assert manifest["totals"]["interval"]["pairs"] == 20
    assert 0 < Fraction(manifest["totals"]["interval"]["half_width"]) < Fraction(1, 100)
    assert check_manifest(manifest)
    assert replay(manifest_bytes(epoch)) == manifest_bytes(epoch)
    reached = Fraction(manifest["totals"]["value_after"])
    assert 0 <= 1000 * SUB_UNITS * reached - epoch.total < 20
    manifest["totals"]["interval"]["half_width"] = "0"
    with pytest.raises(Tampered, match="interval"):
        check_manifest(manifest)


def test_over_epochs_institutions_are_paid_what_is_covered_and_no_more() -> None:
    call = published_call(method="permutation", price_cap=None)
    for records in (10, 200, 5):
        contribution(call, cast.hanbit().party_id, gangnam(records), accepted=records)
        contribution(call, cast.joon().party_id, dobong(records), accepted=records)
        assert check_manifest(stated(settle()))
    reached = Fraction(stated(Epoch.objects.get(number=3))["totals"]["value_after"])
    total = sum(Epoch.objects.filter(state="approved").values_list("total", flat=True))
    assert 0 <= 1000 * SUB_UNITS * reached - total < 10


def test_more_than_thirty_institutions_do_not_share_by_orders() -> None:
    call = published_call(method="permutation", price_cap=None)
    for number in range(31):
        firm = create_organisation(
            acting=cast.actor(cast.kang()), name={"ko": f"기업{number}", "en": f"Firm {number}"}
        )
        contribution(call, firm.party_id, gangnam(1), accepted=1)
    with pytest.raises(Problem, match="too-many-institutions"):
        close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)
    assert not Epoch.objects.exclude(state="open").exists()


def test_costs_are_compensated_line_by_line_until_the_pool_is_empty() -> None:
    call = published_call(method="cost", strata=[], price_cap=None, compensation=COMPENSATION)
    made = contribution(call, cast.hanbit().party_id, {}, accepted=200)
    running = reward_document(made)
    assert running["state"] == "estimate"
    assert parse_amount(running["reward"]) == Fraction("1.75") * Fraction("1.1") * 200 * SUB_UNITS
    first = settle()
    assert check_manifest(stated(first))
    assert paid(first) == {made.receipt: 385 * SUB_UNITS}
    again = contribution(call, cast.hanbit().party_id, {}, accepted=400)
    second = settle()
    assert check_manifest(stated(second))
    assert paid(second) == {again.receipt: 615 * SUB_UNITS}, "what the pool still held"
    assert_adds_up(reward_document(again))
    contribution(call, cast.hanbit().party_id, {}, accepted=1)
    with pytest.raises(Problem, match="pool-is-empty"):
        close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"method": "cost"}, "compensation"),
        ({"method": "cost", "compensation": paying({"a": "1"}, "2")}, "compensation.margin"),
        ({"method": "cost", "compensation": paying({}, "0")}, "compensation.lines"),
        ({"method": "cost", "compensation": paying({"a": "0"}, "0")}, "compensation.lines"),
        ({"compensation": COMPENSATION}, "compensation"),
        ({"method": "permutation", "sampling": drawing("0", 1)}, "sampling.epsilon"),
        ({"method": "permutation", "sampling": drawing("0.1", 9999)}, "sampling.pairs"),
        ({"intake_fill": "0"}, "intake_fill"),
        ({"cost_multipliers": {"district": {"11320": "4"}}}, "cost_multipliers.district.11320"),
        ({"cost_multipliers": {"age": {}}}, "cost_multipliers.age"),
    ],
)
def test_numbers_that_cannot_price_are_named_before_anything_is_published(
    changes: dict[str, Any], field: str
) -> None:
    published_call()
    kang = cast.actor(cast.kang())
    draft_call(acting=kang, document=document(**{"slug": "other", "price_cap": None, **changes}))
    publish_call(acting=kang, slug="other")
    with pytest.raises(Problem, match="pricing-unsound") as refused:
        publish_call(acting=cast.actor(cast.lim()), slug="other")
    assert [error.field for error in refused.value.errors] == [field]


def test_an_epoch_of_nothing_but_copies_is_not_closed() -> None:
    call = published_call()
    contribution(call, cast.joon().party_id, {}, accepted=0, duplicate=3)
    with pytest.raises(Problem, match="epoch-is-empty"):
        close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)


def test_other_methods_can_be_tried_before_closing() -> None:
    call = published_call()
    contribution(call, cast.hanbit().party_id, dobong(10), accepted=10)
    contribution(call, cast.joon().party_id, gangnam(10), accepted=10)
    kang = cast.actor(cast.kang())
    changes: Any = {"method": "cost", "compensation": COMPENSATION}
    found = simulate(acting=kang, call_slug=SLUG, changes=changes)
    assert found["then"]["total"] == "38.5"
    found = simulate(acting=kang, call_slug=SLUG, changes={"method": "permutation"})
    assert Fraction(found["then"]["value_after"]) > 0


def test_an_outsider_follows_a_reversal_and_finds_one_that_was_changed() -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    reversal = propose_reversal(
        acting=cast.actor(cast.kang()), epoch=settle(), ground=EpochGround.WRONG_DATA
    )
    manifest = stated(reversal)
    assert "takes back epoch 1" in check_manifest(manifest)
    manifest["outputs"][0]["amount"] = "1"
    with pytest.raises(Tampered, match="outputs_root"):
        check_manifest(manifest)


def test_every_method_has_its_record_in_the_register_and_is_in_use() -> None:
    from rewards.algorithms import ENTRIES, code_sha256

    assert set(METHODS) <= set(ENTRIES)
    for method in METHODS:
        entry = ENTRIES[method]
        assert algorithms.get(entry.id) is entry
        assert entry.in_use_since
        assert entry.version == METHODS[method].VERSION
        assert len(code_sha256(method)) == 64


def test_what_a_model_is_told_of_distances_is_exact() -> None:
    import numpy as np

    records, queries = np.array([[0.1], [0.3]]), np.array([[0.2]])
    whole, asked = knn.in_units(records, queries, [Fraction(1, 4)])
    # 0.1 away over a unit of 0.25 is 0.4; in the common scale of tenths over quarters, 2.
    assert (whole - asked).ravel().tolist() == [-2.0, 2.0]
