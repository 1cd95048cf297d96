"""`rewrite_pages`: write tables anew in which a text of an erased person could linger."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from governance.erasure.pages import rewrite_pages


class Command(BaseCommand):
    help = "Writes tables anew after an erasure; for the owner of the tables, once a night."

    def handle(self, *args: object, **options: object) -> None:
        left = rewrite_pages()
        if left:
            raise CommandError(f"not rewritten: {', '.join(left)}")
