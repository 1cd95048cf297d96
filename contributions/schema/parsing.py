"""Text to typed values, a whole column at a time, by the type and format the schema declares.

Every parser takes an Arrow string array without missing-value marks and answers `Parsed`: a numpy
array of values (undefined where the text is null or bad) and, per rule, the rows that break it.
Nothing is coerced: a thousands comma, a 31 February or a trailing unit is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from contributions.schema.document import Field

Mask = npt.NDArray[np.bool_]

WHOLE = r"^[+-]?[0-9]+$"
DECIMAL = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?$"
GROUPED = r"^[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?$"
ISO_DATETIME = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?$"
)
# What `any` accepts, after "." and "/" have become "-" and blanks between them have gone.
ANY_DATE = ("%Y-%m-%d", "%Y%m%d")
ANY_DATETIME = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y%m%d%H")
TRUE_VALUES = ("true", "True", "TRUE", "1")
FALSE_VALUES = ("false", "False", "FALSE", "0")
# Nanoseconds since 1970 in 64 bits end in these years; the checks compare in this unit.
FIRST_YEAR, LAST_YEAR = 1678, 2261
# The strptime pattern that stands for every ISO 8601 form, as pandas names it.
ISO8601 = "ISO8601"
# Up to so many distinct texts a plain loop is as quick as a column.
FEW = 500


@dataclass(frozen=True)
class Parsed:
    """`values` by position; `broken` maps a rule to the rows whose text breaks it."""

    values: npt.NDArray[np.generic]
    broken: dict[str, Mask]


def parse(text: pa.Array, field: Field) -> Parsed:
    """Apply the field's type and format. `text`: trimmed strings, null where missing."""
    return PARSERS[str(field.get("type", "string"))](text, field)


def parses(text: str, field: Field) -> bool:
    """Does one text read as a value of this field? For bounds and enumerations in a schema."""
    parsed = parse(pa.array([text], pa.string()), field)
    return not any(mask.any() for mask in parsed.broken.values())


def matches(text: pa.Array, pattern: str) -> Mask:
    """Rows whose text matches; null does not match."""
    found = pc.fill_null(pc.match_substring_regex(text, pattern), False)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)


def present(text: pa.Array) -> Mask:
    """Rows that have a text."""
    return np.asarray(text.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)


def _string(text: pa.Array, _field: Field) -> Parsed:
    return Parsed(text.to_numpy(zero_copy_only=False), {})


def _plain_number(text: pa.Array, field: Field) -> tuple[pa.Array, Mask]:
    """Numbers with a point and no groups; and the rows with groups the field does not declare."""
    group, decimal = field.get("groupChar"), str(field.get("decimalChar", "."))
    if field.get("bareNumber") is False:
        text = pc.replace_substring_regex(text, r"^[^0-9+\-.]+|[^0-9.]+$", "")
    if isinstance(group, str):
        shape = GROUPED.replace(",", re.escape(group)).replace(r"\.", re.escape(decimal))
        text = pc.if_else(
            pc.match_substring_regex(text, shape), pc.replace_substring(text, group, ""), text
        )
    undeclared = matches(text, GROUPED) if decimal == "." else np.zeros(len(text), np.bool_)
    if decimal != ".":
        text = pc.replace_substring(text, decimal, ".")
    return text, undeclared


def _integer(text: pa.Array, field: Field) -> Parsed:
    plain, grouped = _plain_number(text, field)
    whole = matches(plain, WHOLE)
    digits = pc.utf8_length(pc.replace_substring_regex(plain, "^[+-]?0*", ""))
    small = np.asarray(pc.fill_null(pc.less(digits, 19), False).to_numpy(zero_copy_only=False))
    good = whole & small
    kept = pc.if_else(pa.array(good), plain, pa.scalar("0"))
    kept = pc.replace_substring_regex(kept, r"^\+", "")
    values = kept.cast(pa.int64()).to_numpy(zero_copy_only=False)
    bad = present(text) & ~good
    too_large = bad & whole
    return Parsed(
        values,
        {
            "cell.thousands": bad & grouped,
            "cell.number_range": too_large,
            "cell.integer": bad & ~grouped & ~too_large,
        },
    )


def _number(text: pa.Array, field: Field) -> Parsed:
    plain, grouped = _plain_number(text, field)
    good = matches(plain, DECIMAL)
    kept = pc.if_else(pa.array(good), plain, pa.scalar("0"))
    kept = pc.replace_substring_regex(kept, r"^\+", "")
    values = kept.cast(pa.float64()).to_numpy(zero_copy_only=False)
    infinite = good & ~np.isfinite(values)
    bad = present(text) & ~good
    return Parsed(
        values,
        {
            "cell.thousands": bad & grouped,
            "cell.number_range": infinite,
            "cell.number": bad & ~grouped,
        },
    )


def _boolean(text: pa.Array, field: Field) -> Parsed:
    def listed(key: str, default: tuple[str, ...]) -> Mask:
        values = field.get(key, list(default))
        texts = [str(value) for value in values] if isinstance(values, list) else list(default)
        found = pc.is_in(text, value_set=pa.array(texts, pa.string()))
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_) & present(text)

    true, false = listed("trueValues", TRUE_VALUES), listed("falseValues", FALSE_VALUES)
    return Parsed(true, {"cell.boolean": present(text) & ~true & ~false})


def _temporal(text: pa.Array, field: Field) -> Parsed:
    """Dates and times of day with dates, as datetime64[ns]; those with an offset become UTC."""
    rule = f"cell.{field['type']}"
    encoded = text.dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    distinct = encoded.dictionary
    shaped = np.zeros(len(distinct), np.bool_)
    moments = np.full(len(distinct), np.datetime64("NaT"), dtype="datetime64[ns]")
    for candidate, pattern, form in _attempts(distinct, field):
        fits = matches(candidate, pattern) & np.isnat(moments)
        if not fits.any():
            continue
        shaped |= fits
        strings = candidate.filter(pa.array(fits)).to_pylist()
        moments[fits] = (
            few_moments(strings, form) if len(strings) <= FEW else many_moments(strings, form)
        )
    places = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)
    if not len(distinct):
        return Parsed(np.full(len(text), np.datetime64("NaT"), "datetime64[ns]"), {})
    lost = np.isnat(moments)
    there = present(text)
    return Parsed(
        moments[places],
        {
            rule: there & (lost & ~shaped)[places],
            "cell.impossible_date": there & (lost & shaped)[places],
        },
    )


def few_moments(strings: list[str], form: str) -> npt.NDArray[np.datetime64]:
    """Moments (datetime64[ns], NaT where there is none) of texts, one by one, without pandas."""
    found = np.full(len(strings), np.datetime64("NaT"), dtype="datetime64[ns]")
    for place, text in enumerate(strings):
        try:
            moment = (
                datetime.fromisoformat(text) if form == ISO8601 else datetime.strptime(text, form)  # noqa: DTZ007 - offsets are kept where given
            )
            if moment.tzinfo is not None:
                moment = moment.astimezone(UTC).replace(tzinfo=None)
        except (ValueError, OverflowError):
            continue
        if FIRST_YEAR <= moment.year <= LAST_YEAR:
            found[place] = np.datetime64(moment, "ns")
    return found


def many_moments(strings: list[str], form: str) -> npt.NDArray[np.datetime64]:
    """The same moments as `few_moments`, in columns; one by one where pandas is kept out."""
    try:
        import pandas as pd
    except ModuleNotFoundError:
        return few_moments(strings, form)
    parsed = pd.to_datetime(pd.Index(strings), format=form, errors="coerce", utc=True)
    in_range = (parsed.year >= FIRST_YEAR) & (parsed.year <= LAST_YEAR)
    moments = parsed.tz_localize(None).to_numpy()
    return np.where(in_range, moments, np.datetime64("NaT")).astype("datetime64[ns]")


def _attempts(distinct: pa.Array, field: Field) -> list[tuple[pa.Array, str, str]]:
    """(texts, their shape, how pandas reads that shape) to try in order."""
    form = str(field.get("format", "default"))
    dated = field["type"] == "date"
    if form == "default":
        if dated:
            return [(distinct, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "%Y-%m-%d")]
        return [(distinct, ISO_DATETIME, ISO8601)]
    if form != "any":
        return [(distinct, shape_of(form), form)]
    tidy = pc.replace_substring_regex(distinct, r"([0-9])\s*[./-]\s*", r"\1-")
    tidy = pc.replace_substring_regex(tidy, r"^([0-9]+-[0-9]+-[0-9]+)-", r"\1 ")
    tidy = pc.utf8_trim_whitespace(tidy)
    attempts = [(tidy, shape_of(each), each) for each in ANY_DATE]
    if not dated:
        attempts.append((distinct, ISO_DATETIME, ISO8601))
        attempts.extend((tidy, shape_of(each), each) for each in ANY_DATETIME)
    return attempts


def shape_of(form: str) -> str:
    """A strptime pattern as a regular expression. Where two numbers touch, widths are fixed, so
    that 2025121 is not read as some day of 2025.
    """
    fixed = re.search(r"%[a-zA-Z]%[a-zA-Z]", form) is not None
    two = "[0-9]{2}" if fixed else "[0-9]{1,2}"
    widths = {
        "Y": "[0-9]{4}",
        "y": "[0-9]{2}",
        "j": "[0-9]{3}",
        "f": "[0-9]{1,6}",
        "z": "(Z|[+-][0-9]{2}:?[0-9]{2})",
        "p": "(?i:am|pm)",
        "b": r"\pL+",
        "B": r"\pL+",
        "%": "%",
    }
    parts = re.split(r"(%.)", form)
    shaped = [
        widths.get(part[1], two) if part.startswith("%") and len(part) == 2 else re.escape(part)
        for part in parts
    ]
    return "^" + "".join(shaped) + "$"


def _each_distinct(text: pa.Array, rule: str, canonical: Callable[[str], str | None]) -> Parsed:
    """Rewrite every distinct text to a form that sorts like its meaning; None marks it as bad."""
    encoded = text.dictionary_encode()
    rewritten = [canonical(each) for each in encoded.dictionary.to_pylist()]
    values = pa.array(rewritten, pa.string()).take(encoded.indices)
    bad = present(text) & ~present(values)
    return Parsed(values.to_numpy(zero_copy_only=False), {rule: bad})


def _time(text: pa.Array, field: Field) -> Parsed:
    """HH:MM:SS, which sorts as text."""
    form = str(field.get("format", "default"))
    forms = ["%H:%M:%S"] if form == "default" else [form]
    if form == "any":
        forms = ["%H:%M:%S", "%H:%M", "%H%M%S", "%H%M"]

    def canonical(each: str) -> str | None:
        for candidate in forms:
            if re.fullmatch(shape_of(candidate)[1:-1].replace(r"\pL", r"\w"), each) is None:
                continue
            try:
                moment = datetime.strptime(each, candidate)  # noqa: DTZ007 - a time of day only
                return moment.strftime("%H:%M:%S")
            except ValueError:
                continue
        return None

    return _each_distinct(text, "cell.time", canonical)


def _year(text: pa.Array, _field: Field) -> Parsed:
    good = matches(text, "^[0-9]{4}$")
    kept = pc.if_else(pa.array(good), text, pa.scalar("0"))
    return Parsed(
        kept.cast(pa.int64()).to_numpy(zero_copy_only=False), {"cell.year": present(text) & ~good}
    )


def _yearmonth(text: pa.Array, _field: Field) -> Parsed:
    def canonical(each: str) -> str | None:
        return each if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", each) else None

    return _each_distinct(text, "cell.yearmonth", canonical)


PARSERS: dict[str, Callable[[pa.Array, Field], Parsed]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _temporal,
    "datetime": _temporal,
    "time": _time,
    "year": _year,
    "yearmonth": _yearmonth,
}
