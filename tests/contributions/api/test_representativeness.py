"""How well a call's data stands for the city, for everybody to see."""

from __future__ import annotations

import pytest

from contributions.pipeline.stages import check
from tests.cast import api, mina
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
