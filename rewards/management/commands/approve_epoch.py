"""Approve a closed epoch, which pays it."""

from __future__ import annotations

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from dure.core.money import format_amount
from dure.core.problems import Problem
from rewards.epochs.selectors import epoch_for
from rewards.epochs.services import approve_epoch
from rewards.management.persons import acting_as


class Command(BaseCommand):
    help = "Approve a closed epoch as a second person and post its rewards to the ledger."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("epoch", type=UUID, help="id of the epoch")
        parser.add_argument("--as", dest="email", required=True, help="e-mail of the approver")

    def handle(self, *, epoch: UUID, email: str, **options: object) -> None:
        try:
            paid = approve_epoch(acting=acting_as(email), epoch=epoch_for(epoch))
        except Problem as problem:
            raise CommandError(f"{problem.kind.title}: {problem.detail}") from problem
        self.stdout.write(
            f"{paid.id} epoch {paid.number} of {paid.call.slug}: "
            f"{format_amount(paid.total)} {paid.asset} posted"
        )
