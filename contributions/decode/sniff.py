"""What kind of file is this, and in which encoding? The content decides, the name only breaks ties.

Encodings are tried in a fixed order over the WHOLE file, strictly: byte order mark, UTF-8, CP949
(the superset of EUC-KR that Korean spreadsheets still write). Nothing is ever replaced or skipped.
"""

from __future__ import annotations

import re
from collections import Counter

from contributions.decode.result import Encoding, Undecodable

PARQUET = b"PAR1"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLE = b"\xd0\xcf\x11\xe0"
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x1f\x8b", "GZIP"),
    (b"BZh", "BZIP2"),
    (b"\xfd7zXZ", "XZ"),
    (b"\x28\xb5\x2f\xfd", "ZSTD"),
    (b"7z\xbc\xaf", "7Z"),
    (b"Rar!", "RAR"),
    (b"SQLite format 3", "SQLite"),
    (b"\x7fELF", "ELF"),
    (b"ARROW1", "Arrow"),
)
MARKUP = re.compile(rb"\s*<(!doctype|!--|\?xml|[a-z][a-z0-9]*[\s/>])", re.IGNORECASE)
# Control characters that no table of text has: everything below space except TAB, LF, CR and the
# form feed, end-of-file and escape marks that old systems leave behind.
CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 12, 13, 26, 27))
NOISE_SAMPLE = 64 * 1024
NOISE_SHARE = 0.02


def refuse_foreign_formats(data: bytes) -> None:
    """Raise `file.not_a_table` for known formats that are no tables of text."""
    for signature, kind in SIGNATURES:
        if data.startswith(signature):
            raise Undecodable("file.not_a_table", kind=kind)
    if MARKUP.match(data.removeprefix(b"\xef\xbb\xbf"), 0, 512):
        raise Undecodable("file.not_a_table", kind="HTML/XML")


def is_noise(data: bytes) -> bool:
    """Do control characters make up more of the sample than any text would have?"""
    sample = data[:NOISE_SAMPLE]
    kept = sample.translate(None, CONTROLS)
    return len(sample) - len(kept) > NOISE_SHARE * len(sample)


def to_utf8(data: bytes) -> tuple[bytes, Encoding]:
    """The same text as UTF-8 without a byte order mark, and the encoding it came in.

    Raises `file.encoding` with the byte offset of the first offence, `file.truncated` when the
    file ends inside a character, `file.nul` when text holds NUL characters.
    """
    text, encoding = _decoded(data)
    if b"\x00" in text:
        if is_noise(text):
            raise Undecodable("file.not_a_table", kind="binary")
        raise Undecodable("file.nul", line=text.count(b"\n", 0, text.index(b"\x00")) + 1)
    return text, encoding


def _decoded(data: bytes) -> tuple[bytes, Encoding]:
    if data.startswith(b"\xef\xbb\xbf"):
        body = data[3:]
        try:
            body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _broken(body, error, ahead=3) from None
        return body, "utf-8-sig"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16").encode("utf-8"), "utf-16"
        except UnicodeDecodeError as error:
            raise _broken(data, error) from None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        in_utf8 = error
    else:
        return data, "utf-8"
    if is_noise(data):
        raise Undecodable("file.not_a_table", kind="binary")
    if _is_damaged_utf8(data, in_utf8):
        raise _broken(data, in_utf8)
    try:
        return data.decode("cp949").encode("utf-8"), "cp949"
    except UnicodeDecodeError as error:
        # The reading that got further is the one the sender meant.
        raise _broken(data, max(in_utf8, error, key=lambda each: each.start)) from None


def _is_damaged_utf8(data: bytes, error: UnicodeDecodeError) -> bool:
    """UTF-8 with a wound, rather than CP949: without this a torn file becomes another language.

    Real CP949 seldom yields a long run of valid UTF-8: most multibyte characters around the
    offence then fail to decode.
    """
    around = data[max(0, error.start - 4096) : error.start + 4096]
    lenient = around.decode("utf-8", errors="replace")
    wounds = lenient.count("\ufffd")
    multibyte = sum(1 for character in lenient if character > "\x7f") - wounds
    return multibyte > 4 * wounds


def _broken(data: bytes, error: UnicodeDecodeError, *, ahead: int = 0) -> Undecodable:
    ends_inside = error.reason in (
        "unexpected end of data",
        "truncated data",
        "incomplete multibyte sequence",
    )
    if ends_inside and error.end >= len(data):
        return Undecodable("file.truncated", encoding=error.encoding)
    return Undecodable("file.encoding", offset=error.start + ahead, encoding=error.encoding)


def delimiter_of(head: str, filename: str) -> str:
    """The separator of a delimited text: the candidate on whose number the most of its first lines
    agree, the header before all others. A tab wins in a file named .tsv, a comma wins ties.
    """
    lines = [_without_quoted(line) for line in head.splitlines()[:20] if line.strip()]
    if not lines:
        return ","
    order = "\t,;|" if filename.lower().endswith((".tsv", ".tab")) else ",;\t|"
    best, best_score = order[0], (0, False, 0)
    for candidate in order:
        counts = [line.count(candidate) for line in lines]
        in_header = counts[0] > 0
        # A title line above the header has no separator; then the lines below decide.
        below = Counter(filter(None, counts)).most_common(1)
        width = counts[0] or (below[0][0] if below else 0)
        score = (counts.count(width) if width else 0, in_header, width)
        if score > best_score:
            best, best_score = candidate, score
    return best


def _without_quoted(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)


def is_binary(data: bytes) -> bool:
    """Parquet, ZIP (with it XLSX) or XLS: formats that a parser of bytes has to unfold."""
    return data.startswith((PARQUET, *ZIP, OLE))
