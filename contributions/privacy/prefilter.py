"""Which cells are worth a close look: linear-time expressions over whole Arrow columns.

They may say yes too often and never no to what a detector would find (a test holds them to that).
There are several because one union of them all would outgrow the automaton that makes RE2 fast: it
then runs twenty times slower. Gaps are unbounded here for the same reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from contributions.privacy.folding import COSTUME
from contributions.privacy.persons import ROLE
from contributions.privacy.traces import PLATE_LETTERS

GAP = r"[\s.\-_)/]{0,3}"
BANK_WORDS = (
    "은행|뱅크|계좌|국민|신한|우리|하나|농협|기업|새마을금고|수협|신협|우체국|SC제일|씨티|토스|입금"
    "|(?i:bank)|(?i:account)"
)
# Words that announce something, and forms with few digits.
ANNOUNCED = (
    "|".join(
        (
            r"여권|면허|생년월일|생일|출생|(?i:passport|licen[cs]e|birth|dob|born|imei|adid|idfa|gaid)|단말|광고",
            rf"({BANK_WORDS})[^0-9]*[0-9]|[0-9]{{2}}[^0-9]*({BANK_WORDS})",
            r"(전화|연락|휴대|핸드폰|폰|☎|(?i:tel|phone|mobile|call))[^0-9]*[0-9]",
            r"@|골뱅이|\(at\)|\[at\]",
            rf"[0-9]{{2}}\s?[{PLATE_LETTERS}]\s?[0-9]{{4}}",
            # A flat stands behind its street, its block or its village; a document does not.
            r"(?s:[로길동읍면리].*[0-9]호)",
            r"[0-9.일] ?생",
        )
    ),
    "|".join(
        (
            r"성명|이름|성함|담당|(고객|환자|회원|선생)님|[가-힣] ?(님|씨|주무관|귀하)",
            rf"({ROLE})",
            r"(?i:name|contact person|applicant|guardian) ?(?i:[:=]|is)|(Mr|Mrs|Ms|Miss|Dr)[. ]",
            r"(자택|거주|집|사는|주소지|본가|(?i:home|liv(es?|ing) |my house|resid)).*[0-9]",
            r"-(ro|daero|gil)[ ,]",
        )
    ),
    "|".join(
        (
            r"([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}|(?i:mac)|맥 ?주소",
            r"([0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}|(?i:iban)|뒷자리",
            r"[0-9A-Fa-f]:[0-9A-Fa-f]*:[0-9A-Fa-f]*:",
            r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
            r"[0-9]{6}[^0-9A-Za-z가-힣]{1,3}[0-9]?[*xX●○#•]{5}",
            r"[OoIl][0-9]|[0-9][OoIl]",
            COSTUME,
        )
    ),
)
# What none of the above is in: it has no letter, no sign but one, and at most one point.
BARE_NUMBER = r"^-?[0-9]+\.?[0-9]*$"
# Everything below has at least nine digits; most cells have not.
DIGITS = 9
NINE_DIGITS = r"([0-9][^0-9]*){9}"
NUMBERS = (
    r"[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[^0-9A-Za-z가-힣]{0,3}[0-9][0-9*xX●○#•]{6}",
    "|".join(
        (
            rf"[0-9]{{4}}{GAP}[0-9]{{4}}{GAP}[0-9]{{4}}{GAP}[0-9]",
            rf"3[0-9]{{3}}{GAP}[0-9]{{6}}{GAP}[0-9]{{4}}",
            r"[0-9]{2}-[0-9]{6}-[0-9]{2}",
            r"[0-9]{3}-[0-9]{2}-[0-9]{5}",
            r"[0-9] [0-9] [0-9] [0-9]|[0-9]-[0-9]-[0-9]-[0-9]|[0-9]\.[0-9]\.[0-9]\.[0-9]",
        )
    ),
    "|".join(
        (
            rf"01[016789]{GAP}[0-9]{{3,4}}{GAP}[0-9]{{4}}",
            r"0[2-7][0-9]?[0-9]?[)\-.]\s?[0-9]{3,4}[\-.][0-9]{4}",
            rf"82[ \-.]{{0,2}}\(?0?\)?[ \-.]?[1-7][0-9]{{0,2}}{GAP}[0-9]{{3,4}}[ .\-]?[0-9]{{4}}",
        )
    ),
)
# A number without words has to have a form of its own, and no longer run of digits is one: beside
# each kind of it, what it never is without.
#: Digits and signs, behind the letters of a code. Not among them: words that announce something,
#: and digits that were spread out or typed as letters, because what is folded is read by all.
SILENT = r"^[A-Za-z]{0,8}[0-9 .,_/:;()+\-]+$"
LETTERED = r"^[A-Za-z]"
LOUD = (
    r"(?i:jumin|rrn|resid|frn|alien|foreign|arc|passport|licen[cs]e|card|visa|master|amex|account"
    r"|bank|iban|tel|phone|mobile|call|imei|adid|idfa|gaid|advert|ip|mac|home|house|liv|birth|dob"
    r"|born|back|name|person|applicant|guardian|mr|ms|miss|dr)"
    r"|[OoIl][ .\-_/]{0,3}[0-9]|[0-9][ .\-_/]{0,3}[OoIl]"
)
SPREAD = r"[0-9](( - |[ .\-])[0-9]){8}"
FROM, UPTO = r"(^|[^0-9])", r"([^0-9]|$)"
PARTED = r"[ .\-_/]{1,3}"
#: How the number of any card begins (`checksums.card_issuer`).
ISSUER = r"([49][0-9]|5[1-5]|2[2-7]|3[0-8]|6[0-5])"
REGISTRATION = (
    FROM + r"[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[^0-9A-Za-z가-힣]{0,3}[0-9]{7}" + UPTO
)
CARD = (
    FROM
    + rf"({ISSUER}[0-9]{{2}}([0-9]{{10,12}}|({PARTED}[0-9]{{4}}){{2}}{PARTED}[0-9]{{2,7}})"
    + rf"|62[0-9]{{15,17}}|3[0-9]{{3}}{PARTED}[0-9]{{6}}{PARTED}[0-9]{{4,5}})"
    + UPTO
)
LICENCE = r"[0-9]{2}-[0-9]{6}-[0-9]{2}"
PHONE = (
    FROM
    + rf"(01[016789]{GAP}[0-9]{{3,4}}{GAP}[0-9]{{4}}"
    + r"|0[2-7][0-9]?[0-9]?[)\-.] ?[0-9]{3,4}[\-.][0-9]{4}"
    + r"|(00)?82[ \-.]{0,2}\(?0?\)?[ \-.]?[1-7][0-9]{0,2}"
    + rf"{GAP}[0-9]{{3,4}}[ .\-]?[0-9]{{4}})"
    + UPTO
)
BUSINESS = r"[0-9]{3}-[0-9]{2}-[0-9]{5}"
NETWORK = (
    r"([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]|([0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}"
    r"|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f]*:"
    r"|[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]"
)
#: Of a bare number the signs of the others are not in it.
BARE_FORMS = (REGISTRATION, CARD, PHONE)
SILENT_FORMS = (REGISTRATION, CARD, LICENCE, PHONE, BUSINESS)
# 20261012143000, and with fractions: too long for a registration, no card begins so.
MOMENT = (
    r"^(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]"
    r"(\.?[0-9]{3})?$"
)
MOMENT_LENGTH = 14
#: Columns of up to so many cells are searched one by one.
FEW_CELLS = 128
SHORTEST = 3  # characters of the shortest finding, a name with its title: 김현님
# Of so many first cells at most such a share are different texts: then the column repeats itself.
SAMPLE, FEW_DISTINCT = 4_096, 0.1
# Cells that are nothing but one ordinary number or address need no further reading.
PLAIN_PHONE = r"^01[016789]-?[0-9]{3,4}-?[0-9]{4}$"
PLAIN_EMAIL = r"^[A-Za-z][A-Za-z._]*[0-9]{0,5}@[A-Za-z][A-Za-z0-9\-]*(\.[A-Za-z][A-Za-z\-]*)+$"


Flags = npt.NDArray[np.bool_]


def worth_reading_of(tables: Sequence[pa.Table]) -> list[list[Flags]]:
    """`worth_reading` of every column of small tables, all cells at once.

    Making an expression ready takes longer than reading a thousand cells with it, so many small
    columns are read as a single long one. Per table the flags of its columns, in their order.
    """
    columns = [column.combine_chunks() for table in tables for column in table.columns]
    if not columns:
        return [[] for _table in tables]
    whole = _worth_reading(pa.concat_arrays([_one_array(column) for column in columns]))
    parts = iter(np.split(whole, np.cumsum([len(column) for column in columns])[:-1]))
    return [[next(parts) for _column in table.columns] for table in tables]


def _one_array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks else pa.array([], pa.string())
    return column.cast(pa.string())


def worth_reading(column: pa.Array) -> Flags:
    """One flag per cell, False for null."""
    sample = column.slice(0, SAMPLE)
    if len(column) > SAMPLE and len(sample.unique()) <= SAMPLE * FEW_DISTINCT:
        # The same few texts again and again: each is looked at once.
        encoded = column.dictionary_encode()
        flags = np.append(_worth_reading(encoded.dictionary), False)
        codes: npt.NDArray[np.int32] = encoded.indices.fill_null(len(flags) - 1).to_numpy()
        return flags[codes]
    return _worth_reading(column)


def _worth_reading(column: pa.Array) -> Flags:
    flags = np.zeros(len(column), np.bool_)
    longest = pc.max(pc.utf8_length(column)).as_py()
    if longest is None or longest < SHORTEST:
        return flags
    if longest >= MOMENT_LENGTH:
        other = np.nonzero(~matching(column, MOMENT))[0]
        if len(other) < len(column):
            flags[other] = _worth_reading(column.take(pa.array(other)))
            return flags
    # Most cells of city data are bare numbers, and of what is announced by words they hold nothing.
    bare = matching(column, BARE_NUMBER)
    lengths = pc.fill_null(pc.binary_length(column), 0).to_numpy()
    _add(flags, column, bare & (lengths >= DIGITS), BARE_FORMS)
    if bare.all():
        return flags
    quiet = np.zeros(len(column), np.bool_)
    others = np.nonzero(~bare)[0]
    quiet[others] = silent(_taken(column, others))
    _add(flags, column, quiet, (NETWORK,))
    _add(flags, column, quiet & (lengths >= DIGITS), SILENT_FORMS)
    spoken = ~bare & ~quiet
    _add(flags, column, spoken, ANNOUNCED)
    many = spoken & (lengths >= DIGITS) & ~flags
    left = np.nonzero(many)[0]
    many[left] = matching(_taken(column, left), NINE_DIGITS)
    _add(flags, column, many, NUMBERS)
    return flags


def silent(column: pa.Array) -> Flags:
    """Cells without a word: what is in them they have to be by their own form."""
    flags = matching(column, SILENT) & ~matching(column, SPREAD)
    lettered = np.nonzero(flags)[0]
    lettered = lettered[matching(_taken(column, lettered), LETTERED)]
    if len(lettered):
        flags[lettered] = ~matching(_taken(column, lettered), LOUD)
    return flags


def _add(flags: Flags, column: pa.Array, among: Flags, patterns: Sequence[str]) -> None:
    """Flag those cells of some that hold any of the patterns."""
    places = np.nonzero(among)[0]
    if len(places):
        cells = _taken(column, places)
        for pattern in patterns:
            flags[places] |= matching(cells, pattern)


def _taken(column: pa.Array, places: npt.NDArray[np.int64]) -> pa.Array:
    return column if len(places) == len(column) else column.take(pa.array(places))


def matching(column: pa.Array, pattern: str) -> Flags:
    """Rows in which the pattern is found; null is no.

    RE2 makes its automaton anew for each column, which a few cells never earn back: these are
    searched with the standard library, which keeps what it made.
    """
    if len(column) <= FEW_CELLS:
        search = _kept(pattern).search
        texts = column.to_pylist()
        return np.array([text is not None and search(text) is not None for text in texts], np.bool_)
    found = pc.fill_null(pc.match_substring_regex(column, pattern), False)
    return np.array(found.to_numpy(zero_copy_only=False), dtype=np.bool_)


@lru_cache(maxsize=64)
def _kept(pattern: str) -> re.Pattern[str]:
    """The pattern as the standard library writes it: code points, and the end of the text."""
    written = re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda found: f"\\U{int(found[1], 16):08x}", pattern)
    return re.compile(re.sub(r"\$$", r"\\Z", written))
