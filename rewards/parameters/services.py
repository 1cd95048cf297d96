"""Changing what a call pays by: simulated, proposed, approved by another person, logged.

The change is a version of the call, whether somebody proposes the parameters alone or revises and
publishes the call with them: gates of the publication see to both. What waits for the next
settlement is settled twice, under the rules in force and under the proposed ones, when it is
proposed and once more when it is approved, so that whoever approves sees the effect of that moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast
from uuid import UUID

from django.db import transaction

from contributions.calls.services import publish_call, revise_call
from contributions.models import Call, CallVersion
from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.accounts.roles import Role
from dure.core.canonical import Json, canonical_bytes, sha256_hex
from dure.core.clock import now
from dure.core.problems import NOT_FOUND, Problem
from governance.log.services import record
from rewards.epochs.simulation import CHANGEABLE, Simulation, simulate
from rewards.models import ChangeState, ParameterChange
from rewards.problems import CHANGE_EMPTY, CHANGE_NOT_OPEN, CHANGE_REASON, EPOCH_EMPTY, SAME_PERSON

REASON_MOST: Final = 500
#: What stands as the reason of a change that came with a revised call and does not say why.
UNSAID: Final = "–"


@transaction.atomic
def propose_change(
    *, acting: Actor, call_slug: str, changes: Mapping[str, Json], reason: str
) -> ParameterChange:
    """Proposes other parameters for a call, with what they would do to what waits now.

    ``changes`` are members of the call document out of ``simulation.CHANGEABLE``; those that are
    as before are left out. Only an operator may. Raises NOT_FOUND, CHANGE_EMPTY (422) where
    nothing changes, CHANGE_REASON (422) for no reason or one of more than 500 characters, and
    what the simulation and the call's own rules raise; then nothing was written.
    """
    acting.require(Role.OPERATOR)
    acting.require_person()
    why = reason.strip()
    if not 0 < len(why) <= REASON_MOST or "\x00" in why:
        raise CHANGE_REASON.problem()
    call = (
        Call.objects.select_for_update(of=("self",))
        .select_related("published")
        .filter(slug=call_slug)
        .first()
    )
    if call is None or call.published is None:
        raise NOT_FOUND.problem()
    base = call.published
    wanted = {name: v for name, v in changes.items() if base.document.get(name) != v}
    if not wanted or not set(wanted) <= CHANGEABLE:
        raise CHANGE_EMPTY.problem()
    # Only parameters change: whatever else a draft in preparation had is not taken along. What a
    # call may not say is refused here, before anything is settled on trial.
    version = revise_call(acting=acting, slug=call_slug, changes={**base.document, **wanted})
    publish_call(acting=acting, slug=call_slug, reason=why)
    return ParameterChange.objects.get(version=version)


def simulate_proposal(version: CallVersion, acting: Actor) -> None:
    """A gate: where a proposed version pays by something else, its effect is found and logged.

    A call that was never published pays nobody yet. Raises what the simulation raises.
    """
    ParameterChange.objects.filter(version__call=version.call, state=ChangeState.PROPOSED).update(
        state=ChangeState.SUPERSEDED, decided_at=now()
    )
    base = version.call.published
    wanted = _changed(base, version)
    if base is None or not wanted:
        return
    effect = canonical_bytes(_effect(acting, version.call.slug, wanted))
    digest = sha256_hex(effect)
    entry = record(
        kind="parameter.proposed",
        acting=acting,
        subject=None,
        payload=_payload(version, wanted, digest),
    )
    ParameterChange.objects.create(
        version=version,
        base=base,
        changes={n: {"before": base.document.get(n), "after": v} for n, v in wanted.items()},
        reason=version.reason or UNSAID,
        effect=effect,
        effect_sha256=digest,
        proposer=acting.require_person(),
        proposed_at=entry.recorded_at,
        proposal_entry=entry.id,
    )


def activate_proposal(version: CallVersion, acting: Actor) -> None:
    """A gate: what a version pays by comes into force with its effect of this moment, logged.

    Raises CHANGE_NOT_OPEN (409) where the effect that was proposed is not that of this change:
    another version came into force since, or it was proposed without one.
    """
    base = version.call.published
    wanted = _changed(base, version)
    if base is None or not wanted:
        return
    change = (
        ParameterChange.objects.select_for_update(of=("self",))
        .filter(version=version, state=ChangeState.PROPOSED)
        .first()
    )
    if change is None or change.base_id != base.id:
        raise CHANGE_NOT_OPEN.problem()
    effect = canonical_bytes(_effect(acting, version.call.slug, wanted, proposer=change.proposer))
    payload = _payload(version, wanted, sha256_hex(effect)) | {"change": str(change.id)}
    record(kind="parameter.approved", acting=acting, subject=None, payload=payload)
    entry = record(kind="parameter.activated", acting=acting, subject=None, payload=payload)
    change.state = ChangeState.ACTIVATED
    change.approver, change.decided_at = acting.require_person(), entry.recorded_at
    change.effect_at_approval, change.activation_entry = effect, entry.id
    change.save(
        update_fields=[
            "state", "approver", "decided_at", "effect_at_approval", "activation_entry",
        ]
    )  # fmt: skip


def _changed(base: CallVersion | None, version: CallVersion) -> dict[str, Json]:
    """Members that a version pays by and the one in force does not, as the version has them."""
    if base is None:
        return {}
    return {
        name: version.document.get(name)
        for name in sorted(CHANGEABLE)
        if base.document.get(name) != version.document.get(name)
    }


@transaction.atomic
def approve_change(*, acting: Actor, change_id: UUID) -> ParameterChange:
    """Puts a proposed change into force, as a second person.

    Raises NOT_FOUND, SAME_PERSON (403), CHANGE_NOT_OPEN (409) where another version of the call
    has come in between, and what publishing a call raises; only an approver may.
    """
    acting.require(Role.APPROVER)
    approver = acting.require_person()
    change = (
        ParameterChange.objects.select_for_update(of=("self",))
        .select_related("version__call", "base")
        .filter(id=change_id)
        .first()
    )
    if change is None:
        raise NOT_FOUND.problem()
    if approver.id in (change.proposer_id, change.version.author_id):
        raise SAME_PERSON.problem()
    call = Call.objects.select_for_update(of=("self",)).get(id=change.version.call_id)
    open_one = call.versions.filter(state=CallVersion.State.PROPOSED).first()
    if (
        change.state != ChangeState.PROPOSED
        or open_one != change.version
        or call.published_id != change.base_id
    ):
        raise CHANGE_NOT_OPEN.problem()
    publish_call(acting=acting, slug=call.slug)
    change.refresh_from_db()
    return change


def _effect(
    acting: Actor, slug: str, wanted: Mapping[str, Json], proposer: Person | None = None
) -> dict[str, Json]:
    """What the simulation finds; with nothing waiting, that nothing waits."""
    # Approvers see the same simulation as the operator who proposed.
    looking = acting if proposer is None else Actor.for_person(proposer)
    try:
        found = simulate(acting=looking, call_slug=slug, changes=wanted)
    except Problem as problem:
        if problem.kind is EPOCH_EMPTY:
            return {"contributions": 0, "moved": 0, "now": None, "then": None, "prices": []}
        raise
    return _public(found)


def _public(found: Simulation) -> dict[str, Json]:
    """The simulation without its rows: those name receipts, and effects are public."""
    kept: dict[str, Any] = {name: value for name, value in found.items() if name != "rows"}
    return cast("dict[str, Json]", kept)


def _payload(
    version: CallVersion, wanted: Mapping[str, Json], effect_sha256: str
) -> dict[str, Json]:
    return {
        "call": version.call.slug,
        "version": version.number,
        "document_sha256": version.sha256,
        "parameters": cast("Json", sorted(wanted)),
        "effect_sha256": effect_sha256,
    }
