"""Words in a test that call for an end, so that a program can be tried against each of them.

A cell that holds one of these words and nothing else ends a contribution that was sent with a test
key as it says. In anything else the words mean nothing.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from contributions.models import State
from contributions.pipeline.endings import Ending

WORDS = {
    "TEST_REJECT": (State.REJECTED, "test-rejected"),
    "TEST_RETURN": (State.RETURNED, "test-returned"),
    "TEST_FAIL": (State.FAILED, "test-failed"),
}


def ending_called_for(table: pa.Table) -> Ending | None:
    """The end that a test asks for; None where it asks for none. Columns hold texts."""
    words = pa.array(list(WORDS), pa.string())
    for column in table.columns:
        if not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
            continue
        named = column.filter(pc.is_in(column, value_set=words.cast(column.type)))
        if len(named):
            state, rule = WORDS[named[0].as_py()]
            return Ending(state, rule)
    return None
