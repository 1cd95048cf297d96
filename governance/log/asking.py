"""Asking witnesses to cosign the newest head (C2SP tlog-witness, ``POST add-checkpoint``).

Never in the sequencer's transaction: a witness that is slow or away delays nothing but its own
signature. Witnesses are asked at once, each in a thread that touches no database.
"""

from __future__ import annotations

import base64
import logging
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException

from django.conf import settings

from dure.core import clock
from governance.log import cosign, note
from governance.log.selectors import consistency_document, latest_checkpoint
from governance.log.witnesses import Witness, configured
from governance.models import LogCheckpoint, LogCosignature, LogWitness, WitnessAnswer

logger = logging.getLogger(__name__)
TIMEOUT_S = 5
ROUNDS_MAX = 3
_ANSWER_BYTES_MAX = 64 * 1024
_CONFLICT = 409


@dataclass(frozen=True)
class Reply:
    """What a witness said: the verified line, or the size it has seen, or why not."""

    answer: WitnessAnswer
    line: str = ""
    moment: int = 0
    seen: int | None = None


def ask_witnesses() -> int:
    """Has the newest head cosigned by every configured witness that has not yet; how many did."""
    head = latest_checkpoint()
    if head is None or not settings.LOG_WITNESSES:
        return 0
    found = configured()
    rows = LogWitness.objects.in_bulk([witness.key.verifier_key for witness in found])
    sizes = {key: row.size for key, row in rows.items()}
    done = {key for key, row in rows.items() if row.size == head.size}
    done &= {key for key, row in rows.items() if row.answer == WitnessAnswer.COSIGNED}
    waiting = [witness for witness in found if witness.key.verifier_key not in done]
    cosigned = 0
    for _round in range(ROUNDS_MAX):
        again = []
        for witness, reply in _ask_all(head, waiting, sizes):
            key = witness.key.verifier_key
            if reply.seen is not None and reply.seen != sizes.get(key, 0):
                if reply.seen <= head.size:
                    # It remembers another size than we do: prove from there.
                    sizes[key] = reply.seen
                    again.append(witness)
                    continue
                if reply.seen <= _newest_size():
                    # Another worker was quicker, with a newer head.
                    continue
            _keep(head, witness, reply)
            cosigned += reply.answer is WitnessAnswer.COSIGNED
        waiting = again
        if not waiting:
            break
    return cosigned


def _newest_size() -> int:
    newest = latest_checkpoint()
    return 0 if newest is None else newest.size


def _ask_all(
    head: LogCheckpoint, asked: list[Witness], sizes: dict[str, int]
) -> list[tuple[Witness, Reply]]:
    if not asked:
        return []
    bodies = [request_body(head, sizes.get(witness.key.verifier_key, 0)) for witness in asked]
    with ThreadPoolExecutor(max_workers=len(asked)) as pool:
        replies = pool.map(_ask, asked, bodies, [head.note] * len(asked), [head.size] * len(asked))
        return list(zip(asked, replies, strict=True))


def request_body(head: LogCheckpoint, old: int) -> bytes:
    """What a witness that has seen ``old`` entries is sent about a head."""
    old = min(old, head.size)
    proof = consistency_document(old, head.size)["proof"] if 0 < old < head.size else []
    lines = [f"old {old}", *(base64.b64encode(bytes.fromhex(step)).decode() for step in proof)]
    return ("\n".join(lines) + "\n\n" + head.note).encode()


def _ask(witness: Witness, body: bytes, signed: str, size: int) -> Reply:
    # The address comes from the configuration and is http(s).
    request = urllib.request.Request(f"{witness.url}/add-checkpoint", data=body)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
            text = response.read(_ANSWER_BYTES_MAX).decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        with error:
            said = error.read(_ANSWER_BYTES_MAX) if error.code == _CONFLICT else b""
        return _refusal(error.code, said, size)
    except (OSError, HTTPException, ValueError):
        return Reply(WitnessAnswer.UNREACHABLE)
    return _verified(witness.key, signed, text)


def _refusal(status: int, said: bytes, size: int) -> Reply:
    if status >= 500:
        return Reply(WitnessAnswer.UNREACHABLE)
    digits = said.strip()
    if status != _CONFLICT or not digits.isdigit() or len(digits) > 18:
        return Reply(WitnessAnswer.REFUSED)
    seen = int(digits)
    return Reply(WitnessAnswer.AHEAD if seen > size else WitnessAnswer.REFUSED, seen=seen)


def _verified(key: cosign.CosignerKey, signed: str, answer: str) -> Reply:
    """The line of the witness's own key, verified; lines by other keys are left aside."""
    text = signed.rpartition("\n\n")[0] + "\n"
    for raw in answer.splitlines():
        try:
            line = note.split_note(f"{text}\n{raw}\n")[1][0]
        except note.NoteError:
            continue
        moment = cosign.cosigned_at(text, line, key)
        if moment is not None:
            return Reply(WitnessAnswer.COSIGNED, raw + "\n", moment)
    return Reply(WitnessAnswer.REFUSED)


def _keep(head: LogCheckpoint, witness: Witness, reply: Reply) -> None:
    defaults: dict[str, object] = {"answer": reply.answer, "asked_at": clock.now()}
    if reply.answer is WitnessAnswer.COSIGNED:
        defaults["size"] = head.size
        LogCosignature.objects.bulk_create(
            [
                LogCosignature(
                    size=head.size,
                    witness=witness.key.name,
                    line=reply.line,
                    cosigned_at=datetime.fromtimestamp(reply.moment, UTC),
                )
            ],
            ignore_conflicts=True,
        )
    elif reply.answer is not WitnessAnswer.UNREACHABLE:
        logger.critical(
            "the witness %s does not cosign size %s: %s",
            witness.key.name,
            head.size,
            reply.answer.value,
        )
    LogWitness.objects.update_or_create(key=witness.key.verifier_key, defaults=defaults)
