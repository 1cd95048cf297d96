"""A draft is prepared step by step; nothing of it is lost on the way."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import UUID

import pytest

from contributions.intake.drafts import (
    attach_file,
    discard_draft,
    draft_for,
    look_at_draft,
    remember,
    start_draft,
    submit_draft,
    sweep_drafts,
)
from contributions.models import Contribution, Draft
from dure.core.blobs import read
from dure.core.clock import now
from dure.core.models import Blob
from dure.core.problems import Problem
from tests.cast import actor, charlie, mina
from tests.contributions.seoul import air_csv, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)


def started() -> UUID:
    published()
    draft = start_draft(acting=actor(mina()), party_id=mina().party_id, call_slug="air-daily")
    return draft.id


def attached(draft_id: UUID, data: bytes) -> Draft:
    return attach_file(
        acting=actor(mina()),
        draft_id=draft_id,
        stream=io.BytesIO(data),
        filename="air.csv",
        content_type="text/csv",
    )


def sent(draft_id: UUID, *purposes: str) -> Contribution:
    return submit_draft(
        acting=actor(mina()), draft_id=draft_id, purposes=list(purposes), language="ko"
    )


def test_coming_back_finds_the_same_draft() -> None:
    draft_id = started()
    remember(acting=actor(mina()), draft_id=draft_id, steps={"where": "dobong"})
    remember(acting=actor(mina()), draft_id=draft_id, steps={"seen": True})
    again = start_draft(acting=actor(mina()), party_id=mina().party_id, call_slug="air-daily")
    assert again.id == draft_id
    assert again.steps == {"where": "dobong", "seen": True}


def test_the_look_shows_columns_rows_and_first_findings() -> None:
    draft_id = started()
    attached(draft_id, air_csv("20261101,종로구,31", "20261102,,x"))
    look = look_at_draft(acting=actor(mina()), draft_id=draft_id)
    assert look.fits
    assert look.rows_seen == 2
    assert look.columns_found == ["측정일시", "측정소명", "PM10"]
    assert {(each["row"], each["column"]) for each in look.findings} == {
        (2, "측정소명"),
        (2, "PM10"),
    }
    assert all(each["message"] for each in look.document()["findings"])


def test_wrong_columns_are_shown_and_cannot_be_handed_in() -> None:
    draft_id = started()
    attached(draft_id, "측정일시,구\n20261101,종로구\n".encode())
    look = look_at_draft(acting=actor(mina()), draft_id=draft_id)
    assert (look.columns_missing, look.columns_unknown) == (["측정소명", "PM10"], ["구"])
    assert not look.fits
    with pytest.raises(Problem, match="columns-wrong"):
        sent(draft_id, "city-ai")


def test_a_new_file_takes_the_place_of_the_old_and_a_bad_one_does_not() -> None:
    draft_id = started()
    attached(draft_id, twenty_rows())
    with pytest.raises(Problem, match="file-empty"):
        attached(draft_id, b"")
    draft = attached(draft_id, air_csv("20261101,종로구,31"))
    assert draft.blob is not None
    assert read(draft.blob) == air_csv("20261101,종로구,31")
    assert Blob.objects.filter(purged_at=None).count() == 1


def test_a_double_click_hands_in_once() -> None:
    draft_id = started()
    attached(draft_id, twenty_rows())
    first = sent(draft_id, "city-ai")
    assert sent(draft_id, "city-ai") == first
    assert Contribution.objects.count() == 1
    assert draft_for(acting=actor(mina()), draft_id=draft_id).contribution == first


def test_a_missing_consent_leaves_the_draft_as_it_was() -> None:
    draft_id = started()
    with pytest.raises(Problem, match="file-missing"):
        sent(draft_id, "city-ai")
    attached(draft_id, twenty_rows())
    with pytest.raises(Problem, match="consent-missing"):
        sent(draft_id)
    assert draft_for(acting=actor(mina()), draft_id=draft_id).blob is not None
    assert sent(draft_id, "city-ai").state == "received"


def test_a_discarded_draft_is_gone_with_its_file() -> None:
    draft_id = started()
    attached(draft_id, twenty_rows())
    discard_draft(acting=actor(mina()), draft_id=draft_id)
    assert not Blob.objects.filter(purged_at=None).exists()
    with pytest.raises(Problem, match="draft-unknown"):
        draft_for(acting=actor(mina()), draft_id=draft_id)


def test_nobody_else_sees_or_uses_the_draft() -> None:
    draft_id = started()
    attached(draft_id, twenty_rows())
    for refused in (
        lambda: draft_for(acting=actor(charlie()), draft_id=draft_id),
        lambda: submit_draft(
            acting=actor(charlie()), draft_id=draft_id, purposes=["city-ai"], language="ko"
        ),
        lambda: discard_draft(acting=actor(charlie()), draft_id=draft_id),
        lambda: look_at_draft(acting=actor(charlie()), draft_id=draft_id),
    ):
        with pytest.raises(Problem, match="draft-unknown"):
            refused()


def test_a_draft_that_nobody_touches_for_ninety_days_goes_with_its_file() -> None:
    draft = attached(started(), twenty_rows())
    assert sweep_drafts() == 0
    Draft.objects.update(updated_at=now() - timedelta(days=89))
    assert sweep_drafts() == 0
    Draft.objects.update(updated_at=now() - timedelta(days=91))
    assert (sweep_drafts(), sweep_drafts()) == (1, 0)
    assert draft.blob is not None
    assert Blob.objects.get(id=draft.blob.id).purged_at is not None
    with pytest.raises(Problem, match="draft-unknown"):
        draft_for(acting=actor(mina()), draft_id=draft.id)


def test_what_was_handed_in_is_no_draft_any_more() -> None:
    draft = attached(started(), twenty_rows())
    sent(draft.id, "city-ai")
    Draft.objects.update(updated_at=now() - timedelta(days=91))
    assert sweep_drafts() == 0
