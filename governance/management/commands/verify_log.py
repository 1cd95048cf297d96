"""Verifies the whole log; exits with 0 (ok), 1 (tampered) or 2 (unverifiable)."""

from __future__ import annotations

import sys

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from governance.log.verify import Outcome, verify_log

EXIT_CODES = {Outcome.OK: 0, Outcome.TAMPERED: 1, Outcome.UNVERIFIABLE: 2}


class Command(BaseCommand):
    help = "Re-hash every entry of the log and compare tiles and checkpoints."

    def handle(self, *args: object, **options: object) -> None:
        verdict = verify_log()
        if verdict.outcome is Outcome.OK:
            self.stdout.write(_("ok: %(size)s entries verified") % {"size": verdict.size})
            self.stdout.write(_("root: %(root)s") % {"root": verdict.root})
            return
        if verdict.outcome is Outcome.TAMPERED:
            self.stdout.write(_("TAMPERED: %(reason)s") % {"reason": verdict.reason})
            self.stdout.write(_("first bad index: %(index)s") % {"index": verdict.first_bad_index})
        else:
            self.stdout.write(_("unverifiable: %(reason)s") % {"reason": verdict.reason})
        sys.exit(EXIT_CODES[verdict.outcome])
