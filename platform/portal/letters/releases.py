"""What whoever holds a release is told by letter: that it was recalled, and what takes its place.

Both letters always come: rows have to be deleted by a day, and the next training of a model has to
be on what takes the place of a recalled release.
"""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from contributions.models import Download, Release, ReleaseState, TrainedModel
from contributions.releases.recalling import status
from contributions.releases.recipients import recalls_by_holder
from dure.accounts.models import Membership, Person
from portal.formatting import date_text, moment_of, number_text, share_text
from portal.letters.letter import Letter
from portal.letters.places import address_of, whole
from portal.models import WaitingLetter
from portal.public.data import release_name
from rewards.models import Licence


def release_letter(row: WaitingLetter) -> Letter | None:
    """The letter about a release; None for somebody who does not hold it any more."""
    found = Release.objects.select_related("call", "call_version", "patch_of")
    release = found.filter(id=row.about).first()
    if release is None:
        return None
    if row.event == "release.patched":
        return _patched(row.person, release)
    return _recalled(row.person, release)


def _recalled(person: Person, release: Release) -> Letter | None:
    """Which rows to delete, by when to say so, and what it means for models trained on it."""
    holding = _holding(person, release)
    told = [
        recall
        for recalls in recalls_by_holder(holding, [release.call_id]).values()
        for recall in recalls
        if recall["release"] == str(release.id)
    ]
    if not told:
        return None
    recall = told[0]
    name, rows = _name(release), number_text(recall["rows"])
    due = moment_of(recall["due_at"])
    paragraphs = [
        _("Somebody whose records are in it has withdrawn. Delete the rows on its list from every "
          "copy; the list names them by their row_id."),
    ]  # fmt: skip
    if due is not None:
        paragraphs.append(
            _("Say on the page of the licence that they are deleted. Who has not by %(day)s gets "
              "no file of this call until they have.") % {"day": date_text(due)}
        )  # fmt: skip
    models = sorted({model for each in told for model in each["models"]})
    share = share_text(recall["share"])
    if models:
        paragraphs.append(
            _("%(share)s of what you trained these models on is recalled: %(names)s. Their next "
              "training has to be on the release that takes its place.")
            % {"share": share, "names": ", ".join(models)}
        )  # fmt: skip
    else:
        paragraphs.append(
            _("If you trained models on it, their next training has to be on the release that "
              "takes its place.")
        )  # fmt: skip
    after = recall["successor"]
    paragraphs.append(
        _("Release %(label)s takes its place.") % {"label": after["label"]}
        if after
        else _("What is left of it is built anew by itself; a letter tells you when it is there.")
    )
    facts = [
        (_("Release"), name),
        (_("Rows to delete"), f"{rows} ({share})"),
        (_("List of the rows to delete"), whole(recall["recalls"])),
    ]
    if due is not None:
        facts.append((_("To be deleted by"), date_text(due)))
    return Letter(
        _("Recalled: %(name)s") % {"name": name},
        tuple(paragraphs),
        facts=tuple(facts),
        link=_page(release, holding),
    )


def _patched(person: Person, patch: Release) -> Letter | None:
    """What takes the place of what somebody holds; None once that was recalled as well."""
    if patch.patch_of is None or status(patch) != ReleaseState.PUBLISHED:
        return None
    before = Release.objects.filter(
        call=patch.call,
        purpose=patch.purpose,
        kind=patch.kind,
        recipient=patch.recipient,
        state=ReleaseState.SUPERSEDED,
    )
    holding = set(
        Download.objects.filter(
            file__release__in=before, party_id__in=_parties(person)
        ).values_list("party_id", flat=True)
    )
    if not holding:
        return None
    models = sorted(
        set(
            TrainedModel.objects.filter(
                release__in=before, party_id__in=holding, withdrawal=None
            ).values_list("name", flat=True)
        )
    )
    told = [
        _("It holds what was left of release %(before)s when somebody had withdrawn, and passed "
          "the same checks. Use it in place of what you hold.")
        % {"before": patch.patch_of.version},
    ]  # fmt: skip
    if models:
        told.append(
            _("The next training of these models has to be on it: %(names)s.")
            % {"names": ", ".join(models)}
        )
    name = _name(patch)
    return Letter(
        _("In place of a recalled release: %(name)s") % {"name": name},
        tuple(told),
        facts=((_("Release"), name), (_("Records"), number_text(patch.records))),
        link=_page(patch, holding),
    )


def _name(release: Release) -> str:
    title = release.call_version.document["title"]
    return release_name({"title": title, "label": release.version})


def _parties(person: Person) -> list[UUID]:
    """The person's own party and those of their organisations."""
    theirs = Membership.objects.filter(person=person)
    return [person.party_id, *theirs.values_list("organisation__party_id", flat=True)]


def _holding(person: Person, release: Release) -> set[UUID]:
    taken = Download.objects.filter(file__release=release, party_id__in=_parties(person))
    return set(taken.values_list("party_id", flat=True))


def _page(release: Release, holding: set[UUID]) -> str:
    """The page of the licence, where what is said about it is said; else that of the release."""
    paid = Licence.objects.filter(
        call_id=release.call_id, party_id__in=holding, paid_at__isnull=False
    )
    licence = paid.order_by("-paid_at").first()
    if licence is not None:
        return address_of("portal:licence", licence.id)
    return address_of("portal:data-release", release.id)
