"""The audit of held-back pay finds parts too large, drawings of choice and pay that never came."""

from __future__ import annotations

import pytest
import time_machine

from governance.audits.data import AuditData
from governance.audits.findings import examine
from rewards.audits import holdback
from rewards.holdback.checks import decide_finding
from rewards.holdback.services import release_due
from rewards.models import ClaimCheck, HeldReward
from tests import cast
from tests.forging import forge
from tests.rewards.holdback.test_drawn_checks import drawn, found
from tests.rewards.holdback.test_held_back import WORKER, later

pytestmark = pytest.mark.django_db


def broken(data: AuditData) -> dict[str, int]:
    trials = [*data.counterfactuals, *data.conservation, *([data.replay] if data.replay else [])]
    return {trial.name: trial.broken for trial in trials if trial.broken}


def test_an_honest_settlement_gives_no_alarm_before_and_after_its_day() -> None:
    _epoch, check = drawn()
    data = holdback.hold_back()
    assert broken(data) == {}
    assert data.replay is not None
    assert data.replay.tried == 1
    assert {trial.name: trial.tried for trial in data.conservation} == {
        "held-parts-follow-again": 2,
        "false-claims-do-not-pay": 1,
        "held-pay-comes-on-its-day": 0,
        "held-pay-is-lost-by-two-people": 0,
    }
    held = [share for share in data.shares if (share.name, share.dimension) == ("held", "sex")]
    assert all(4 * share.part <= share.whole for share in held)
    decide_finding(acting=cast.actor(cast.lim()), check_id=found(check).id, upheld=True)
    with time_machine.travel(later(93)):
        release_due(acting=WORKER)
        data = holdback.hold_back()
        assert broken(data) == {}
        tried = {trial.name: trial.tried for trial in data.conservation}
        assert tried["held-pay-comes-on-its-day"] == 2
        assert tried["held-pay-is-lost-by-two-people"] == 1
        assert data.reasons == {"false-stratum": 1}
        lost = [share for share in data.shares if (share.name, share.dimension) == ("lost", "sex")]
        assert sum(share.part for share in lost) > 0
        assert examine(data) == examine(holdback.hold_back())


def test_pay_that_was_forgotten_is_found() -> None:
    drawn()
    with time_machine.travel(later(93)):
        assert broken(holdback.hold_back()) == {"held-pay-comes-on-its-day": 2}


def test_a_part_that_is_larger_than_published_is_found() -> None:
    _epoch, check = drawn()
    forge(
        "UPDATE rewards_heldreward SET amount = amount + 1 WHERE contribution_id = %s",
        check.contribution_id,
    )
    assert broken(holdback.hold_back()) == {"held-parts-follow-again": 1}


def test_a_drawing_that_somebody_chose_is_found() -> None:
    _epoch, check = drawn()
    other = HeldReward.objects.exclude(contribution=check.contribution_id).get()
    forge(
        "UPDATE rewards_claimcheck SET contribution_id = %s WHERE id = %s",
        other.contribution_id,
        check.id,
    )
    assert broken(holdback.hold_back()) == {"drawings-follow-again": 1}


def test_a_call_whose_shares_do_not_deter_is_found() -> None:
    epoch, _check = drawn()
    forge(
        "UPDATE rewards_epoch SET terms = jsonb_set(terms, '{parameters,deterrence,records}', '1') "
        "WHERE id = %s",
        epoch.id,
    )
    assert broken(holdback.hold_back()) == {"false-claims-do-not-pay": 1}


def test_pay_that_was_lost_without_two_people_is_found() -> None:
    _epoch, check = drawn()
    decide_finding(acting=cast.actor(cast.lim()), check_id=found(check).id, upheld=True)
    forge(
        "UPDATE rewards_claimcheck SET state = 'sound', ground = '', decider_id = NULL, "
        "decided_at = NULL WHERE id = %s",
        check.id,
    )
    assert ClaimCheck.objects.get().state == "sound"
    assert broken(holdback.hold_back())["held-pay-is-lost-by-two-people"] == 1
