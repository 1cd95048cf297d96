"""Reading the letters that were sent."""

from __future__ import annotations

import re

from django.core import mail


def code_to(address: str) -> str:
    """The code in the newest letter to an address."""
    for message in reversed(mail.outbox):
        if message.to == [address]:
            found = re.search(r"^ {4}(\S+)$", str(message.body), re.MULTILINE)
            assert found, message.body
            return found[1]
    raise AssertionError(f"no letter to {address}")


def subjects_to(address: str) -> list[str]:
    return [str(message.subject) for message in mail.outbox if message.to == [address]]
