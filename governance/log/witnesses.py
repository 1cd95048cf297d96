"""What witnesses cosigned: reading it, and what that makes of the served checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from dure.core import clock
from governance.log import cosign, note
from governance.models import LogCheckpoint, LogCosignature, LogWitness, WitnessAnswer

#: How far back a head may lie that is served for having its quorum, before the newest one is.
PATIENCE = timedelta(minutes=10)
_RECENT = 500


@dataclass(frozen=True)
class Witness:
    """Where a witness is asked, and the key that its cosignatures are recognised by."""

    url: str
    key: cosign.CosignerKey


@dataclass(frozen=True)
class WitnessState:
    """How it stands with a witness; ``answer`` is empty while it was never asked."""

    name: str
    size: int
    answer: str
    asked_at: datetime | None


def configured() -> list[Witness]:
    """The witnesses of DURE_LOG_WITNESSES; ImproperlyConfigured if a line makes no sense."""
    found = []
    for line in settings.LOG_WITNESSES:
        url, _, vkey = line.partition(" ")
        if not url.startswith(("https://", "http://")):
            raise ImproperlyConfigured("DURE_LOG_WITNESSES: each is URL VERIFIER_KEY")
        try:
            found.append(Witness(url.rstrip("/"), cosign.parse_cosigner_key(vkey)))
        except note.NoteError as error:
            raise ImproperlyConfigured(f"DURE_LOG_WITNESSES: {error}") from error
    if len(found) < settings.LOG_QUORUM:
        raise ImproperlyConfigured("DURE_LOG_QUORUM asks for more witnesses than there are")
    return found


def lines_of(size: int) -> list[str]:
    """The cosignature lines under the checkpoint of a size, by witnesses that are configured."""
    known = {witness.key.verifier_key for witness in configured()}
    stored = LogCosignature.objects.filter(size=size, witness__in=_names(known)).order_by("id")
    return list(stored.values_list("line", flat=True))


def cosigned_note(checkpoint: LogCheckpoint) -> str:
    """The note as signed, with what witnesses signed under it since."""
    return checkpoint.note + "".join(lines_of(checkpoint.size))


def checkpoint_to_show() -> LogCheckpoint | None:
    """The newest checkpoint that has its quorum, unless that one is old: then the newest.

    Witnesses are asked after a head is signed, so that the newest one lacks them for a moment.
    """
    newest = LogCheckpoint.objects.order_by("-size").first()
    if newest is None or settings.LOG_QUORUM < 1:
        return newest
    size = quorum_size()
    agreed = LogCheckpoint.objects.filter(size=size).first()
    if agreed is None or newest.signed_at - agreed.signed_at > PATIENCE:
        return newest
    return agreed


def quorum_size() -> int:
    """The largest size that as many witnesses cosigned as the policy asks for; 0 if none.

    Every signature is checked again: what stands in a table proves nothing.
    """
    by_name = {witness.key.name: witness.key for witness in configured()}
    rows = LogCosignature.objects.filter(witness__in=by_name).order_by("-size")
    lines: dict[int, dict[str, str]] = {}
    for size, name, line in rows.values_list("size", "witness", "line")[:_RECENT]:
        lines.setdefault(size, {})[name] = line
    for size, found in lines.items():
        if len(found) >= max(1, settings.LOG_QUORUM):
            text = LogCheckpoint.objects.filter(size=size).values_list("note", flat=True).first()
            held = [name for name in found if text and holds(text, found[name], by_name[name])]
            if len(held) >= max(1, settings.LOG_QUORUM):
                return size
    return 0


def holds(signed: str, line: str, key: cosign.CosignerKey) -> bool:
    """Whether a signature line under a signed note is the key's."""
    try:
        text, lines = note.split_note(signed.rpartition("\n\n")[0] + "\n\n" + line)
    except note.NoteError:
        return False
    return any(cosign.cosigned_at(text, found, key) is not None for found in lines)


def states() -> list[WitnessState]:
    """How it stands with every configured witness, in the order of the configuration."""
    rows = LogWitness.objects.in_bulk([witness.key.verifier_key for witness in configured()])
    found = []
    for witness in configured():
        row = rows.get(witness.key.verifier_key)
        found.append(
            WitnessState(witness.key.name, 0, "", None)
            if row is None
            else WitnessState(witness.key.name, row.size, row.answer, row.asked_at)
        )
    return found


def quorum_holds(newest: LogCheckpoint | None) -> bool:
    """Whether the policy is met: the newest head, or one hardly older, has its quorum."""
    if settings.LOG_QUORUM < 1 or newest is None:
        return True
    size = quorum_size()
    if size == newest.size:
        return True
    agreed = LogCheckpoint.objects.filter(size__gt=size).order_by("size").first()
    # The first head without a quorum: how long it has been waiting for one.
    return agreed is not None and clock.now() - agreed.signed_at <= PATIENCE


def contradicted() -> bool:
    """Whether a witness has seen another log than this one: more entries, or others."""
    return any(state.answer in (WitnessAnswer.AHEAD, WitnessAnswer.REFUSED) for state in states())


def _names(vkeys: set[str]) -> list[str]:
    return [vkey.partition("+")[0] for vkey in vkeys]
