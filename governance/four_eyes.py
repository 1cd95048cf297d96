"""Acts that one person proposes and another agrees to: a record that any room can use."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import clock
from dure.core.canonical import Json
from dure.core.problems import NOT_FOUND, ProblemKind
from governance.log.services import record
from governance.models import OPEN, Proposal

STILL_ONE_PERSON = ProblemKind(
    "another-person-needed",
    403,
    _("This needs a second person"),
    _("Somebody else than the person who proposed it has to agree."),
)
PROPOSED_OTHERWISE = ProblemKind(
    "proposed-otherwise",
    409,
    _("Something else was proposed"),
    _("Agree to what was proposed, or have it proposed anew."),
)
MAY = (Role.OPERATOR, Role.APPROVER, Role.ADMIN)


@transaction.atomic
def propose_or_agree(
    *,
    acting: Actor,
    kind: str,
    details: Mapping[str, Json] | None = None,
    agreeing: bool = False,
) -> Proposal:
    """Proposes an act, or, as somebody else, agrees to the one that is open.

    The answer has ``decided_at`` once two persons agree: then, and in the same transaction, the
    caller does it. Whoever is ``agreeing`` answers a proposal that they read, and never makes one.
    Raises STILL_ONE_PERSON (403), PROPOSED_OTHERWISE (409) if the open proposal has other details
    or what was to be agreed to is gone, and 403 for whoever is neither operator, approver nor
    admin.
    """
    acting.require(*MAY)
    person = acting.require_person()
    stated = dict(details or {})
    open_one = Proposal.objects.select_for_update().filter(OPEN, kind=kind).first()
    if open_one is None and agreeing:
        raise PROPOSED_OTHERWISE.problem(
            _("What you agree to was taken back or declined meanwhile. Nothing happened.")
        )
    if open_one is None:
        proposal = Proposal.objects.create(
            kind=kind, details=stated, proposer=person, proposed_at=clock.now()
        )
        _log("act.proposed", acting, proposal)
        return proposal
    if open_one.proposer_id == person.id:
        raise STILL_ONE_PERSON.problem()
    if open_one.details != stated:
        raise PROPOSED_OTHERWISE.problem()
    open_one.approver, open_one.decided_at = person, clock.now()
    open_one.save(update_fields=["approver", "decided_at"])
    _log("act.approved", acting, open_one)
    return open_one


@transaction.atomic
def drop(*, acting: Actor, kind: str) -> None:
    """End what is proposed without its happening: the proposer takes it back, another declines it.

    Raises NOT_FOUND (404) where nothing is open, and 403 as ``propose_or_agree`` does.
    """
    acting.require(*MAY)
    person = acting.require_person()
    open_one = Proposal.objects.select_for_update().filter(OPEN, kind=kind).first()
    if open_one is None:
        raise NOT_FOUND.problem()
    open_one.dropper, open_one.dropped_at = person, clock.now()
    open_one.save(update_fields=["dropper", "dropped_at"])
    _log("act.dropped", acting, open_one)


def _log(kind: str, acting: Actor, proposal: Proposal) -> None:
    record(
        kind=kind,
        acting=acting,
        subject=None,
        payload={"proposal": str(proposal.id), "act": proposal.kind},
    )
