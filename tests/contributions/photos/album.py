"""Photographs that know too much: each with everything that telephones and programs write."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator

from PIL import Image, ImageCms, PngImagePlugin

SECRETS = (b"Gil-dong", b"SERIAL-4711", b"Nowon home", b"hong@example.com", b"Hong's monitor")
ROTATED = 6


def picture(mode: str = "RGB") -> Image.Image:
    image = Image.new("RGB", (48, 32))
    image.putdata([(x * 5 % 256, y * 7 % 256, (x * y) % 256) for y in range(32) for x in range(48)])
    return image.convert(mode)


def exif(orientation: int = ROTATED) -> bytes:
    """Owner, serial number and place; the place as rationals, which no search for text finds."""
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x013B] = "Gil-dong"
    block[0xA431] = "SERIAL-4711"
    place = block.get_ifd(0x8825)
    place[1], place[2] = "N", (37.0, 39.0, 15.123)
    place[3], place[4] = "E", (127.0, 3.0, 24.456)
    return block.tobytes()


def profile() -> bytes:
    """A real colour profile that also carries the name of its owner's monitor."""
    colours = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    (count,) = struct.unpack_from(">I", colours, 128)
    table, body = colours[132 : 132 + 12 * count], colours[132 + 12 * count :]
    private = b"text\0\0\0\0Hong's monitor\0\0"
    moved = b"".join(
        struct.pack(">4sII", name, start + 12, size)
        for name, start, size in struct.iter_unpack(">4sII", table)
    )
    entry = struct.pack(">4sII", b"mmod", len(colours) + 12, len(private))
    whole = colours[4:128] + struct.pack(">I", count + 1) + moved + entry + body + private
    return struct.pack(">I", len(whole) + 4) + whole


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg(
    image: Image.Image | None = None, *, progressive: bool = False, metadata: bool = True
) -> bytes:
    out = io.BytesIO()
    extra = {"exif": exif(), "icc_profile": profile(), "comment": b"Nowon home"} if metadata else {}
    (image or picture()).save(out, "JPEG", quality=90, progressive=progressive, **extra)
    data = out.getvalue()
    if not metadata:
        return data
    written = (
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>hong@example.com</x:xmpmeta>")
        + segment(0xED, b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x0aGil-dong  ")
        + segment(0xE2, b"MPF\0II*\0SERIAL-4711")
        + segment(0xEB, b"private SERIAL-4711")
    )
    return data[:2] + written + data[2:] + b"Nowon home trailer" + b"\0\0\0\x18ftypmp42"


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(image: Image.Image | None = None, *, metadata: bool = True) -> bytes:
    out = io.BytesIO()
    extra = {}
    if metadata:
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Author", "Gil-dong")
        texts.add_itxt("XML:com.adobe.xmp", "hong@example.com", zip=True)
        extra = {"pnginfo": texts, "exif": exif(), "icc_profile": profile(), "dpi": (300, 300)}
    (image or picture()).save(out, "PNG", **extra)
    data = out.getvalue()
    if not metadata:
        return data
    private = chunk(b"tIME", b"\x07\xea\x0b\x16\x0c\0\0") + chunk(b"prVt", b"SERIAL-4711")
    return data[:33] + private + data[33:] + b"Nowon home trailer"


def webp(
    image: Image.Image | None = None, *, metadata: bool = True, lossless: bool = False
) -> bytes:
    out = io.BytesIO()
    extra = {}
    if metadata:
        extra = {"exif": exif(), "icc_profile": profile(), "xmp": b"<x>hong@example.com</x>"}
    (image or picture()).save(out, "WEBP", lossless=lossless, **extra)
    return out.getvalue() + (b"Nowon home trailer" if metadata else b"")


def album() -> Iterator[tuple[str, bytes]]:
    yield "photo.jpg", jpeg()
    yield "progressive.jpeg", jpeg(progressive=True)
    yield "grey.jpg", jpeg(picture("L"))
    yield "print.jpg", jpeg(picture("CMYK"), metadata=False)
    yield "plain.jpg", jpeg(metadata=False)
    yield "photo.png", png()
    yield "palette.png", png(picture("P"))
    yield "transparent.png", png(picture("RGBA"))
    yield "plain.png", png(metadata=False)
    yield "photo.webp", webp()
    yield "lossless.webp", webp(picture("RGBA"), lossless=True)
    yield "plain.webp", webp(metadata=False)


def pixels(data: bytes) -> tuple[str, tuple[int, int], bytes]:
    with warnings.catch_warnings():
        # The second picture that the album's block announces is not there.
        warnings.filterwarnings("ignore", "Image appears to be a malformed MPO file")
        image = Image.open(io.BytesIO(data))
    with image:
        image.load()
        return image.mode, image.size, image.tobytes()
