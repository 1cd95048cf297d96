"""The way from a call to a receipt: where, file, check, consent, done. One thing per page.

What a person prepares is a draft of the contributions room; the session only remembers which
one, so that an error, a reload, a pause or a session that ended loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from contributions import problems as refusals
from contributions.intake import drafts
from contributions.intake.look import Look
from contributions.models import Draft
from contributions.selectors.calls import call_document, open_version
from contributions.strata_labels import dimension_label, label
from contributions.uploads.services import attach_upload
from dure.accounts.acting import Actor
from dure.accounts.selectors import contributor_attributes, organisations_of
from dure.core.language import current, localized
from dure.core.problems import Problem
from governance.consent.purpose_words import purpose_label
from governance.consent.selectors import in_force, notices_for
from portal.doors import signed_in
from portal.error_summary import ErrorSummary, Item, summary_of_problem
from portal.formatting import number_text
from portal.public.schema_words import SAMPLE_BYTES_MAX, is_sample

STEPS = ("where", "file", "check", "consent", "done")
_SESSION_KEY = "drafts"


@dataclass(frozen=True)
class TrailStep:
    label: str
    here: bool
    done: bool


@dataclass(frozen=True)
class Visit:
    """One request on the way: who, which call, which page."""

    request: HttpRequest
    actor: Actor
    document: dict[str, Any]  # Any: the call document is JSON
    step: str

    @property
    def slug(self) -> str:
        return str(self.document["slug"])

    def go(self, step: str) -> HttpResponse:
        return redirect("portal:contribute-step", self.slug, step)

    def draft(self) -> Draft | None:
        """The draft this session is working on; in a new session the one that was left open.

        None where there is none (any more).
        """
        kept = self.request.session.get(_SESSION_KEY, {}).get(self.slug)
        if kept is None:
            return drafts.newest_draft(acting=self.actor, call_slug=self.slug)
        try:
            return drafts.draft_for(acting=self.actor, draft_id=UUID(kept))
        except Problem:
            return None

    def keep(self, draft: Draft) -> None:
        kept = self.request.session.get(_SESSION_KEY, {})
        self.request.session[_SESSION_KEY] = {**kept, self.slug: str(draft.id)}

    def page(
        self,
        template: str,
        heading: str,
        context: dict[str, Any],
        problems: ErrorSummary | None = None,
    ) -> HttpResponse:
        """The page of a step; with problems it answers 422 and says so in its title."""
        here = STEPS.index(self.step)
        labels = (_("In whose name"), _("File"), _("Check"), _("Consent"), _("Receipt"))
        shown = {
            "call": {"slug": self.slug, "title": localized(self.document["title"])},
            "trail": [TrailStep(name, at == here, at < here) for at, name in enumerate(labels)],
            "heading": heading,
            "problems": problems,
            **context,
        }
        return render(self.request, template, shown, status=422 if problems else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def contribute(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Start, or go on where this session stopped."""
    open_version(slug)
    return redirect("portal:contribute-step", slug, "where")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def contribute_step(request: HttpRequest, slug: str, step: str) -> HttpResponseBase:
    """One page of the way."""
    if step not in _PAGES:
        raise Http404
    document = call_document(open_version(slug), live=False)
    return _PAGES[step](Visit(request, Actor.of(request), document, step))


def _where(visit: Visit) -> HttpResponse:
    person = visit.actor.require_person()
    own = _("As yourself; the reward goes to your wallet.")
    parties = {str(person.party_id): (person.name, own)}
    for organisation in organisations_of(person):
        parties[str(organisation.party_id)] = (
            localized(organisation.name),
            _("As a member; the reward goes to the organisation."),
        )
    draft = visit.draft()
    open_draft = draft if draft is not None and draft.contribution_id is None else None
    chosen = str(open_draft.party_id) if open_draft else str(person.party_id)
    problems = None
    if visit.request.method == "POST":
        chosen = visit.request.POST.get("party", "")
        if chosen in parties:
            started = drafts.start_draft(
                acting=visit.actor, party_id=UUID(chosen), call_slug=visit.slug
            )
            visit.keep(started)
            return visit.go("file")
        problems = ErrorSummary(items=(Item(_("Choose in whose name you contribute."), "party-1"),))
    context = {
        "choices": [
            {"party_id": key, "name": name, "hint": hint, "chosen": key == chosen}
            for key, (name, hint) in parties.items()
        ],
        "attributes": _attributes(visit, person.party_id),
    }
    heading = _("In whose name do you contribute?")
    return visit.page("portal/resident/where.html", heading, context, problems)


def _attributes(visit: Visit, party_id: UUID) -> list[dict[str, str]]:
    """The verified attributes that this call reads, with the person's own values."""
    known = contributor_attributes(party_id)
    found = []
    for rule in visit.document["strata"]:
        source, _dot, attribute = str(rule["column"]).partition(".")
        if source == "contributor":
            value = known.get(attribute)
            found.append(
                {
                    "label": localized(dimension_label(attribute)),
                    "value": localized(label(attribute, value)) if value else _("not verified"),
                }
            )
    return found


def _open_draft(visit: Visit) -> Draft | None:
    draft = visit.draft()
    return draft if draft is not None and draft.contribution_id is None else None


def _file(visit: Visit) -> HttpResponse:
    draft = _open_draft(visit)
    if draft is None:
        return visit.go("where")
    problems: ErrorSummary | None = None
    if visit.request.method == "POST":
        upload, pieces = visit.request.FILES.get("file"), visit.request.POST.get("upload", "")
        if upload is None and not pieces and draft.blob_id is not None:
            return visit.go("check")
        try:
            if pieces:
                attach_upload(acting=visit.actor, draft_id=draft.id, upload_id=_id(pieces))
                return visit.go("check")
            if upload is None:
                raise refusals.FILE_MISSING.problem()
            if is_sample(visit.document, upload.read(SAMPLE_BYTES_MAX + 1)):
                return _file_page(visit, draft, _only_the_example())
            upload.seek(0)
            drafts.attach_file(
                acting=visit.actor,
                draft_id=draft.id,
                stream=upload,  # type: ignore[arg-type]  # Django's File reads like a BinaryIO
                filename=upload.name or "",
                content_type=upload.content_type or "",
            )
            return visit.go("check")
        except Problem as problem:
            problems = _with_anchor(problem, "file")
    return _file_page(visit, draft, problems)


def _file_page(visit: Visit, draft: Draft, problems: ErrorSummary | None) -> HttpResponse:
    context = {"draft": draft, "limit_mb": settings.UPLOAD_SIZE_MAX // 1024 // 1024}
    return visit.page("portal/resident/file.html", _("Choose your file"), context, problems)


def _only_the_example() -> ErrorSummary:
    text = _("This is our example. Replace its row with your own records and choose it again.")
    return ErrorSummary(items=(Item(text, "file"),))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise refusals.UPLOAD_UNKNOWN.problem() from None


def _with_anchor(problem: Problem, anchor: str) -> ErrorSummary:
    """A refusal whose every line leads to the one field of the page."""
    found = summary_of_problem(problem)
    items = tuple(Item(item.message, anchor) for item in found.items)
    return ErrorSummary(
        advice=found.advice, items=items or (Item(found.detail or str(problem.kind.title), anchor),)
    )


def _would_return(look: Look, document: dict[str, Any]) -> dict[str, str] | None:  # Any: JSON
    """What to say of a file of which more rows will be set aside than the call bears; else None."""
    tolerance = Decimal(document["tolerance"])
    if look.rows_aside <= tolerance * look.rows_seen:
        return None
    return {
        "aside": number_text(look.rows_aside),
        "seen": number_text(look.rows_seen),
        "tolerance": number_text((tolerance * 100).normalize()),
    }


def _check(visit: Visit) -> HttpResponse:
    draft = _open_draft(visit)
    if draft is None:
        return visit.go("where")
    if draft.blob_id is None:
        return visit.go("file")
    look = drafts.look_at_draft(acting=visit.actor, draft_id=draft.id)
    context = {
        "draft": draft,
        "look": look.document(),
        "can_continue": look.fits or not look.readable,
        "would_return": _would_return(look, visit.document),
    }
    return visit.page("portal/resident/check.html", _("What we found in your file"), context)


def _consent(visit: Visit) -> HttpResponse:
    draft = _open_draft(visit)
    if draft is None:
        return visit.go("done" if visit.draft() else "where")
    if draft.blob_id is None:
        return visit.go("file")
    problems: ErrorSummary | None = None
    ticked = set(visit.request.POST.getlist("purpose"))
    purposes = _purposes(visit, draft.party_id, ticked)
    if visit.request.method == "POST":
        problems = _not_ticked(purposes)
        try:
            if problems is None:
                drafts.submit_draft(
                    acting=visit.actor,
                    draft_id=draft.id,
                    purposes=sorted(ticked),
                    language=current(),
                )
                # A session that began after the draft did knows it from here on.
                visit.keep(draft)
                return visit.go("done")
        except Problem as problem:
            problems = summary_of_problem(problem)
    context = {"purposes": purposes, "sent": problems is not None}
    heading = _("What may your data be used for?")
    return visit.page("portal/resident/consent.html", heading, context, problems)


def _not_ticked(purposes: list[dict[str, Any]]) -> ErrorSummary | None:
    """What is missing when a required purpose was left open: consent is given, never assumed."""
    items = tuple(
        Item(
            _("Consent is needed for: %(purpose)s") % {"purpose": one["label"]},
            f"purpose-{one['key']}",
        )
        for one in purposes
        if one["required"] and not one["ticked"]
    )
    return ErrorSummary(items=items) if items else None


def _purposes(
    visit: Visit, party_id: UUID, ticked: set[str]
) -> list[dict[str, Any]]:  # Any: a template's context
    """The call's purposes with the notice in force; ticked only by what was just sent."""
    notices = {notice.purpose: notice for notice in notices_for(visit.slug)}
    return [
        {
            "key": purpose["key"],
            "required": purpose["required"],
            "label": purpose_label(purpose["key"], notices[purpose["key"]].text),
            "text": localized(notices[purpose["key"]].text),
            "version": notices[purpose["key"]].version,
            "retention_days": notices[purpose["key"]].retention_days,
            "ticked": purpose["key"] in ticked,
            "in_force": in_force(party_id=party_id, scope=visit.slug, purpose=purpose["key"])
            is not None,
        }
        for purpose in visit.document["purposes"]
        if purpose["key"] in notices
    ]


def _done(visit: Visit) -> HttpResponse:
    draft = visit.draft()
    if draft is None or draft.contribution is None:
        return visit.go("where")
    context = {"receipt": draft.contribution.receipt}
    return visit.page("portal/resident/done.html", pgettext("page", "Received"), context)


_PAGES: dict[str, Callable[[Visit], HttpResponse]] = {
    "where": _where,
    "file": _file,
    "check": _check,
    "consent": _consent,
    "done": _done,
}
