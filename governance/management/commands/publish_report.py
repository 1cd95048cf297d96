"""Computes and publishes the transparency report of a quarter."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from dure.accounts.acting import Actor
from dure.core import clock
from dure.core.problems import Problem
from governance.management.acting import acting_as
from governance.reports.services import publish_report


class Command(BaseCommand):
    help = "Compute the transparency report of a quarter from the records and publish it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--period", help="such as 2026-q4; default: the running quarter")
        parser.add_argument("--as", dest="email", help="the operator who publishes")

    def handle(self, *args: object, **options: str | None) -> None:
        period = options["period"] or clock.quarter(clock.now())
        try:
            report = publish_report(acting=self._actor(options["email"]), period=period)
        except Problem as problem:
            raise CommandError(f"{problem.kind.title}: {problem.detail}") from problem
        self.stdout.write(
            _("Report %(period)s, edition %(edition)s, SHA-256 %(sha256)s")
            % {"period": report.period, "edition": report.edition, "sha256": report.sha256}
        )

    def _actor(self, email: str | None) -> Actor:
        return Actor.system("operator") if email is None else acting_as(email)
