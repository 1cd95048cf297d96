"""Letters that lie in a folder, as no relay is set: the post of a trial city."""

from __future__ import annotations

from collections.abc import Collection
from email import message_from_bytes, policy
from email.utils import getaddresses
from pathlib import Path

from django.conf import settings


def remove_letters_to(addresses: Collection[str]) -> int:
    """Remove the files of letters to any of these addresses; how many.

    A file is one sending: where a letter went to several people at once, it is gone for all.
    """
    if settings.EMAIL_URL != "files" or not addresses:
        return 0
    wanted = {address.lower() for address in addresses}
    theirs = [
        path
        for path in Path(settings.EMAIL_FILE_PATH).glob("*.log")
        if not wanted.isdisjoint(_recipients(path))
    ]
    for path in theirs:
        path.unlink(missing_ok=True)
    return len(theirs)


def _recipients(path: Path) -> set[str]:
    try:
        letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    except FileNotFoundError:  # another erasure was quicker
        return set()
    heads = [str(head) for name in ("to", "cc") for head in letter.get_all(name, [])]
    return {address.lower() for _name, address in getaddresses(heads)}
