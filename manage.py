#!/usr/bin/env python
"""Dure's command line; starts the embedded services that a command needs."""

from __future__ import annotations

import os
import sys

#: Commands that neither read nor write the database.
WITHOUT_DATABASE = {
    "help",
    "collectstatic",
    "compile_catalogues",
    "makemessages",
    "spectacular",
    "--help",
    "--version",
    "version",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")
    from django.core.management import execute_from_command_line

    if len(sys.argv) > 1 and sys.argv[1] not in WITHOUT_DATABASE:
        from dure.embedded.postgres import ensure_running

        ensure_running()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
