"""Writing, changing, publishing and closing calls; registering reference populations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction

from contributions import problems
from contributions.calls.document import (
    Document,
    document_hash,
    faults,
    parse_time,
    with_defaults,
)
from contributions.calls.reference_document import read_reference
from contributions.models import Call, CallVersion, ReferencePopulation
from contributions.registries import (
    approval_gates,
    document_examiners,
    proposal_gates,
    publication_gates,
)
from contributions.selectors.references import named_references
from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.accounts.roles import Role
from dure.core import outbox
from dure.core.clock import now
from dure.core.problems import FieldError, Problem
from governance.consent.services import checked_recipients, publish_notice
from governance.log.services import record

#: Letters of the reason for a version.
REASON_MOST = 500


def _operator(acting: Actor) -> Person:
    acting.require(Role.OPERATOR)
    assert acting.person is not None, "a role belongs to a person"
    return acting.person


@transaction.atomic
def register_reference(*, acting: Actor, document: Document) -> ReferencePopulation:
    """Register published counts under a key; the same document again changes nothing.

    Raises REFERENCE_INVALID with the faulty fields, and REFERENCE_IN_USE when a call already
    relies on other counts of that key.
    """
    person = _operator(acting)
    reading = read_reference(document)
    if reading.errors:
        raise problems.REFERENCE_INVALID.problem(errors=reading.errors)
    digest = document_hash(document)
    known = ReferencePopulation.objects.select_for_update().filter(key=document["key"]).first()
    if known is not None and known.sha256 == digest:
        return known
    if known is not None and known.versions.exists():
        raise problems.REFERENCE_IN_USE.problem(detail=known.key)
    title = document["title"]
    reference = known or ReferencePopulation(key=document["key"])
    reference.title = {"ko": title, "en": title} if isinstance(title, str) else title
    reference.source = document["source"]
    reference.as_of = document["as_of"]
    reference.dimensions = reading.dimensions
    reference.cells = document.get("cells")
    reference.labels = document.get("labels", {})
    reference.sha256 = digest
    reference.registered_by = person
    reference.registered_at = now()
    reference.save()
    record(
        kind="reference.registered",
        acting=acting,
        subject=None,
        payload={"reference": reference.key, "document_sha256": digest},
    )
    return reference


def strata_known(document: Document) -> dict[str, dict[str, list[str]]]:
    """The strata of the registered references that a document names, as `faults` takes them."""
    return {
        reference.key: {name: list(part) for name, part in reference.dimensions.items()}
        for reference in named_references(document)
    }


def document_faults(document: Document) -> list[FieldError]:
    """Every fault of a document by its field; of a sound form, what the rooms above find in it."""
    errors = faults(document, strata=strata_known(document))
    if errors:
        return errors
    unknown = _recipient_faults(document)
    if unknown:
        return unknown
    filled = with_defaults(document)
    return [error for _name, examine in document_examiners.items() for error in examine(filled)]


def _recipient_faults(document: Document) -> list[FieldError]:
    """What a notice would be refused for, found while the call is still being written."""
    found = []
    for place, purpose in enumerate(document["purposes"]):
        try:
            checked_recipients(purpose.get("recipients", ()))
        except Problem as refusal:
            found += [
                FieldError(f"purposes[{place}].{error.field}", error.message, error.code)
                for error in refusal.errors
            ]
    return found


def examined(document: Document) -> list[ReferencePopulation]:
    """The references a sound document names; raises CALL_INVALID otherwise."""
    errors = document_faults(document)
    if errors:
        raise problems.CALL_INVALID.problem(errors=errors)
    return list(named_references(document))


def _new_version(
    *,
    call: Call,
    number: int,
    document: Document,
    author: Person,
    references: list[ReferencePopulation],
) -> CallVersion:
    version = CallVersion.objects.create(
        call=call,
        number=number,
        document=dict(document),
        sha256=document_hash(document),
        author=author,
        created_at=now(),
    )
    version.references.set(references)
    return version


def _payload(version: CallVersion) -> dict[str, Any]:  # Any: JSON for the log
    return {
        "call": version.call.slug,
        "version": version.number,
        "document_sha256": version.sha256,
    }


@transaction.atomic
def draft_call(*, acting: Actor, document: Document) -> Call:
    """A new call with its first version, not yet visible to anyone but operators.

    Raises CALL_INVALID with every faulty field, CALL_TAKEN when the slug exists.
    """
    author = _operator(acting)
    references = examined(document)
    filled = with_defaults(document)
    try:
        with transaction.atomic():
            call = Call.objects.create(slug=filled["slug"], created_at=now())
    except IntegrityError:
        raise problems.CALL_TAKEN.problem(detail=str(filled["slug"])) from None
    version = _new_version(
        call=call, number=1, document=filled, author=author, references=references
    )
    record(kind="call.drafted", acting=acting, subject=None, payload=_payload(version))
    return call


def _locked(slug: str) -> Call:
    call = Call.objects.select_for_update().filter(slug=slug).first()
    if call is None:
        raise problems.CALL_UNKNOWN.problem()
    return call


def revise_call(*, acting: Actor, slug: str, changes: Document) -> CallVersion:
    """A new version with some fields replaced; the published one stands until it is published.

    Raises CALL_UNKNOWN, CALL_INVALID; the slug of a call never changes.
    """
    return _revise(acting, slug, lambda latest: {**latest, **changes, "slug": slug})


def rewrite_call(*, acting: Actor, slug: str, document: Document, over: int) -> CallVersion:
    """A new version with this document in place of the whole of version number `over`.

    Raises as `revise_call`, and CALL_CHANGED where another version was saved since.
    """

    def whole(_latest: Document) -> Document:
        return {**with_defaults(document), "slug": slug}

    return _revise(acting, slug, whole, over=over)


@transaction.atomic
def _revise(
    acting: Actor, slug: str, write: Callable[[Document], Document], *, over: int | None = None
) -> CallVersion:
    author = _operator(acting)
    call = _locked(slug)
    latest = call.versions.order_by("-number")[0]
    if over is not None and latest.number != over:
        raise problems.CALL_CHANGED.problem()
    document = write(latest.document)
    references = examined(document)
    call.versions.filter(state__in=[CallVersion.State.DRAFT, CallVersion.State.PROPOSED]).update(
        state=CallVersion.State.SUPERSEDED
    )
    version = _new_version(
        call=call,
        number=latest.number + 1,
        document=document,
        author=author,
        references=references,
    )
    record(kind="call.revised", acting=acting, subject=None, payload=_payload(version))
    return version


@transaction.atomic
def publish_call(*, acting: Actor, slug: str, reason: str = "") -> CallVersion:
    """Propose the version in preparation, or, as a second person, approve and publish it.

    The first operator's request proposes; a request by somebody who neither wrote nor proposed
    it publishes: notices are published for each purpose and every publication gate has agreed,
    or nothing happened. ``reason`` says why the version is proposed, in at most 500 characters;
    everybody can read it, and it plays no role in approving. Raises NOTHING_TO_PUBLISH, FOUR_EYES,
    CALL_REASON, and what the gates raise.
    """
    if len(reason) > REASON_MOST or "\x00" in reason:
        raise problems.CALL_REASON.problem()
    if not acting.has(Role.APPROVER):
        acting.require(Role.OPERATOR)
    person = acting.person
    assert person is not None, "a role belongs to a person"
    call = _locked(slug)
    version = call.versions.filter(
        state__in=[CallVersion.State.DRAFT, CallVersion.State.PROPOSED]
    ).first()
    if version is None:
        raise problems.NOTHING_TO_PUBLISH.problem()
    if version.state == CallVersion.State.DRAFT:
        acting.require(Role.OPERATOR)
        version.reason = reason.strip()
        return _propose(acting=acting, person=person, version=version)
    if person.pk in (version.author_id, version.proposer_id):
        raise problems.FOUR_EYES.problem()
    return _publish(acting=acting, person=person, call=call, version=version)


def _propose(*, acting: Actor, person: Person, version: CallVersion) -> CallVersion:
    version.state = CallVersion.State.PROPOSED
    version.proposer = person
    version.proposed_at = now()
    version.save()
    record(
        kind="call.publication_proposed",
        acting=acting,
        subject=None,
        payload=_payload(version),
    )
    for _name, gate in proposal_gates.items():
        gate(version, acting)
    return version


def _publish(*, acting: Actor, person: Person, call: Call, version: CallVersion) -> CallVersion:
    # The references may have been replaced since drafting, while nothing relied on them yet.
    examined(version.document)
    for _name, gate in approval_gates.items():
        gate(version, acting)
    call.versions.filter(state=CallVersion.State.PUBLISHED).update(
        state=CallVersion.State.SUPERSEDED
    )
    version.state = CallVersion.State.PUBLISHED
    version.approver = person
    version.published_at = now()
    version.save()
    call.published = version
    call.opens_at = parse_time(version.document["opens_at"])
    call.closes_at = parse_time(version.document["closes_at"])
    call.save()
    for purpose in version.document["purposes"]:
        publish_notice(
            acting=acting,
            scope=call.slug,
            purpose=purpose["key"],
            required=purpose["required"],
            text=purpose["notice"],
            retention_days=version.document["retention_days"],
            recipients=purpose.get("recipients", ()),
            data=purpose.get("data", ()),
        )
    for _name, gate in publication_gates.items():
        gate(version, acting)
    record(kind="call.published", acting=acting, subject=None, payload=_payload(version))
    outbox.publish(
        kind="call.published",
        subject=call.slug,
        payload={"call": call.slug, "version": str(version.id)},
    )
    return version


@transaction.atomic
def close_call(*, acting: Actor, slug: str) -> Call:
    """End a published call now; what was contributed stays. Raises CALL_CLOSED otherwise."""
    _operator(acting)
    call = _locked(slug)
    version = call.published
    if version is None or version.state != CallVersion.State.PUBLISHED:
        raise problems.CALL_CLOSED.problem()
    version.state = CallVersion.State.CLOSED
    version.save()
    call.closes_at = now()
    call.save()
    record(
        kind="call.revised",
        acting=acting,
        subject=None,
        payload={**_payload(version), "state": version.state},
    )
    return call
