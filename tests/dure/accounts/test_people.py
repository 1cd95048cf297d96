"""Accounts, roles and what an actor may do."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from dure.accounts import selectors, services
from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.accounts.roles import Role
from dure.core.problems import Problem
from tests import cast

pytestmark = pytest.mark.django_db


def test_an_address_opens_one_account_whatever_its_case() -> None:
    cast.mina()
    with pytest.raises(ValidationError):
        services.create_person(
            acting=Actor.system("tests"), email="MINA@dure.example", name="민아", password=None
        )


def test_the_database_keeps_addresses_in_lower_case() -> None:
    mina = cast.mina()
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(id=mina.id).update(email="Mina@dure.example")


def test_only_known_attributes_reach_the_strata() -> None:
    assert selectors.contributor_attributes(cast.mina().party_id) == {
        "district": "11320",
        "sex": "F",
        "age_band": "30-39",
    }
    assert selectors.contributor_attributes(cast.charlie().party_id) == {}
    assert selectors.contributor_attributes(cast.hanbit().party_id) == {}


@pytest.mark.parametrize(
    ("birth_year", "band"), [(2026, "0-9"), (2017, "0-9"), (2016, "10-19"), (1957, "60-69"),
                             (1956, "70+"), (1920, "70+")]
)  # fmt: skip
def test_age_bands_meet_without_gap(birth_year: int, band: str) -> None:
    assert selectors.age_band(birth_year, 2026) == band


def test_a_member_acts_for_the_firm_and_a_stranger_does_not() -> None:
    hana, firm = cast.hana(), cast.hanbit()
    assert cast.actor(hana).acts_for(firm.party_id)
    assert not cast.actor(cast.charlie()).acts_for(firm.party_id)
    assert not Actor.system("worker").acts_for(firm.party_id)


def test_a_role_that_is_missing_is_a_clear_problem() -> None:
    with pytest.raises(Problem, match="not-allowed"):
        cast.actor(cast.mina()).require(Role.OPERATOR)
    with pytest.raises(Problem, match="not-signed-in"):
        Actor.system("worker").require(Role.OPERATOR)
    cast.actor(cast.kang()).require(Role.OPERATOR)


def test_no_text_of_a_person_carries_the_name() -> None:
    mina = cast.mina()
    assert "Mina" not in str(mina)
    assert "mina" not in repr(mina)
