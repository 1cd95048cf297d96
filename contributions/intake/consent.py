"""What a contributor agrees to when handing in: one decision per purpose, none of them implied."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.utils.translation import gettext as _

from contributions import problems
from contributions.models import CallVersion, Contribution
from dure.accounts.acting import Actor
from dure.core.problems import FieldError
from governance.consent.problems import CONSENT_MISSING
from governance.consent.selectors import in_force, notices_for, purposes_in_force
from governance.consent.services import decide, honour_signal

_answers: ContextVar[dict[tuple[UUID, UUID], list[str]] | None] = ContextVar(
    "consents_asked", default=None
)


def required_purposes(version: CallVersion) -> list[str]:
    """Keys of the purposes without which a call cannot take data."""
    return [p["key"] for p in version.document["purposes"] if p["required"]]


@contextmanager
def each_party_asked_once() -> Iterator[None]:
    """Within the block the consents of a party are looked up once: for many of its pushes."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def missing_consents(*, party_id: UUID, version: CallVersion) -> list[str]:
    """Required purposes for which no consent of the party is in force."""
    known = _answers.get()
    if known is None:
        return _missing(party_id, version)
    if (party_id, version.id) not in known:
        known[party_id, version.id] = _missing(party_id, version)
    return known[party_id, version.id]


def missing_for(contribution: Contribution) -> list[str]:
    """Required purposes that keep a contribution from being used; a test is used for none."""
    if contribution.test:
        return []
    return missing_consents(party_id=contribution.party_id, version=contribution.call_version)


def _missing(party_id: UUID, version: CallVersion) -> list[str]:
    required = required_purposes(version)
    if not required:
        return []
    given = purposes_in_force(party_id=party_id, scope=version.call.slug, purposes=required)
    return [purpose for purpose in required if purpose not in given]


def record_decisions(
    *, acting: Actor, party_id: UUID, version: CallVersion, purposes: Sequence[str], language: str
) -> None:
    """Record the purposes somebody named as given, each against its latest notice.

    Purposes that are not named stay as they were. What a test key names is looked at and not
    recorded: nobody consents by trying a program out. Raises PURPOSE_UNKNOWN for others than the
    call's, CONSENT_MISSING when a required one is then still not consented to.
    """
    asked = {purpose["key"] for purpose in version.document["purposes"]}
    unknown = [
        FieldError(field="purpose", message=_("The call has no such purpose."), code="unknown")
        for purpose in purposes
        if purpose not in asked
    ]
    if unknown:
        raise problems.PURPOSE_UNKNOWN.problem(errors=unknown)
    if acting.tests:
        _refuse_missing(set(required_purposes(version)) - set(purposes))
        return
    scope = version.call.slug
    notices = {notice.purpose: notice for notice in notices_for(scope)} if purposes else {}
    for purpose in dict.fromkeys(purposes):
        notice = notices[purpose]
        consent = in_force(party_id=party_id, scope=scope, purpose=purpose)
        if consent is None or consent.notice_id != notice.id:
            decide(acting=acting, party_id=party_id, notice=notice, granted=True, language=language)
    honour_signal(acting=acting, party_id=party_id, scope=scope, language=language)
    _refuse_missing(missing_consents(party_id=party_id, version=version))


def _refuse_missing(missing: Collection[str]) -> None:
    if missing:
        raise CONSENT_MISSING.problem(
            errors=[
                FieldError(
                    field="purpose",
                    message=_("The call needs your consent to this purpose: %(purpose)s.")
                    % {"purpose": purpose},
                    code=purpose,
                )
                for purpose in sorted(missing)
            ]
        )
