"""Audits every algorithm that has data to be audited with."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from dure.accounts.acting import Actor
from dure.core.problems import Problem
from governance.audits.services import audit_algorithm, audit_algorithms
from governance.management.acting import acting_as


class Command(BaseCommand):
    help = "Compare how algorithms treat groups of people, and log the findings."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="email", help="who audits")
        parser.add_argument("--algorithm", help="only this one of the register")

    def handle(self, *args: object, **options: str | None) -> None:
        email = options["email"]
        acting = acting_as(email) if email else Actor.system("audit")
        try:
            audits = (
                [audit_algorithm(acting=acting, algorithm=options["algorithm"])]
                if options["algorithm"]
                else audit_algorithms(acting=acting)
            )
        except Problem as problem:
            raise CommandError(f"{problem.kind.title}: {problem.detail}") from problem
        for audit in audits:
            self.stdout.write(f"{audit.algorithm}: {audit.outcome}, SHA-256 {audit.sha256}")
