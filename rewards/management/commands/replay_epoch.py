"""Recompute an epoch from its manifest and compare, byte for byte."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from dure.core.canonical import sha256_hex
from dure.core.problems import Problem
from rewards.algorithms import code_sha256
from rewards.epochs.replay import replay
from rewards.epochs.selectors import epoch_for, manifest_bytes


class Command(BaseCommand):
    help = "Replay an epoch by id or from a manifest file; exit 1 when the bytes differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("epoch", help="id of an epoch, or a file with a manifest")

    def handle(self, *, epoch: str, **options: object) -> None:
        manifest = _manifest(epoch)
        try:
            recomputed = replay(manifest)
        except ValueError as error:
            raise CommandError(f"cannot be replayed: {error}") from error
        if recomputed != manifest:
            raise CommandError(
                f"differs: stated {sha256_hex(manifest)}, recomputed {sha256_hex(recomputed)}"
            )
        self.stdout.write(f"ok {sha256_hex(manifest)}")
        document = json.loads(manifest)
        if "training" in document.get("parameters", {}):
            self.stdout.write(
                "note: what the records are worth to the model is taken as stated; it was measured "
                f"on sealed questions {document['parameters']['training']['questions_sha256']}"
            )
        stated = document["algorithm"]
        if stated["code_sha256"] != code_sha256(stated["id"]):
            self.stdout.write(
                f"note: settled by code {stated['code_sha256']}, "
                f"replayed by {code_sha256(stated['id'])}"
            )


def _manifest(epoch: str) -> bytes:
    path = Path(epoch)
    if path.is_file():
        return path.read_bytes()
    try:
        return manifest_bytes(epoch_for(UUID(epoch)))
    except ValueError as error:
        raise CommandError("neither a file nor the id of an epoch") from error
    except Problem as problem:
        raise CommandError(f"{problem.kind.title}: {problem.detail}") from problem
