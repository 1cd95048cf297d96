"""The secret questions by which calls measure what records are worth to a model.

A set is stored once, sealed on disk, and named by the hash of its CSV; a call publishes the hash,
so that the questions can be shown later and were not chosen afterwards. Whoever stores a set can
read it in the file they sent; it is served to nobody.
"""

from __future__ import annotations

import csv
import io
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.blobs import open_blob, store_bytes
from dure.core.canonical import Json, sha256_hex
from dure.core.clock import now
from dure.core.ids import new_id
from dure.core.problems import FieldError
from governance.log.services import record
from rewards.models import TrainingQuestions
from rewards.problems import QUESTIONS_UNSOUND

BYTES_MOST: Final = 2_000_000
ROWS_MOST: Final = 1_000
COLUMNS_MOST: Final = 200

Rows = list[list[str]]


@transaction.atomic
def store_questions(*, acting: Actor, body: bytes) -> TrainingQuestions:
    """Keep a set of questions under the hash of its bytes; the same set again is the same row.

    A UTF-8 CSV with a header. Operators; QUESTIONS_UNSOUND (422) says what is wrong and where.
    """
    acting.require(Role.OPERATOR)
    person = acting.require_person()
    header, rows = read_questions(body)
    digest = sha256_hex(body)
    known = TrainingQuestions.objects.filter(sha256=digest).first()
    if known is not None:
        return known
    identity = new_id()
    stored = TrainingQuestions.objects.create(
        id=identity,
        sha256=digest,
        blob=store_bytes(body, owner=identity),
        columns=header,
        rows=len(rows),
        stored_by=person,
        stored_at=now(),
    )
    payload: dict[str, Json] = {"questions_sha256": digest, "rows": len(rows)}
    record(kind="training.questions_stored", acting=acting, subject=None, payload=payload)
    return stored


def questions_of(sha256: str) -> tuple[list[str], Rows]:
    """Header and rows of a stored set."""
    stored = TrainingQuestions.objects.select_related("blob").get(sha256=sha256)
    with open_blob(stored.blob) as stream:
        return read_questions(stream.read())


def read_questions(body: bytes) -> tuple[list[str], Rows]:
    """Header and rows of a CSV of questions. Raises QUESTIONS_UNSOUND (422)."""
    if len(body) > BYTES_MOST:
        raise _unsound(_("The file is larger than 2 MB."))
    try:
        lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))
    except UnicodeDecodeError as error:
        raise _unsound(_("Byte %(place)d is not UTF-8.") % {"place": error.start}) from error
    except csv.Error as error:
        raise _unsound(_("The quoting of a line does not end.")) from error
    header, rows = (lines[0] if lines else []), [line for line in lines[1:] if line]
    names = [name.strip() for name in header]
    if not 0 < len(names) <= COLUMNS_MOST or len(set(names)) != len(names) or "" in names:
        raise _unsound(_("The first line names each column once."))
    if not 0 < len(rows) <= ROWS_MOST:
        raise _unsound(_("Send 1 to 1,000 questions."))
    for number, row in enumerate(rows, start=1):
        if len(row) != len(names):
            raise _unsound(_("Row %(row)d has another number of cells.") % {"row": number})
    return names, rows


def _unsound(message: str) -> Exception:
    return QUESTIONS_UNSOUND.problem(errors=[FieldError("questions", message)])
