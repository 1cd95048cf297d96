"""The database refuses first: whoever writes, and however."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from contributions.models import (
    Call,
    CallVersion,
    Contribution,
    RecordFingerprint,
    ReferencePopulation,
    StageRun,
    State,
    StratumMass,
    WaitingRecord,
)
from dure.core.clock import now
from tests.cast import kang, lim, mina

pytestmark = pytest.mark.django_db


@contextmanager
def refused(words: str = "") -> Iterator[None]:
    with pytest.raises(DatabaseError, match=words), transaction.atomic():
        yield


def version(**changes: Any) -> CallVersion:  # Any: columns
    call, _new = Call.objects.get_or_create(slug="air-daily", defaults={"created_at": now()})
    columns: dict[str, Any] = {
        "call": call,
        "number": call.versions.count() + 1,
        "document": {"slug": "air-daily"},
        "sha256": "0" * 64,
        "author": kang(),
        "created_at": now(),
    }
    return CallVersion.objects.create(**{**columns, **changes})


def contribution(**changes: Any) -> Contribution:  # Any: columns
    made = CallVersion.objects.first() or version()
    moment = now()
    columns: dict[str, Any] = {
        "receipt": f"D-2026-{uuid.uuid4().int % 10**8:08d}",
        "call": made.call,
        "call_version": made,
        "party": mina().party,
        "deadline_at": moment + timedelta(hours=1),
        "submitted_at": moment,
        "updated_at": moment,
        "nudged_at": moment,
        "log_entry": uuid.uuid4(),
    }
    return Contribution.objects.create(**{**columns, **changes})


def accepted() -> Contribution:
    made = contribution(state=State.CHECKING)
    Contribution.objects.filter(pk=made.pk).update(
        state=State.ACCEPTED, accepted_at=now(), received=5, accepted=3, quarantined=1, duplicate=1
    )
    return made


def test_nobody_approves_what_they_wrote_or_proposed() -> None:
    made = version(proposer=lim())
    with refused("approver_is_another_person"):
        CallVersion.objects.filter(pk=made.pk).update(approver=kang())
    with refused("approver_is_another_person"):
        CallVersion.objects.filter(pk=made.pk).update(approver=lim())


def test_a_version_is_published_only_with_an_approver() -> None:
    made = version(state="proposed", proposer=kang())
    with refused("published_means_approved"):
        CallVersion.objects.filter(pk=made.pk).update(state="published")


def test_a_proposed_document_stands() -> None:
    made = version()
    CallVersion.objects.filter(pk=made.pk).update(document={"slug": "air-daily", "x": 1})
    CallVersion.objects.filter(pk=made.pk).update(state="proposed")
    with refused("stands as it was proposed"):
        CallVersion.objects.filter(pk=made.pk).update(document={})
    with refused("is kept"):
        CallVersion.objects.filter(pk=made.pk).delete()


def test_a_superseded_version_does_not_come_back() -> None:
    made = version(state="superseded")
    with refused("cannot go from superseded to proposed"):
        CallVersion.objects.filter(pk=made.pk).update(state="proposed")


def test_a_call_has_one_version_in_preparation() -> None:
    version()
    with refused("one_version_in_preparation"):
        version()


def test_a_reference_population_stands_once_a_call_names_it() -> None:
    reference = ReferencePopulation.objects.create(
        key="seoul-three",
        title={},
        source="x",
        as_of="2020",
        dimensions={},
        sha256="0" * 64,
        registered_at=now(),
    )
    ReferencePopulation.objects.filter(pk=reference.pk).update(source="y")
    version().references.add(reference)
    with refused("is in use"):
        ReferencePopulation.objects.filter(pk=reference.pk).update(source="z")
    with refused("is in use"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM contributions_referencepopulation")


def test_an_ended_contribution_does_not_move_again() -> None:
    for state in (State.REJECTED, State.FAILED, State.WITHDRAWN):
        made = contribution(state=state, reason_rule="internal")
        with refused("has ended"):
            Contribution.objects.filter(pk=made.pk).update(state=State.CHECKING)


def test_what_was_accepted_or_returned_can_only_be_withdrawn() -> None:
    for made in (accepted(), contribution(state=State.RETURNED, reason_rule="over-tolerance")):
        rows = Contribution.objects.filter(pk=made.pk)
        with refused("has ended"):
            rows.update(state=State.FAILED, reason_rule="internal")
        assert rows.update(state=State.WITHDRAWN, reason_rule="withdrawn-by-owner") == 1


def test_accepted_counts_add_up_and_stand() -> None:
    made = contribution(state=State.CHECKING)
    with refused("records_are_conserved"):
        Contribution.objects.filter(pk=made.pk).update(
            state=State.ACCEPTED, accepted_at=now(), received=5, accepted=3
        )
    with refused("counts of contribution"):
        Contribution.objects.filter(pk=accepted().pk).update(accepted=4, duplicate=0)


def test_nothing_is_accepted_unchecked() -> None:
    made = contribution()
    with refused("has not been checked"):
        Contribution.objects.filter(pk=made.pk).update(state=State.ACCEPTED, accepted_at=now())


def test_an_end_has_a_reason() -> None:
    with refused("an_end_has_a_reason"):
        contribution(state=State.FAILED)


def test_a_contribution_keeps_its_owner_and_its_row() -> None:
    made = contribution()
    with refused("does not change"):
        Contribution.objects.filter(pk=made.pk).update(party=lim().party)
    with refused("is kept"):
        Contribution.objects.filter(pk=made.pk).delete()


@pytest.mark.parametrize("receipt", ["D-2026-ILOU0000", "D-26-00000000", "d-2026-00000000", ""])
def test_a_receipt_number_has_its_form(receipt: str) -> None:
    with refused("receipt_format"):
        contribution(receipt=receipt)


def test_mass_is_not_negative_and_not_more_than_its_records() -> None:
    made = contribution()
    with refused("mass_not_negative"):
        StratumMass.objects.create(contribution=made, dimension="d", key="k", mass=-1)
    with refused("mass_within_records"):
        Contribution.objects.filter(pk=made.pk).update(mass=1)


def test_a_record_is_claimed_once_in_a_call() -> None:
    made = contribution()
    RecordFingerprint.objects.create(call=made.call, digest=b"x", contribution=made, row=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        RecordFingerprint.objects.create(call=made.call, digest=b"x", contribution=made, row=2)


def test_a_completed_stage_stands() -> None:
    run = StageRun.objects.create(
        contribution=contribution(),
        stage="decode",
        code_version="1",
        input_sha256="0" * 64,
        started_at=now(),
        ended_at=now(),
    )
    with refused("stands as it was recorded"):
        StageRun.objects.filter(pk=run.pk).update(code_version="2")
    with refused("stands as it was recorded"):
        StageRun.objects.filter(pk=run.pk).delete()


@pytest.mark.parametrize("model", [RecordFingerprint, WaitingRecord])
def test_a_record_is_claimed_only_for_a_contribution_of_its_call(
    model: type[RecordFingerprint] | type[WaitingRecord],
) -> None:
    ours = contribution()
    elsewhere = Call.objects.create(slug="noise", created_at=now())
    claims = model._default_manager
    with refused("none of the call"):
        claims.create(call=elsewhere, digest=b"1" * 16, contribution=ours, row=1)
    with refused("none of the call"):
        claims.create(call_id=ours.call_id, digest=b"1" * 16, contribution_id=uuid.uuid4(), row=1)
    claims.create(call_id=ours.call_id, digest=b"1" * 16, contribution=ours, row=1)
    with refused("none of the call"):
        claims.filter(contribution=ours).update(contribution_id=uuid.uuid4())
    with refused("none of the call"):
        claims.filter(contribution=ours).update(call=elsewhere)
