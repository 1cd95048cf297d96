"""Which engine judges a contribution: the one in this process, or Spark above a number of rows.

Both give the same verdicts, so that Spark being out of reach costs time and never a contribution.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from contributions.parts import Told, untold
from contributions.quality import engine
from contributions.quality.outcome import QualityOutcome

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)


def run(
    frame: pd.DataFrame,
    *,
    checks: Sequence[Mapping[str, object]],
    suite_id: str,
    told: Told = untold,
) -> QualityOutcome:
    """Judge a typed frame by the call's checks; see `engine.run`.

    With `DURE_SPARK_MASTER` set, frames above `DURE_SPARK_ROWS` rows go to Spark. Whatever keeps
    Spark from answering is logged by its kind, and the engine in the process answers.
    """
    if settings.SPARK_MASTER and checks and len(frame) > settings.SPARK_ROWS:
        from contributions.quality import spark

        folder = Path(settings.SPARK_DIR)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with spark.session(settings.SPARK_MASTER) as session:
                return spark.run(
                    frame,
                    checks=checks,
                    suite_id=suite_id,
                    spark=session,
                    folder=folder,
                    told=told,
                )
        except Exception as error:  # no Java, no master, no memory there: the file is judged here
            logger.warning("judged without Spark, which raised %s", type(error).__name__)
    return engine.run(frame, checks=checks, suite_id=suite_id, told=told)
