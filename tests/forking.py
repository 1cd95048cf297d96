"""What a child that a test forks must forget."""

from __future__ import annotations

from django.db import connections

#: Kept alive: collecting one would end the parent's session over the line that both hold.
_OF_THE_PARENT: list[object] = []


def forget_the_parents_connections() -> None:
    """First thing in a forked child: connections of the parent are neither used nor closed.

    Which connection a thread sees depends on whether an event loop runs in it, as Playwright's
    does, and a child has no loop; so a connection that the parent has closed may be another one.
    """
    for alias in connections:
        _OF_THE_PARENT.append(connections[alias].connection)
        connections[alias].connection = None
