"""Audits every algorithm that has data to be audited with."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from dure.accounts.acting import Actor
from dure.accounts.models import Person
from governance.audits.services import audit_algorithms


class Command(BaseCommand):
    help = "Compare how algorithms treat groups of people, and log the findings."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="email", help="who audits")

    def handle(self, *args: object, **options: str | None) -> None:
        acting = Actor.system("audit")
        if options["email"]:
            person = Person.objects.filter(email=options["email"].lower()).first()
            if person is None:
                raise CommandError(_("Nobody has this e-mail address."))
            acting = Actor.for_person(person)
        for audit in audit_algorithms(acting=acting):
            self.stdout.write(f"{audit.algorithm}: {audit.outcome}, SHA-256 {audit.sha256}")
