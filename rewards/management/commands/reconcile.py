"""Compare the ledger, the batches and what the rails say."""

from __future__ import annotations

import json

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from rewards.rails.reconciliation import book_documents, difference_documents


class Command(BaseCommand):
    help = "Print the three books and every difference by name; exit 1 if one needs somebody."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document instead")

    def handle(self, **options: object) -> None:
        books, found = book_documents(), difference_documents()
        waiting = [each for each in found if not each["closed"]]
        if options["json"]:
            text = json.dumps({"books": books, "differences": found}, ensure_ascii=False)
            self.stdout.write(text)
        else:
            console = Console(width=140)
            with console.capture() as capture:
                table = Table("rail", "asset", "ledger", "batches", "outside", "open", "rail says")
                for book in books:
                    table.add_row(*map(str, book.values()))
                console.print(table)
                table = Table("difference", "rail", "since", "ours", "theirs", "state")
                for each in found:
                    table.add_row(
                        each["name"],
                        each["rail"],
                        each["since"],
                        each["ours"] or "",
                        each["theirs"] or "",
                        "explained" if each["closed"] else "open",
                    )
                console.print(table)
            self.stdout.write(capture.get())
        if waiting:
            raise CommandError(f"{len(waiting)} differences need somebody")
