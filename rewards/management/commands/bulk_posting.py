"""Carry bulk postings on from a terminal, or say how far they are."""

from __future__ import annotations

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from dure.accounts.acting import Actor
from rewards.ledger.bulk import job, tree
from rewards.ledger.bulk.selectors import progress
from rewards.models import BulkBatch, BulkState


class Command(BaseCommand):
    help = (
        "Carry a bulk posting on to its end and print how far it came. Safe to repeat, to kill "
        "and to run beside a worker. Without a batch: every one that waits."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("batch", nargs="?", type=UUID, help="id of the bulk posting")
        parser.add_argument("--show", action="store_true", help="only say how far it is")
        parser.add_argument(
            "--verify", action="store_true", help="recompute the root of a posted one from its rows"
        )

    def handle(self, *, batch: UUID | None, show: bool, verify: bool, **options: object) -> None:
        chosen = [batch] if batch else job.waiting()
        for batch_id in chosen:
            if not show and not verify:
                job.run(acting=Actor.system("command"), batch_id=batch_id)
            found = BulkBatch.objects.filter(id=batch_id).first()
            if found is None:
                raise CommandError("There is no such bulk posting.")
            told = progress(found)
            self.stdout.write(
                f"{told['batch']} {told['state']} {told['reason'] or '-'} "
                f"loaded {told['done']}/{told['total']} folded {told['folded']}"
            )
            if verify:
                self._verify(found)

    def _verify(self, batch: BulkBatch) -> None:
        if batch.state != BulkState.POSTED:
            raise CommandError("Only what is posted has a root to verify.")
        if tree.recomputed_root(batch).hex() != batch.root:
            raise CommandError("The rows do not lead to the root that was published.")
        self.stdout.write(f"root {batch.root} recomputed from {batch.people} rows")
