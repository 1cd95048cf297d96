"""Hanbit's members: invited, given roles, and never without an owner."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, IntegrityError, connection, transaction

from dure.accounts import membership as services
from dure.accounts.leaving import leave_everything
from dure.accounts.models import Invitation, Membership, Organisation, Person
from dure.accounts.roles import MemberRole
from dure.accounts.services import add_member, erase_person
from dure.core.clock import now
from dure.core.outbox import drain
from dure.core.problems import Problem
from portal.letters.post import send_waiting
from tests import cast

pytestmark = pytest.mark.django_db


def _invite(email: str, role: str = "developer") -> Invitation:
    return services.invite(
        acting=cast.actor(cast.hana()), organisation=cast.hanbit(), email=email, role=role
    )


def _joined(person: Person, role: MemberRole = MemberRole.DEVELOPER) -> Membership:
    cast.hana()
    return add_member(
        acting=cast.actor(person), organisation=cast.hanbit(), person=person, role=role
    )


def test_whoever_has_the_address_accepts_and_acts_for_the_firm() -> None:
    invitation = _invite(" Joon@Dure.example ")
    assert drain() > 0
    assert send_waiting() == 1
    (letter,) = mail.outbox
    assert letter.to == ["joon@dure.example"]
    assert f"/firm/invitations/{invitation.id}/" in letter.body
    joon = cast.joon()
    firm = cast.hanbit()
    assert not cast.actor(joon).acts_for(firm.party_id)
    services.accept_invitation(acting=cast.actor(joon), invitation_id=invitation.id)
    assert cast.actor(joon).acts_for(firm.party_id)
    invitation.refresh_from_db()
    assert invitation.email == ""
    with pytest.raises(Problem, match="invitation-over"):
        services.accept_invitation(acting=cast.actor(joon), invitation_id=invitation.id)


def test_nobody_else_can_use_an_invitation_and_none_outlives_its_week() -> None:
    invitation = _invite("joon@dure.example")
    with pytest.raises(Problem, match="invitation-over"):
        services.accept_invitation(acting=cast.actor(cast.charlie()), invitation_id=invitation.id)
    with pytest.raises(Problem, match="invitation-over"):
        services.accept_invitation(acting=cast.actor(cast.joon()), invitation_id=uuid.uuid4())
    Invitation.objects.update(expires_at=now() - timedelta(seconds=1))
    with pytest.raises(Problem, match="invitation-over"):
        services.accept_invitation(acting=cast.actor(cast.joon()), invitation_id=invitation.id)
    assert _invite("joon@dure.example").id != invitation.id


def test_what_cannot_be_invited_is_refused_with_the_field() -> None:
    for email, role in (("", "viewer"), ("joon", "viewer"), ("joon@dure.example", "king")):
        with pytest.raises(Problem, match="invalid-request"):
            _invite(email, role)
    _invite("joon@dure.example")
    with pytest.raises(Problem, match="already-invited"):
        _invite("JOON@dure.example")
    with pytest.raises(Problem, match="already-a-member"):
        _invite("hana@dure.example")


def test_a_viewer_sees_and_does_nothing() -> None:
    _joined(cast.joon(), MemberRole.VIEWER)
    firm, acting = cast.hanbit(), cast.actor(cast.joon())
    assert firm.party_id in acting.parties
    assert not acting.acts_for(firm.party_id)
    with pytest.raises(Problem, match="owners-only"):
        services.invite(acting=acting, organisation=firm, email="x@dure.example", role="viewer")


CHANGES: list[Callable[[Person, Membership], object]] = [
    lambda who, hers: services.change_role(
        acting=cast.actor(who), organisation=cast.hanbit(), member_id=hers.id, role="viewer"
    ),
    lambda who, hers: services.remove_member(
        acting=cast.actor(who), organisation=cast.hanbit(), member_id=hers.id
    ),
    lambda who, hers: services.invite(
        acting=cast.actor(who), organisation=cast.hanbit(), email="a@dure.example", role="owner"
    ),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_neighbour_finds_no_organisation_and_a_developer_may_not(
    change: Callable[[Person, Membership], object],
) -> None:
    hers = Membership.objects.get(person=cast.hana())
    charlie = cast.charlie()
    services.found_organisation(
        acting=cast.actor(charlie), name={"ko": "이웃", "en": "Neighbour"}, kind="firm"
    )
    with pytest.raises(Problem, match="not-found"):
        change(charlie, hers)
    _joined(cast.joon())
    with pytest.raises(Problem, match="owners-only"):
        change(cast.joon(), hers)
    hers.refresh_from_db()
    assert hers.role == MemberRole.OWNER


def test_the_last_owner_stays_until_there_is_another() -> None:
    hana = cast.hana()
    hers, his = Membership.objects.get(person=hana), _joined(cast.joon())
    owner, firm = cast.actor(hana), cast.hanbit()
    with pytest.raises(Problem, match="owner-needed"):
        services.remove_member(acting=owner, organisation=firm, member_id=hers.id)
    with pytest.raises(Problem, match="owner-needed"):
        services.change_role(acting=owner, organisation=firm, member_id=hers.id, role="viewer")
    services.change_role(acting=owner, organisation=firm, member_id=his.id, role="owner")
    services.remove_member(acting=owner, organisation=firm, member_id=hers.id)
    assert not Membership.objects.filter(person=hana).exists()


def _at_the_end_of_a_transaction(change: Callable[[], object]) -> None:
    with transaction.atomic():
        change()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_refuses_members_without_an_owner() -> None:
    hers = Membership.objects.get(person=cast.hana())
    _joined(cast.joon())
    for change in (
        lambda: Membership.objects.filter(id=hers.id).update(role="viewer"),
        lambda: Membership.objects.filter(id=hers.id).delete(),
    ):
        with pytest.raises(DatabaseError, match="without an owner"):
            _at_the_end_of_a_transaction(change)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(id=hers.id).update(role="king")


def test_somebody_removed_loses_the_keys_made_for_the_firm() -> None:
    joon, firm = cast.joon(), cast.hanbit()
    his = _joined(joon)
    program = cast.api(joon, firm)
    assert program.get("/api/v1/contributions/").status_code == 200
    services.remove_member(acting=cast.actor(cast.hana()), organisation=firm, member_id=his.id)
    assert program.get("/api/v1/contributions/").status_code == 401


def test_who_is_erased_leaves_an_owner_behind() -> None:
    hana = cast.hana()
    his = _joined(cast.joon())
    _invite("mina@dure.example")
    erase_person(party_id=hana.party_id)
    his.refresh_from_db()
    assert his.role == MemberRole.OWNER
    lonely = services.found_organisation(
        acting=cast.actor(cast.charlie()), name={"ko": "홀로", "en": "Alone"}, kind="firm"
    )
    leave_everything(cast.charlie())
    assert not lonely.memberships.exists()


def test_a_founder_owns_an_organisation_that_is_not_live_yet() -> None:
    firm = services.found_organisation(
        acting=cast.actor(cast.charlie()), name={"ko": "새 회사", "en": "New"}, kind="firm"
    )
    assert firm.memberships.get().role == MemberRole.OWNER
    assert firm.live_since is None
    with pytest.raises(Problem, match="invalid-request") as refused:
        services.found_organisation(
            acting=cast.actor(cast.charlie()), name={"ko": "", "en": "x" * 121}, kind="club"
        )
    assert [each.field for each in refused.value.errors] == ["name_ko", "name_en", "kind"]
    assert Organisation.objects.filter(name_en="New").count() == 1
