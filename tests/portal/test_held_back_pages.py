"""Mina reads what waits and why it was taken back; Kang and Lim decide on the console."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from dure.core.clock import CITY_ZONE
from dure.core.money import format_amount
from governance.models import AccessNote
from portal.formatting import amount_text
from rewards.holdback.checks import propose_finding
from rewards.holdback.selectors import waiting_by_epoch
from rewards.models import CheckGround, ClaimCheck, HeldReward
from tests import cast
from tests.cast import log_in
from tests.rewards.holdback.test_drawn_checks import drawn
from tests.rewards.holdback.test_held_back import two_contributions
from tests.rewards.holdback.test_overruled_findings import object_to, third, upheld

pytestmark = pytest.mark.django_db
WHY = "강남구에서 잰 값입니다."


def page(client: Client, name: str, *args: object) -> str:
    with override("en"):
        address = reverse(f"portal:{name}", args=args)
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def owner_of(check: ClaimCheck) -> Client:
    people = {person.party_id: person for person in (cast.mina(), cast.joon())}
    return log_in(Client(), people[check.contribution.party_id])


def test_an_operator_states_a_finding_another_upholds_it_and_the_owner_reads_and_may_object() -> (
    None
):
    epoch, check = drawn()
    kang, lim = (log_in(Client(), person) for person in (cast.kang(), cast.lim()))
    assert str(epoch.id) in page(kang, "console-checks")
    shown = page(kang, "console-check-epoch", epoch.id)
    assert check.contribution.receipt in shown
    assert AccessNote.objects.filter(party=check.contribution.party_id, by=cast.kang()).exists()
    where = f"/en/console/checks/{epoch.id}/{check.id}/"
    assert kang.post(where, {"act": "propose", "ground": "made-up"}).status_code == 422
    assert kang.post(where, {"act": "propose", "ground": "x", "reason": WHY}).status_code == 422
    assert kang.post(where, {"act": "nothing"}).status_code == 422
    wanted = {"act": "propose", "ground": "false-stratum", "reason": WHY}
    assert kang.post(where, wanted).status_code == 302
    assert "Another person has to decide" in page(kang, "console-check-epoch", epoch.id)
    assert kang.post(where, {"act": "uphold"}).status_code == 422
    assert lim.post(where, {"act": "uphold"}).status_code == 302
    mine = owner_of(check)
    why = page(mine, "contribution-why", check.contribution.receipt)
    for text in (WHY, "Object to this decision", "went back to the pool of the call"):
        assert text in why
    wallet = page(mine, "wallet")
    assert "Went back to the pool" in wallet
    # Nothing waits any more, so nothing is said to come.
    for text in ("Held-back parts count as pending", "and what is held back", "Waits until"):
        assert text not in wallet + why
    assert "Had been held back" in wallet
    public = page(Client(), "epoch", epoch.id)
    assert "Checked and held back" in public
    assert WHY not in public


def test_what_was_granted_is_not_offered_to_be_objected_to_while_it_waits_to_be_paid() -> None:
    _epoch, check = upheld()
    mine = owner_of(check)
    object_to(check)
    why = page(mine, "contribution-why", check.contribution.receipt)
    assert "To be given back" in why
    assert "Your objection to the finding was granted." in why
    assert "Object to this decision" not in why
    assert "a second person upheld it" not in why
    assert "Waits until" not in why
    wallet = page(mine, "wallet")
    assert "To be given back by" in wallet
    assert "Went back to the pool" not in wallet
    assert "To be given back" in page(mine, "contribution", check.contribution.receipt)


def test_who_decided_reads_that_another_approver_has_to_pay() -> None:
    epoch, check = upheld()
    object_to(check)
    another, own = "Give the amount back", "You decided about this finding or objection"
    for person, may in ((cast.lim(), False), (third(), False), (cast.kang(), True)):
        shown = page(log_in(Client(), person), "console-check-epoch", epoch.id)
        assert (another in shown, own in shown) == (may, not may)


def test_what_waits_has_a_line_with_its_day_in_the_wallet_and_beside_the_amount() -> None:
    made, _ = two_contributions()
    mina = log_in(Client(), cast.mina())
    from tests.rewards.holdback.test_held_back import settle

    settle()
    held = HeldReward.objects.get(contribution=made)
    assert "A part of it still waits" in page(mina, "contribution-why", made.receipt)
    wallet = page(mina, "wallet")
    assert "Waits until" in wallet
    assert "Held-back parts count as pending" in wallet
    assert held.due_at.astimezone(CITY_ZONE).date().isoformat() in wallet
    # Where settlements are called paid, what of them is not paid yet stands beside it.
    waits = waiting_by_epoch([held.epoch_id])
    waiting = amount_text(format_amount(waits[held.epoch_id]), "DURE")
    assert f"{waiting} held back" in page(Client(), "epochs")
    assert f"{waiting} held back" in page(log_in(Client(), cast.kang()), "console")


def test_strangers_and_residents_find_no_such_pages() -> None:
    epoch, check = drawn()
    propose_finding(
        acting=cast.actor(cast.kang()),
        check_id=check.id,
        ground=CheckGround.MADE_UP,
        reason=WHY,
    )
    for client in (Client(), log_in(Client(), cast.charlie()), log_in(Client(), cast.seo())):
        for path in ("", f"{epoch.id}/"):
            assert client.get(f"/en/console/checks/{path}").status_code in (302, 403, 404)
        where = f"/en/console/checks/{epoch.id}/{check.id}/"
        assert client.post(where, {"act": "uphold"}).status_code in (302, 403, 404)
    check.refresh_from_db()
    assert check.state == "proposed"
