"""Printed documents: a Typst template and data in, the same PDF bytes out, on every machine.

Only the fonts beside this file are used, no date of making is written, and data is handed over as
JSON, so nothing that a person has typed is ever read as markup. The files are tagged (PDF/UA-1):
give a title, a language and table headers in the template.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import typst

from dure.core.canonical import Json

_HERE: Final = Path(__file__).parent
FONTS: Final = _HERE / "fonts"
MISSING: Final = "□"
#: What every document begins with: ``data``, the font, the paper, the numbers of pages.
_HEAD: Final = (_HERE / "head.typ").read_text(encoding="utf-8")


class CannotPrint(RuntimeError):
    """The template does not fit the data; the message is the compiler's."""


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )


@cache
def _held() -> frozenset[str]:
    """The characters that both weights of the font can print, and line ends."""
    ranges = json.loads((FONTS / "coverage.json").read_text(encoding="utf-8"))
    points = (point for first, last in ranges for point in range(first, last + 1))
    return frozenset(map(chr, points)) | {"\n"}


def printable(value: Json) -> Json:
    """The data with an empty square for each character that the font cannot print."""
    if isinstance(value, str):
        held = _held()
        composed = unicodedata.normalize("NFC", value)
        return "".join(each if each in held else MISSING for each in composed)
    if isinstance(value, Mapping):
        return {name: printable(each) for name, each in value.items()}
    if isinstance(value, Sequence):
        return [printable(each) for each in value]
    return value


def compile_pdf(template: str, data: Json) -> bytes:
    """The PDF of a Typst template; ``data`` is what the template calls ``data``.

    ``data`` has at least ``title`` (text) and ``language`` ("ko" or "en"). The same template and
    data give the same bytes. Raises CannotPrint.
    """
    text = json.dumps(printable(data), ensure_ascii=False, sort_keys=True)
    try:
        made = typst.compile(  # type: ignore[call-overload]  # its stub wants one type for both
            f"{_HEAD}\n{template}".encode(),
            root=str(FONTS),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"data": text},
            format="pdf",
            pdf_standards="ua-1",
            timestamp=0,
        )
    except typst.TypstError as error:
        raise CannotPrint(str(error)) from error
    if not isinstance(made, bytes):
        raise CannotPrint("nothing was made")
    return made
