"""Calls that pay by other rules than coverage, with contributions that really were checked."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from contributions.calls.services import draft_call, publish_call
from contributions.intake.services import submit
from contributions.models import Call, Contribution
from contributions.pipeline.stages import check
from dure.accounts.models import Person
from dure.core import outbox
from rewards.epochs.questions import store_questions
from tests import cast
from tests.rewards.city import document

#: Trees by trunk and height: thick and low ones are pines, thin and high ones ginkgos.
QUESTIONS = b"trunk,height,kind\n20,5.5,pine\n9,11.5,ginkgo\n21,6,pine\n"
FIELDS = [
    {"name": "trunk", "type": "integer"},
    {"name": "height", "type": "number"},
    {"name": "kind", "type": "string"},
]


def trees_call(slug: str = "trees", **training: Any) -> Call:
    """A call that pays by what records add to telling trees apart."""
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    stored = store_questions(acting=kang, body=QUESTIONS)
    asked = {
        "features": {"trunk": "10", "height": "2.5"},
        "label": "kind",
        "k": 3,
        "questions_sha256": stored.sha256,
        **training,
    }
    wanted = document(
        slug=slug,
        method="knn",
        strata=[],
        price_cap=None,
        schema={"fields": FIELDS, "missingValues": [""]},
        duplicates={"key": ["trunk", "height"], "near": None},
        training=asked,
    )
    draft_call(acting=kang, document=wanted)
    publish_call(acting=kang, slug=slug)
    publish_call(acting=lim, slug=slug)
    outbox.drain()
    return Call.objects.get(slug=slug)


def trees(
    person: Person, *rows: str, call: str = "trees", party: UUID | None = None
) -> Contribution:
    """Trees that somebody measured, through intake and all checks."""
    file = io.BytesIO("\n".join(("trunk,height,kind", *rows, "")).encode())
    made = submit(
        acting=cast.actor(person),
        party_id=party or person.party_id,
        call_slug=call,
        stream=file,
        filename="trees.csv",
        content_type="text/csv",
        purposes=["city-ai"],
        language="en",
    )
    check(made.id)
    made.refresh_from_db()
    return made
