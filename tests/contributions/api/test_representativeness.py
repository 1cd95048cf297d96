"""How well a call's data stands for the city, for everybody to see."""

from __future__ import annotations

import pytest

from contributions.pipeline.stages import check
from contributions.representativeness.small_cells import K
from dure.accounts.services import create_person
from tests.cast import actor, api, kang, mina
from tests.contributions.hours import THREE, file, joint_call
from tests.contributions.seoul import handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "/api/v1/calls/air-daily/representativeness/"


def test_anybody_reads_whom_the_data_of_a_call_stands_for() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    document = api().get(ADDRESS).json()
    (district,) = document["dimensions"]
    # Ten records each from two districts of 200 and 300 people; 500 people have none.
    assert (district["mass"], district["coverage"], district["tvd"]) == (
        20_000,
        "0.500000",
        "0.500000",
    )
    assert district["empty"] == ["11680"]
    assert district["under_represented"]["key"] == "11680"
    assert district["under_represented"]["ratio"] is None
    # χ²/n = 0.25/0.2 + 0.25/0.3 − 1
    assert float(district["cv_rho"]) == pytest.approx(
        (0.25 / 0.2 + 0.25 / 0.3 - 1) ** 0.5, abs=1e-6
    )
    assert district["psi"]["floored"] == ["11680"]
    # ρ = 10/200, 10/300 and 0 of a mean of 20/1000
    assert float(district["r_indicator"]["mean_propensity"]) == pytest.approx(0.02)
    assert district["r_indicator"]["misleading"]
    assert float(district["r_indicator"]["partials"]["11680"]) < 0
    # n / n_eff for weights 20 and 30 on ten records each
    assert float(district["design_effect"]) == pytest.approx(1.04, abs=1e-6)
    assert 0 < float(district["space"]["gini"]) < 1
    assert district["space"]["districts"] == 3


def test_an_empty_call_has_measures_without_numbers() -> None:
    published()
    (district,) = api().get(ADDRESS).json()["dimensions"]
    assert (district["coverage"], district["tvd"], district["psi"]) == ("0.000000", None, None)
    assert district["under_represented"]["key"] == "11680"


def test_an_unknown_call_has_none() -> None:
    assert api().get("/api/v1/calls/nowhere/representativeness/").status_code == 404


def test_joint_cells_and_hours_are_measured_beside_the_margins() -> None:
    joint_call()
    check(handed_in(mina(), THREE).id)
    document = api().get(ADDRESS).json()
    assert document["strata"] == "joint"
    joint = document["joint"]
    # Two of four cells; of 2.7 records 1.7 where a tenth lives and 1.0 where a half lives.
    assert (joint["cells"], joint["empty"], joint["mass"]) == (4, 2, 2_700)
    assert joint["coverage"] == "0.600000"
    assert float(joint["tvd"]) == pytest.approx(1.7 / 2.7 - 0.1, abs=1e-6)
    assert float(joint["kish"]) == pytest.approx(0.36 / (0.01 * 2.7 / 1.7 + 0.25 * 2.7), abs=1e-6)
    assert float(joint["design_effect"]) == pytest.approx(1 / float(joint["kish"]), abs=1e-5)
    week = document["time"]
    assert (week["hourly"], week["zone"], week["cells"]) == (True, "Asia/Seoul", 168)
    assert (week["mass"], week["covered"]) == (3_700, "0.017857")


def test_cells_of_one_person_are_shown_to_nobody() -> None:
    joint_call()
    check(handed_in(mina(), THREE).id)
    for reader in (api(), api(mina()), api(kang())):
        document = reader.get(ADDRESS).json()
        assert document["joint"]["listed"] == []
        assert {cell["mass"] for cell in document["time"]["week"]} == {None}
        assert (document["joint"]["hidden"], document["time"]["hidden"]) == (4, 168)


def test_cells_of_ten_people_are_shown() -> None:
    joint_call()
    for number in range(K):
        person = create_person(
            acting=actor(kang()),
            email=f"person{number}@dure.example",
            name="P",
            password="a plain test password",
        )
        row = f"2026-11-22 08:{number:02d},11110,street,{number}"
        check(handed_in(person, file(row)).id)
    document = api().get(ADDRESS).json()
    listed = {tuple(each["keys"]): each for each in document["joint"]["listed"]}
    assert {key: each["mass"] for key, each in listed.items()} == {
        ("11110", "park"): 0,
        ("11110", "street"): 10_000,
        ("11320", "park"): 0,
        ("11320", "street"): 0,
    }
    assert listed["11110", "street"]["population"] == "0.100000"
    week = document["time"]["week"]
    sunday = {cell["hour"]: cell["mass"] for cell in week if cell["weekday"] == 6}
    assert (sunday[8], sunday[9]) == (10_000, 0)


def test_records_count_instead_of_people_where_the_data_is_not_about_them() -> None:
    joint_call(disclosure={"quasi_identifiers": [], "unit": "record"})
    rows = [f"2026-11-22 08:{number:02d},11110,street,{number}" for number in range(K)]
    check(handed_in(mina(), file(*rows)).id)
    document = api().get(ADDRESS).json()
    assert (document["joint"]["hidden"], document["time"]["hidden"]) == (0, 0)


def test_margins_alone_are_said_to_be_margins() -> None:
    margins = {"district": {"11110": 200, "11320": 800}, "kind": {"street": 400, "park": 600}}
    joint_call(reference={"dimensions": margins})
    check(handed_in(mina(), THREE).id)
    document = api().get(ADDRESS).json()
    assert document["strata"] == "margins"
    assert (document["joint"]["reference"], document["joint"]["tvd"]) == (None, None)
    assert document["joint"]["empty"] == 2


def test_a_flattering_indicator_comes_with_a_plain_warning() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    (district,) = api().get(ADDRESS, headers={"accept-language": "en"}).json()["dimensions"]
    assert "near 1 whatever the skew" in district["r_indicator"]["statement"]
