"""What stands in a case, a sample or a finding, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dure.core.clock import CITY_ZONE
from dure.core.language import localized
from governance.cases.selectors import FindingDocument
from governance.log.kind_words import kind_text as log_kind_text
from governance.registries import audit_subjects

Context = dict[str, Any]  # a template's context

OUTCOME_TONES = {"ok": "good", "tampered": "bad", "unverifiable": "heed"}
SEVERITY_TONES = {"critical": "bad", "high": "bad", "medium": "heed", "low": "", "note": "info"}


def scope_kind_text(kind: str) -> str:
    """What a case can be about."""
    return {
        "algorithm": _("Algorithm"),
        "call": _("Call"),
        "epoch": _("Settlement"),
    }.get(kind, kind)


def subject_text(kind: str, about_id: str) -> str:
    """The name of what is examined; its identifier where it has none any more."""
    find = audit_subjects.get(kind)
    subject = find(about_id) if find is not None else None
    return localized(subject.title) if subject is not None else about_id


def subject_url(kind: str, about_id: str) -> str:
    """Where everybody reads about it."""
    if kind == "algorithm":
        return reverse("portal:algorithm", args=[about_id])
    if kind == "call":
        return reverse("portal:call", args=[about_id])
    return reverse("portal:epoch", args=[about_id])


def outcome_text(outcome: str) -> str:
    """How computing again ended."""
    return {
        "ok": _("Everything agrees (exit 0)"),
        "tampered": _("Something was changed (exit 1)"),
        "unverifiable": _("Could not be verified (exit 2)"),
    }.get(outcome, outcome)


def finding_kind_text(kind: str) -> str:
    """What a finding is about."""
    return {
        "bias": _("Unequal treatment"),
        "amount": _("Wrong amount"),
        "rule": _("Broken rule"),
        "record": _("Missing or changed record"),
        "privacy": _("Protection of personal data"),
        "process": _("Way of working"),
        "sound": _("Found in order"),
    }.get(kind, kind)


def severity_text(severity: str) -> str:
    """How much a finding weighs."""
    return {
        "note": _("Note, needs no answer"),
        "low": _("Low"),
        "medium": _("Medium"),
        "high": _("High"),
        "critical": _("Critical"),
    }.get(severity, severity)


def answer_text(outcome: str) -> str:
    """What the city says to a finding."""
    return {
        "accepted": _("The city accepts it"),
        "contested": _("The city contests it"),
        "mending": _("The city mends it"),
    }.get(outcome, outcome)


def population_text(kind: str, population_id: str) -> str:
    """What a sample is drawn from."""
    if kind == "entries":
        entry_kind, _colon, size = population_id.partition(":")
        return _("Log entries “%(kind)s” among the first %(size)s") % {
            "kind": log_kind_text(entry_kind),
            "size": size,
        }
    return _("Contributions of %(settlement)s") % {"settlement": subject_text(kind, population_id)}


def looked_at_text(what: str) -> str:
    """What staff looked at, in words about anybody."""
    return {
        "rights request": _("Request under data protection law"),
        "objection": _("Objection"),
        "consent": _("Consent"),
        "contribution": _("Contribution"),
        "redemption": _("Pay-out"),
        "disclosure": _("Decisions of many people"),
        "payout-file": _("Pay-out file"),
        "photo": _("Photo"),
        "photos": _("List of photos"),
        "download": _("Who downloaded data"),
        "model": _("Who trained models on data"),
        "account": _("Account"),
        "membership": _("Membership"),
        "licence": pgettext("looked at", "Licence"),
    }.get(what, what)


def look_reason_text(why: str) -> str:
    """Why staff looked, in words about anybody."""
    return {
        "answering": _("to answer"),
        "administration": _("administration"),
        "support": _("to help"),
        "audit": _("examination"),
        "disclosure": _("a disclosure that two persons approved"),
        "payment": _("to pay out"),
        "invoicing": _("to receive a payment"),
        "review": _("to check it"),
        "recall": _("to recall data"),
        "roles": _("to decide about a role"),
    }.get(why, why)


def staff_role_text(role: str) -> str:
    """In which role somebody looked."""
    return {
        "admin": _("Administrator"),
        "operator": _("Operator"),
        "approver": _("Approver"),
        "auditor": _("Auditor"),
    }.get(role, _("City staff"))


def _morning(day: str | None) -> datetime | None:
    """The beginning of a day in the city, to be shown as a date."""
    return datetime.fromisoformat(day).replace(tzinfo=CITY_ZONE) if day else None


def finding_views(documents: Iterable[FindingDocument]) -> list[Context]:
    """Findings for a list; what they are about is looked up once for each subject."""
    names: dict[tuple[str, str], str] = {}
    views = []
    for document in documents:
        about = (document["about"]["kind"], document["about"]["id"])
        if about not in names:
            names[about] = subject_text(*about)
        views.append(finding_view(document, names[about]))
    return views


def finding_view(document: FindingDocument, name: str = "") -> Context:
    """A finding for a page of anybody's; ``name`` is its subject's, where it is known."""
    answers: list[Mapping[str, Any]] = [
        {
            **answer,
            "label": answer_text(answer["outcome"]),
            "mend_by": _morning(answer["mend_by"]),
        }
        for answer in document["answers"]
    ]
    about = document["about"]
    return {
        **document,
        "kind_label": finding_kind_text(document["kind"]),
        "severity_label": severity_text(document["severity"]),
        "tone": "good" if document["kind"] == "sound" else SEVERITY_TONES[document["severity"]],
        "about_label": name or subject_text(about["kind"], about["id"]),
        "about_url": subject_url(about["kind"], about["id"]),
        "answers": answers,
        "waits": document["due_at"] is not None
        and not answers
        and document["superseded_by"] is None,
    }
