"""Questions this room asks, answered by the rooms above it when they register.

``publication_gates``   run inside the publishing transaction; a gate that cannot agree (a pool
                        that cannot be funded) raises a Problem and nothing is published.
``reward_provider``     under "reward": what a contribution earned so far.
``settlement_provider`` which contributions an epoch has settled: what was paid for counts once
                        and for all, whatever becomes of it later.
``licence_provider``    which parties of somebody hold a licence to a licensed release.
``price_provider``      under "prices": the live price of each stratum, given the stock of mass.
``document_examiners``  what is wrong with a call document whose form is sound, before it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypedDict
from uuid import UUID

from contributions.models import CallVersion, Contribution, Release
from dure.accounts.acting import Actor
from dure.core.problems import FieldError
from dure.core.registry import Registry


class RewardDocument(TypedDict):
    """Amounts are decimal strings of whole units of the asset."""

    asset: str
    pending: str
    confirmed: str


class PriceDocument(TypedDict):
    """Price of one full record and its ratio to the population-weighted mean price."""

    price: str
    multiplier: str


#: {dimension: {stratum: thousandths}}
Masses = Mapping[str, Mapping[str, int]]

#: Any: JSON. f(document) -> faults by field.
document_examiners: Registry[Callable[[Mapping[str, Any]], list[FieldError]]] = Registry(
    "examinations of call documents"
)
publication_gates: Registry[Callable[[CallVersion, Actor], None]] = Registry(
    "gates before a call is published"
)
#: Within the transaction that proposes a version; the version in force is still `call.published`.
proposal_gates: Registry[Callable[[CallVersion, Actor], None]] = Registry(
    "gates when a version of a call is proposed"
)
#: As a second person approves, before the version in force gives way.
approval_gates: Registry[Callable[[CallVersion, Actor], None]] = Registry(
    "gates before a version of a call takes the place of another"
)
reward_provider: Registry[Callable[[Contribution], RewardDocument]] = Registry(
    "what a contribution earned"
)
#: Under "rewards", for a page of contributions at once; optional beside `reward_provider`.
reward_page_provider: Registry[Callable[[Iterable[Contribution]], dict[UUID, RewardDocument]]] = (
    Registry("what the contributions of a page earned")
)
#: Under a name of the room that settles: those of these contributions that an epoch has settled.
settlement_provider: Registry[Callable[[Iterable[UUID]], set[UUID]]] = Registry(
    "contributions that are settled"
)
price_provider: Registry[Callable[[CallVersion, Masses], dict[str, dict[str, PriceDocument]]]] = (
    Registry("live prices of the strata")
)


def settled(contributions: Iterable[UUID]) -> set[UUID]:
    """Those of these contributions that any room has settled; none where no room settles."""
    asked = list(contributions)
    found: set[UUID] = set()
    for _name, provider in settlement_provider.items():
        found |= provider(asked)
    return found


#: f(actor, release) -> parties that the actor acts for and that hold a licence in force.
licence_provider: Registry[Callable[[Actor, Release], Iterable[UUID]]] = Registry(
    "licences to releases"
)
