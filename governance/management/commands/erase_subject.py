"""Erases a person: restriction, log entry, tombstone, every room, keys."""

from __future__ import annotations

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from dure.accounts.models import Person
from dure.core.clock import rfc3339
from dure.core.problems import Problem
from governance.erasure.services import erase
from governance.management.acting import acting_as


class Command(BaseCommand):
    help = "Erase a person for good; run again, it finishes what was interrupted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("subject", help="party id or e-mail address")
        parser.add_argument("--as", dest="email", required=True, help="the operator who erases")

    def handle(self, *args: object, **options: str) -> None:
        operator = acting_as(options["email"])
        try:
            erasure = erase(acting=operator, party_id=self._party(options["subject"]))
        except Problem as problem:
            raise CommandError(f"{problem.kind.title}: {problem.detail}") from problem
        if erasure.erased_at is not None:
            self.stdout.write(
                _("Erased %(party)s at %(at)s")
                % {"party": erasure.party_id, "at": rfc3339(erasure.erased_at)}
            )

    def _party(self, subject: str) -> UUID:
        try:
            return UUID(subject)
        except ValueError:
            person = Person.objects.filter(email=subject.lower()).first()
        if person is None:
            raise CommandError(_("Nobody has this e-mail address."))
        return person.party_id
