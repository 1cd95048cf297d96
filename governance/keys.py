"""Replacing keys: proposed by one person, agreed to by another, with an entry in the log."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dure.accounts.acting import Actor
from dure.core import clock, keyring, signing
from dure.core.canonical import Json
from dure.core.problems import ProblemKind
from governance import four_eyes
from governance.log import key_chain, keys
from governance.log.services import record, sequence
from governance.models import LogEntry, Proposal

ROTATE_KEK = "rotate-kek"
OPERATION = Actor.system("keys")
#: How long the old key of the log signs beside the new one, so that nobody is taken unawares.
OVERLAP = timedelta(days=30)
#: How old an active key-encryption key gets. Looked at every six hours, with the seven days that a
#: retired one is kept, it opens no backup that is older than ten days.
EPOCH = timedelta(hours=60)

ROTATION_WAITS = ProblemKind(
    "rotation-waits",
    409,
    _("A change of the log's key is not in the log yet"),
    _("Try again once its entry has a place; that takes seconds."),
)


def rotate_key_encryption(*, acting: Actor, keep: timedelta) -> keyring.Rotation | None:
    """Rotates the key-encryption key (see dure.core.keyring) and logs what was done.

    The first call proposes and answers None; somebody else's call rotates. To be called outside
    a transaction. Raises what four_eyes.propose_or_agree raises.
    """
    proposal = four_eyes.propose_or_agree(
        acting=acting, kind=ROTATE_KEK, details={"keep_days": keep.days}
    )
    if proposal.decided_at is None:
        return None
    done = keyring.rotate(keep=keep)
    _log_rotation(done, proposal=str(proposal.id))
    return done


def renew_key_encryption() -> keyring.Rotation | None:
    """By the clock: a new key every three days, and an end to those retired for long enough.

    Nothing happens before two people have rotated the first key, which comes from the configured
    secret: with that they say that every machine sees the keyring, and for how long a retired key
    is kept. Answers None where nothing was due. To be called outside a transaction; after a crash
    the next call goes on.
    """
    kept = _agreed_keep()
    if kept is None:
        return None
    renews = keyring.is_older_than(EPOCH)
    done = keyring.rotate(keep=kept) if renews else keyring.finish(keep=kept)
    if not (renews or done.rewrapped or done.destroyed):
        return None
    _log_rotation(done)
    return done


def finish_key_encryption() -> keyring.Rotation | None:
    """Finishes an interrupted rotation, and logs what it did; None where nobody agreed to one.

    How long a retired key is kept is what two people last agreed to: nobody alone closes the
    backups of a week. To be called outside a transaction.
    """
    kept = _agreed_keep()
    if kept is None:
        return None
    done = keyring.finish(keep=kept)
    if done.rewrapped or done.destroyed:
        _log_rotation(done)
    return done


def _agreed_keep() -> timedelta | None:
    agreed = Proposal.objects.filter(kind=ROTATE_KEK, decided_at__isnull=False)
    last = agreed.order_by("-decided_at").first()
    return None if last is None else timedelta(days=last.details["keep_days"])


@transaction.atomic
def _log_rotation(done: keyring.Rotation, proposal: str = "") -> None:
    payload: dict[str, Json] = {
        "key": "kek",
        "active": done.active,
        "rewrapped": done.rewrapped,
        "destroyed": list(done.destroyed),
    }
    if proposal:
        payload["proposal"] = proposal
    record(kind="key.rotated", acting=OPERATION, subject=None, payload=payload)


@transaction.atomic
def rotate_log_key(*, acting: Actor, overlap: timedelta = OVERLAP) -> Proposal:
    """Proposes a new key for the log or, as a second person, puts it in force.

    The new key is on disk before the entry ``key.rotated`` is written, which both keys sign; it
    signs from the checkpoint on that covers the entry. Raises ROTATION_WAITS (409) and what
    four_eyes.propose_or_agree raises.
    """
    waiting = LogEntry.objects.filter(kind=key_chain.KIND, place=None)
    if any(key_chain.is_of_the_log(bytes(entry.body)) for entry in waiting):
        raise ROTATION_WAITS.problem()
    proposal = four_eyes.propose_or_agree(
        acting=acting, kind="rotate-log-key", details={"overlap_days": overlap.days}
    )
    if proposal.decided_at is None:
        return proposal
    old = signing.log_key(keys.chain()[-1].public)
    payload = key_chain.rotation_payload(
        origin=settings.LOG_ORIGIN,
        old=old,
        new=signing.create_log_key(),
        overlap_until=clock.now() + overlap,
    )
    record(kind=key_chain.KIND, acting=OPERATION, subject=None, payload=payload)
    return proposal


def put_in_force() -> None:
    """Sequences what waits, so that the new key signs at once."""
    sequence()
