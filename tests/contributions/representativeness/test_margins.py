from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contributions.representativeness import (
    Reference,
    UnderRepresented,
    indices,
    shares,
    stratum_masses,
    targets,
)

STRATA = "abcde"
PEOPLE = st.fixed_dictionaries({key: st.integers(1, 10**6) for key in STRATA})
MASSES = st.fixed_dictionaries({key: st.integers(0, 10**9) for key in STRATA})


@given(PEOPLE, st.integers(1, 10**9))
def test_shares_and_targets_add_up_exactly(people: dict[str, int], target: int) -> None:
    assert sum(shares(people).values()) == 1
    assert sum(targets(shares(people), target).values()) == target


@given(st.lists(st.tuples(st.sampled_from([*STRATA, "nowhere", None]), st.integers(0, 1000))))
def test_mass_is_conserved_between_records_and_strata(
    records: list[tuple[str | None, int]],
) -> None:
    keys = [key for key, _q in records]
    masses, unmapped = stratum_masses(keys, [q for _key, q in records], STRATA)
    assert masses == {s: sum(q for key, q in records if key == s) for s in STRATA}
    assert unmapped == sum(key not in tuple(STRATA) for key in keys)


@given(MASSES, PEOPLE)
def test_measures_agree_with_their_textbook_form_in_floats(
    masses: dict[str, int], people: dict[str, int]
) -> None:
    found = indices(masses, people)
    mass = np.array([masses[key] for key in STRATA], float)
    population = np.array([people[key] for key in STRATA], float)
    q = population / population.sum()
    assert float(found.coverage) == pytest.approx(q[mass > 0].sum())
    assert found.empty == tuple(key for key in STRATA if not masses[key])
    if not mass.any():
        assert (found.tvd, found.cv_rho, found.kish, found.effective_mass) == (None, None, None, 0)
        return
    p = mass / mass.sum()
    assert found.tvd is not None
    assert float(found.tvd) == pytest.approx(np.abs(p - q).sum() / 2)
    rho = mass / population
    mean = (rho * q).sum()
    deviation = math.sqrt((q * (rho - mean) ** 2).sum())
    assert found.cv_rho == pytest.approx(deviation / mean, abs=1e-7)
    seen = mass > 0
    weight = population[seen] / mass[seen]
    units = mass[seen]
    kish = (weight * units).sum() ** 2 / (weight**2 * units).sum()
    assert found.kish is not None
    assert float(found.kish * sum(masses.values())) == pytest.approx(kish)


def test_a_perfect_mirror_scores_perfectly() -> None:
    found = indices({"a": 10, "b": 30}, {"a": 1, "b": 3})
    assert found.coverage == found.kish == 1
    assert found.tvd == 0
    assert found.cv_rho == 0
    assert found.under_represented is None


def test_the_most_neglected_stratum_is_named() -> None:
    assert indices({"a": 10, "b": 30}, {"a": 1, "b": 1}).under_represented == UnderRepresented(
        "a", Fraction(2)
    )
    empty = indices({"a": 10}, {"a": 1, "b": 5, "c": 9})
    assert empty.under_represented == UnderRepresented("c", None)


def test_mass_outside_the_reference_is_refused_and_not_lost() -> None:
    with pytest.raises(ValueError, match="outside"):
        indices({"z": 1}, {"a": 1})
    with pytest.raises(ValueError, match="nobody"):
        Reference({"district": {"a": 0}})
