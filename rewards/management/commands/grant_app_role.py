"""Set up the database role of the processes."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError

from rewards.ledger.roles import ROLE, grant


class Command(BaseCommand):
    help = (
        "Give the role of the web and worker processes its rights: to read and add, never to "
        "rewrite the books or the log. Run as the owner of the tables, after every migration."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--login", action="store_true", help="let processes connect as it")

    def handle(self, *, login: bool, **options: object) -> None:
        try:
            given = grant(login=login)
        except ProgrammingError as error:
            raise CommandError(f"The database refuses: {error}") from error
        guarded = sum(1 for rights in given.values() if "DELETE" not in rights)
        self.stdout.write(f"{ROLE}: {len(given)} tables, {guarded} of them never deleted from")
