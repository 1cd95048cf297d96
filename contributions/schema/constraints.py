"""The constraints of a field, judged on whole columns. Missing values break only `required`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from contributions.schema.document import Field, constraints_of
from contributions.schema.parsing import Mask, parse

LISTED = 12  # how many allowed values a sentence names


@dataclass(frozen=True)
class Breach:
    """The rows that break one rule of one column."""

    rule: str
    rows: Mask
    params: Mapping[str, str | int]


def breaches(
    text: pa.Array, values: npt.NDArray[np.generic], valid: Mask, field: Field
) -> Iterator[Breach]:
    """`text` and `values` by position; only rows in `valid` (present, well formed) are judged."""
    constraints = constraints_of(field)
    for key, wanted in constraints.items():
        if key == "enum" and isinstance(wanted, list):
            listed = ", ".join(str(each) for each in wanted[:LISTED])
            more = " …" if len(wanted) > LISTED else ""
            yield Breach(
                "cell.enum", valid & ~_among(values, wanted, field), {"allowed": listed + more}
            )
        elif key == "pattern":
            yield Breach(
                "cell.pattern", valid & ~_fits(text, str(wanted)), {"pattern": str(wanted)}
            )
        elif key in ("minimum", "maximum"):
            bound = _typed([wanted], field)[0]
            with np.errstate(invalid="ignore"):
                out = (
                    _below(values, bound, valid)
                    if key == "minimum"
                    else _above(values, bound, valid)
                )
            yield Breach(f"cell.{key}", out, {"bound": str(wanted)})
        elif key in ("minLength", "maxLength") and isinstance(wanted, int):
            lengths = pc.fill_null(pc.utf8_length(text), 0).to_numpy(zero_copy_only=False)
            short = key == "minLength"
            out = valid & (lengths < wanted if short else lengths > wanted)
            yield Breach("cell.min_length" if short else "cell.max_length", out, {"bound": wanted})
        elif key == "unique" and wanted is True:
            yield Breach("cell.unique", _repeated(text, valid), {})


def _typed(texts: list[object], field: Field) -> npt.NDArray[np.generic]:
    return parse(pa.array([str(each) for each in texts], pa.string()), field).values


def _among(values: npt.NDArray[np.generic], wanted: list[object], field: Field) -> Mask:
    allowed = _typed(wanted, field)
    if values.dtype == object:
        found = pc.is_in(pa.array(values, pa.string()), value_set=pa.array(allowed, pa.string()))
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)
    return np.asarray(np.isin(values, allowed), dtype=np.bool_)


def _fits(text: pa.Array, pattern: str) -> Mask:
    encoded = text.dictionary_encode()
    if not len(encoded.dictionary):
        return np.zeros(len(text), np.bool_)
    whole = re.compile(pattern)
    fits = np.fromiter(
        (whole.fullmatch(each) is not None for each in encoded.dictionary.to_pylist()),
        np.bool_,
        len(encoded.dictionary),
    )
    return np.asarray(fits[encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)])


# Any below: a bound is of whatever type its column is, and numpy compares the two.
def _below(values: npt.NDArray[Any], bound: Any, valid: Mask) -> Mask:
    out = np.zeros(len(values), np.bool_)
    out[valid] = values[valid] < bound
    return out


def _above(values: npt.NDArray[Any], bound: Any, valid: Mask) -> Mask:
    out = np.zeros(len(values), np.bool_)
    out[valid] = values[valid] > bound
    return out


def _repeated(text: pa.Array, valid: Mask) -> Mask:
    """Every occurrence after the first."""
    codes = text.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
    places = np.nonzero(valid)[0]
    _codes, first = np.unique(codes[places], return_index=True)
    out = valid.copy()
    out[places[first]] = False
    return out
