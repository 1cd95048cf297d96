"""Correcting rows where they are shown: only what was changed is sent, as a correction of rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from contributions import problems
from contributions.intake.corrections import correct
from contributions.models import Contribution, CorrectionMode
from contributions.pipeline.tables import ROW
from contributions.selectors import contribution_for
from contributions.selectors.fixing import rows_to_fix
from dure.accounts.acting import Actor
from dure.core.problems import FieldError


@transaction.atomic
def fix_rows(
    *, acting: Actor, receipt: str, cells: Mapping[int, Mapping[str, str]]
) -> Contribution:
    """Send what somebody changed in the rows that were set aside, `{row: {column: text}}`.

    Cells that are not named, and cells that the privacy gate keeps to itself, stay as they are;
    other rows than those of `rows_to_fix` are not touched. Raises NOTHING_CHANGED and what
    `correct` raises; then nothing was changed.
    """
    shown = rows_to_fix(contribution_for(acting, receipt))
    corrected: list[list[str]] = []
    for row in shown:
        sent = cells.get(row.number, {})
        new = [cell.text if cell.kept_back else sent.get(cell.column, cell.text)
               for cell in row.cells]  # fmt: skip
        if [_one_line(text) for text in new] != [_one_line(cell.text) for cell in row.cells]:
            corrected.append([str(row.number), *map(_one_line, new)])
    if not corrected:
        message = _("Change at least one cell.")
        raise problems.NOTHING_CHANGED.problem(
            errors=[FieldError(field="rows", message=message, code="unchanged")]
        )
    sink = io.StringIO()
    names = [cell.column for cell in shown[0].cells]
    csv.writer(sink, lineterminator="\r\n").writerows([[ROW, *names], *corrected])
    return correct(
        acting=acting,
        receipt=receipt,
        mode=CorrectionMode.ROWS,
        stream=io.BytesIO(sink.getvalue().encode()),
        filename="rows.csv",
        content_type="text/csv",
    )


def _one_line(text: str) -> str:
    """What a form's field can hold: one line without characters that no table takes."""
    return " ".join(text.replace("\0", "").split())
