"""``python -m dure.embedded start | stop | status | forget``: the services of one laptop."""

from __future__ import annotations

import os
import sys

import django


def main(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")
    verb = arguments[0] if len(arguments) == 1 else ""
    from django.conf import settings

    from dure.embedded import stack

    if verb == "start":
        django.setup()
        stack.start(settings.PLACES)
        return 0
    if verb == "stop":
        stack.stop(settings.PLACES)
        return 0
    if verb == "forget":
        stack.forget(settings.PLACES)
        return 0
    if verb == "status":
        for name, alive in stack.status(settings.PLACES).items():
            sys.stdout.write(f"{name:10} {'running' if alive else 'stopped'}\n")
        return 0
    sys.stderr.write("usage: python -m dure.embedded start | stop | status | forget\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
