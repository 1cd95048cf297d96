"""Ask every room whether what it keeps is whole."""

from __future__ import annotations

import json

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from governance.registries import integrity_checks


class Command(BaseCommand):
    help = "Run every registered integrity check and print a table; exit 1 if one fails."

    def handle(self, **options: object) -> None:
        table = Table("check", "result", "details")
        failed = []
        for name, check in integrity_checks.items():
            details = check()
            ok = bool(details.get("ok", True))
            if not ok:
                failed.append(name)
            shown = {key: value for key, value in details.items() if key != "ok"}
            table.add_row(name, "ok" if ok else "FAILED", json.dumps(shown, ensure_ascii=False))
        console = Console(width=120)
        with console.capture() as capture:
            console.print(table)
        self.stdout.write(capture.get())
        if failed:
            raise CommandError(f"failed: {', '.join(failed)}")
