"""Cells that a spreadsheet would run as a formula, made into text before they leave as CSV or XLSX.

Spreadsheets evaluate what begins with = + - or @, also behind blanks, tabs and line ends, and in
full-width forms, which some of them fold while importing (OWASP, "CSV Injection").
"""

from __future__ import annotations

import re
import unicodedata

MARKS = "=+-@"
#: Characters that importers drop at the start of a cell.
SKIPPED = " \n\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def neutralise(text: str) -> str:
    """`text`, with an apostrophe in front where a spreadsheet would take it for a formula.

    Numbers stay numbers, also negative ones. A text that was neutralised stays as it is.
    """
    if not text or NUMBER.fullmatch(text):
        return text
    if text[0] in "\t\r":
        return "'" + text
    start = text.lstrip(SKIPPED)[:1]
    # NFKC folds the full-width and small forms onto the plain marks.
    if start in ("\t", "\r") or (start and unicodedata.normalize("NFKC", start) in MARKS):
        return "'" + text
    return text
