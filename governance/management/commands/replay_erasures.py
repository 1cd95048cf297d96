"""After a restore: erases again everybody whom the list of tombstones names."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from governance.erasure.services import readiness, replay


class Command(BaseCommand):
    help = "Replay erasures that a restored backup has undone; the platform serves nobody before."

    def handle(self, *args: object, **options: object) -> None:
        count = replay()
        if reason := readiness():
            raise CommandError(reason)
        self.stdout.write(_("Erasures replayed: %(count)s") % {"count": count})
