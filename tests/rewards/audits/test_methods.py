"""An audit of a reward rule looks at what it really paid, and finds what was forged."""

from __future__ import annotations

import pytest

from dure.core.canonical import canonical_bytes
from governance.audits.data import Trial
from governance.audits.findings import examine
from rewards.audits.methods import rewards_by
from rewards.audits.trials import counterfactuals, replayed
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.models import Epoch
from tests import cast
from tests.rewards.city import SLUG, contribution, dobong, published_call

pytestmark = pytest.mark.django_db


def settled(*masses: int) -> Epoch:
    call = published_call()
    people = [cast.mina(), cast.joon(), cast.charlie()]
    for person, mass in zip(people, masses, strict=False):
        contribution(call, person.party_id, dobong(mass), accepted=mass)
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)
    return approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)


def test_the_newest_settlements_are_tried_out_and_hold() -> None:
    settled(1, 5, 12)
    data = rewards_by("coverage")
    assert data.replay == Trial("replay", 1, 0)
    assert {trial.name: (trial.tried, trial.broken) for trial in data.counterfactuals} == {
        "order": (3, 0),
        "identity": (3, 0),
        "split": (3, 0),
        "own-mass": (3, 0),
    }
    assert {trial.name: (trial.tried, trial.broken) for trial in data.conservation} == {
        "budget-conserved": (1, 0),
        "ledger-agrees": (1, 0),
        "reward-has-a-contribution": (3, 0),
    }
    (one,) = [each for each in data.representation if each.dimension == "district"]
    assert sum(one.data.values()) == 18_000
    assert sum(one.paid.values()) > 0
    assert rewards_by("flat").replay == Trial("replay", 0, 0)


def test_the_same_records_give_the_same_findings() -> None:
    settled(2, 3)
    first, second = (examine(rewards_by("coverage"))[1] for _ in range(2))
    assert canonical_bytes(first) == canonical_bytes(second)


def test_a_manifest_that_does_not_follow_from_its_facts_is_found() -> None:
    epoch = settled(2, 3)
    assert epoch.manifest is not None
    epoch.manifest = bytes(epoch.manifest).replace(b'"records":2', b'"records":4')
    assert replayed([epoch]) == Trial("replay", 1, 1)
    epoch.manifest = b"[]"
    assert replayed([epoch]) == Trial("replay", 1, 1)


def test_a_rule_that_looks_at_who_it_is_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trials can fail: a rule that pays by name, and one that pays for splitting."""
    from rewards.audits import trials as audit_trials

    epoch = settled(2, 3)
    honest = audit_trials._paid
    monkeypatch.setattr(
        audit_trials,
        "_paid",
        lambda facts: {
            name: paid + 7 * (name.startswith("~")) + 5 * name.endswith("~")
            for name, paid in honest(facts).items()
        },
    )
    found = {trial.name: trial.broken for trial in counterfactuals([epoch])}
    assert found["identity"] == 2
    assert found["split"] == 2
    assert found["order"] == 0
