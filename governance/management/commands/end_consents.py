"""Ends consents for the city: one at once, those of a notice when a second person approves."""

from __future__ import annotations

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from dure.accounts.acting import Actor
from governance.consent.endings import GROUNDS, approve_ending, end_consent, propose_ending
from governance.management.acting import acting_as, problems_as_errors
from governance.models import Consent, ConsentMeasure, Notice


class Command(BaseCommand):
    help = (
        "End one consent, propose to end those of a notice, or approve that as a second person: "
        "because the notice was wrong, or on a legal ground."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--consent", type=UUID, help="identifier of one consent")
        what.add_argument("--notice", help="SCOPE/PURPOSE/VERSION, as in air-daily/city-ai/1")
        what.add_argument("--approve", type=UUID, help="identifier of a proposed measure")
        parser.add_argument("--ground", choices=sorted(GROUNDS))
        parser.add_argument("--reason", default="", help="kept with the measure")
        parser.add_argument("--as", dest="email", required=True, help="who proposes or approves")

    def handle(
        self,
        *,
        consent: UUID | None,
        notice: str | None,
        approve: UUID | None,
        ground: str | None,
        reason: str,
        email: str,
        **_options: object,
    ) -> None:
        acting = acting_as(email)
        with problems_as_errors():
            if approve is not None:
                self._say(approve_ending(acting=acting, measure_id=approve))
            elif ground is None:
                raise CommandError(_("Say on which --ground."))
            elif consent is not None:
                found = self._consent(consent)
                self._say(end_consent(acting=acting, consent=found, ground=ground, reason=reason))
            else:
                self._propose(acting, self._notice(notice or ""), ground, reason)

    def _propose(self, acting: Actor, notice: Notice, ground: str, reason: str) -> None:
        made = propose_ending(acting=acting, notice=notice, ground=ground, reason=reason)
        self.stdout.write(
            _("Proposed as %(measure)s. Another person approves it with --approve.")
            % {"measure": made.id}
        )

    def _say(self, measure: ConsentMeasure) -> None:
        self.stdout.write(
            _("Consents ended: %(count)s (%(outcome)s)")
            % {"count": measure.touched, "outcome": measure.get_outcome_display()}
        )

    def _consent(self, consent_id: UUID) -> Consent:
        found = Consent.objects.select_related("notice").filter(id=consent_id).first()
        if found is None:
            raise CommandError(_("There is no such consent."))
        return found

    def _notice(self, named: str) -> Notice:
        scope, _slash, rest = named.partition("/")
        purpose, _slash, version = rest.partition("/")
        found = Notice.objects.filter(scope=scope, purpose=purpose)
        wanted = found.filter(version=int(version)) if version.isdecimal() else found.none()
        notice = wanted.first()
        if notice is None:
            raise CommandError(_("There is no such notice: name it as SCOPE/PURPOSE/VERSION."))
        return notice
