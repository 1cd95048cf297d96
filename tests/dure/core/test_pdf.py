"""Printed documents: the same bytes again, the project's own font, and data that stays data."""

from __future__ import annotations

import re
import zlib

import pytest

from dure.core.canonical import Json
from dure.core.pdf import MISSING, CannotPrint, compile_pdf, printable

TEMPLATE = """
#heading(level: 1, data.title)
#table(columns: 2, table.header([A], [B]), ..data.rows.flatten())
"""


def document(**changes: Json) -> dict[str, Json]:
    return {"title": "명세", "language": "ko", "rows": [["가", "1"]], **changes}


def inside(content: bytes) -> bytes:
    """The file with its compressed parts opened."""
    parts = [content]
    for match in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            parts.append(zlib.decompress(match[1]))
        except zlib.error:
            continue
    return b"\n".join(parts)


def test_the_same_document_gives_the_same_bytes() -> None:
    made = compile_pdf(TEMPLATE, document())
    assert made.startswith(b"%PDF-")
    assert made == compile_pdf(TEMPLATE, dict(reversed(document().items())))
    assert made != compile_pdf(TEMPLATE, document(title="다른 명세"))


def test_only_the_projects_own_font_is_in_it() -> None:
    fonts = set(
        re.findall(rb"/BaseFont\s*/[A-Z]{6}\+([\w-]+)", inside(compile_pdf(TEMPLATE, document())))
    )
    assert fonts
    assert all(font.startswith(b"Dure-Sans") for font in fonts)


def test_what_a_person_has_typed_is_never_read_as_markup() -> None:
    typed: Json = [['#read("/etc/passwd")', "*x* $1$ ` @a <b> \\ // "], ["#panic()", "]"]]
    assert compile_pdf(TEMPLATE, document(rows=typed)).startswith(b"%PDF-")


def test_what_the_font_cannot_print_is_an_empty_square() -> None:
    assert printable({"a": ["金 뷁", 1, None]}) == {"a": [f"{MISSING} 뷁", 1, None]}
    assert printable("\u1112\u1161\u11ab") == "한"
    assert compile_pdf(TEMPLATE, document(title="金😀\x00"))


def test_a_template_that_does_not_fit_says_so() -> None:
    with pytest.raises(CannotPrint):
        compile_pdf("#data.nothing", document())
    with pytest.raises(CannotPrint):
        compile_pdf('#read("../../../settings.py")', document())
