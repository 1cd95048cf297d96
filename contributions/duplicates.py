"""The same record twice, found without keeping the record: a keyed fingerprint of each row.

The fingerprint is keyed BLAKE2b with 128 bits (RFC 7693) over the row in one canonical spelling:
text in NFC without blanks around it, numbers in their shortest form (1.50 is 1.5), columns in the
order of their names, every part preceded by its length so that no two rows share an encoding.
The key keeps an outsider from testing guessed rows against a list of fingerprints.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal, InvalidOperation
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

SIZE = 16
# A leading zero makes a code of it ("00123"), not a number: then the text stays as it is.
PLAIN_NUMBER = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?")
ANY_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
ABSENT = b"\x00"


def fingerprints(
    table: pa.Table,
    *,
    key: Sequence[str] | None,
    digest_key: bytes,
    numeric: Collection[str] = (),
) -> list[bytes]:
    """16 bytes per row, over the `key` columns or, without any, over all of them.

    `digest_key`: 1 to 64 secret bytes. In columns named in `numeric` every spelling of a number
    counts as that number (05, +5, 5e0). Raises KeyError when a key column is not in the table.
    """
    if not digest_key:
        raise ValueError("the digest key must not be empty")
    names = sorted(set(key) if key else table.column_names)
    unknown = [name for name in names if name not in table.column_names]
    if unknown:
        raise KeyError(unknown[0])
    heading = b"".join(framed(unicodedata.normalize("NFC", name).encode()) for name in names)
    started = blake2b(framed(heading), digest_size=SIZE, key=digest_key)
    columns = [encoded(table.column(name), numeric=name in numeric) for name in names]
    prints: list[bytes] = []
    for parts in zip(*columns, strict=True):
        state = started.copy()
        state.update(b"".join(parts))
        prints.append(state.digest())
    return prints


def first_occurrences(fingerprints: Sequence[bytes]) -> npt.NDArray[np.bool_]:
    """True for the first row of each fingerprint, in the order given."""
    first = np.zeros(len(fingerprints), np.bool_)
    places: dict[bytes, int] = {}
    for place, fingerprint in enumerate(fingerprints):
        places.setdefault(fingerprint, place)
    first[list(places.values())] = True
    return first


def canonical_text(text: str) -> str:
    """One spelling for texts that mean the same; "" only for blank text."""
    text = unicodedata.normalize("NFC", text).strip()
    number = PLAIN_NUMBER.fullmatch(text)
    if number is None:
        return text
    sign, whole, fraction = number.groups()
    fraction = (fraction or "").rstrip("0")
    shortest = f"{whole}.{fraction}" if fraction else whole
    return shortest if shortest == "0" else sign + shortest


def canonical_number(text: str) -> str:
    """The same for a column that is known to hold numbers: any spelling, one result."""
    text = unicodedata.normalize("NFC", text).strip()
    if ANY_NUMBER.fullmatch(text) is None:
        return canonical_text(text)
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    sign, digits, exponent = value.as_tuple()
    shortest = "".join(map(str, digits)).lstrip("0")
    trimmed = shortest.rstrip("0")
    if not trimmed:
        return "0"
    power = int(exponent) + len(shortest) - len(trimmed)
    plain = f"{'-' if sign else ''}{trimmed}e{power}"
    if -40 <= power <= 40:
        plain = canonical_text(format(Decimal(plain), "f"))
    return plain


def framed(part: bytes) -> bytes:
    """A part preceded by its length."""
    return len(part).to_bytes(8, "little") + part


def encoded(column: pa.ChunkedArray, *, numeric: bool) -> list[bytes]:
    """The framed canonical cell of each row, worked out once per distinct value."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not pa.types.is_string(array.type):
        array = array.cast(pa.string())
    spell: Callable[[str], str] = canonical_number if numeric else canonical_text
    encoded = pc.dictionary_encode(array)
    cells = [_cell(spell(text)) for text in encoded.dictionary.to_pylist()]
    cells.append(ABSENT)
    places = encoded.indices.fill_null(len(cells) - 1).to_pylist()
    return [cells[place] for place in places]


def _cell(text: str) -> bytes:
    return b"\x01" + framed(text.encode()) if text else ABSENT
