"""ZIP archives, opened with suspicion: nothing is written to disk, every inflated byte is counted.

What a directory says about sizes is a claim. It is used to refuse early and never to allow.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from contributions.decode.result import Limits, Undecodable

PIECE_BYTES = 256 * 1024
MEMBERS_MAX = 2_000
#: Below this an archive may be as dense as it likes: a small table of zeros is no bomb.
RATIO_FROM_BYTES = 4 * 1024 * 1024
#: What macOS and Windows add to an archive unasked.
CLUTTER = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")
UNSAFE_NAME = re.compile(r"(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[A-Za-z]:|\x00")
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@contextmanager
def opened(data: bytes, kind: str) -> Iterator[zipfile.ZipFile]:
    """The archive, after its directory was examined. Raises `file.not_a_table` for a broken one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _examine(archive)
            yield archive
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        ValueError,
        OverflowError,
    ):
        raise Undecodable("file.not_a_table", kind=kind) from None


def _examine(archive: zipfile.ZipFile) -> None:
    infos = archive.infolist()
    if len(infos) > MEMBERS_MAX:
        raise Undecodable("file.archive_members", found=len(infos))
    names: set[str] = set()
    end = -1
    for info in sorted(infos, key=lambda each: each.header_offset):
        if UNSAFE_NAME.search(info.filename) or info.filename in names:
            raise Undecodable("file.archive_unsafe")
        # Members that share bytes are how a small archive is made to unfold without end.
        if info.header_offset < end:
            raise Undecodable("file.archive_unsafe")
        names.add(info.filename)
        end = info.header_offset + 30 + info.compress_size
        if info.flag_bits & 0x1:
            raise Undecodable("file.encrypted")
        if info.compress_type not in METHODS:
            raise Undecodable("file.archive_unsafe")


def inflate(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, *, bytes_max: int, limits: Limits
) -> bytes:
    """One member. Raises `file.too_large` or `file.bomb` while inflating, not after."""
    if info.file_size > bytes_max:
        raise Undecodable("file.too_large", limit=bytes_max)
    pieces: list[bytes] = []
    size = 0
    with archive.open(info) as member:
        while piece := member.read(PIECE_BYTES):
            size += len(piece)
            if size > bytes_max:
                raise Undecodable("file.too_large", limit=bytes_max)
            if size > RATIO_FROM_BYTES and size > limits.ratio_max * max(info.compress_size, 1):
                raise Undecodable("file.bomb", limit=limits.ratio_max)
            pieces.append(piece)
    return b"".join(pieces)


def is_spreadsheet(archive: zipfile.ZipFile) -> bool:
    """Does the archive hold the parts of an XLSX workbook?"""
    names = set(archive.namelist())
    return "[Content_Types].xml" in names and "xl/workbook.xml" in names


def other_office_format(archive: zipfile.ZipFile) -> str | None:
    """The name of a document format that is an archive too, and no table."""
    names = archive.namelist()
    if "[Content_Types].xml" in names:
        return "XLSB" if "xl/workbook.bin" in names else "DOCX/PPTX"
    return "ODS/HWPX/EPUB" if "mimetype" in names else None


def only_member(archive: zipfile.ZipFile, *, limits: Limits) -> tuple[str, bytes]:
    """Name and content of the one file in an archive; raises `file.archive_members` for others."""
    files = [
        info
        for info in archive.infolist()
        if not info.is_dir() and not CLUTTER.search(info.filename)
    ]
    if len(files) != 1:
        raise Undecodable("file.archive_members", found=len(files))
    body = inflate(archive, files[0], bytes_max=limits.bytes_max, limits=limits)
    return files[0].filename, body
