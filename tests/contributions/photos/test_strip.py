from __future__ import annotations

import io
import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from contributions.photos import NotAPhoto, PhotoLimits, strip
from tests.contributions.photos import album

ALBUM = dict(album.album())
RICH = [name for name in ALBUM if b"trailer" in ALBUM[name]]
# What Pillow tells of a bare picture; dpi is its own default, where EXIF says nothing.
PICTURE_ONLY = {
    "jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "exif", "icc_profile",
    "progressive", "progression", "transparency", "loop", "background", "timestamp", "duration",
    "adobe", "adobe_transform",
}  # fmt: skip
WITHOUT_PIXELS = PhotoLimits(pixels_max=48 * 32 - 1)


@pytest.mark.parametrize("name", ALBUM)
def test_no_pixel_changes(name: str) -> None:
    stripped = strip(ALBUM[name], filename=name)
    assert album.pixels(stripped.data) == album.pixels(ALBUM[name])
    assert (stripped.width, stripped.height) == (48, 32)


@pytest.mark.parametrize("name", RICH)
def test_nothing_of_the_person_the_camera_or_the_place_is_left(name: str) -> None:
    stripped = strip(ALBUM[name])
    for secret in album.SECRETS:
        assert secret in ALBUM[name] + album.profile() + b"hong@example.com"
        assert secret not in stripped.data
        assert secret.decode().encode("utf-16-be") not in stripped.data
    with Image.open(io.BytesIO(stripped.data)) as image:
        assert dict(image.getexif()) == {0x0112: album.ROTATED}
        assert not image.getexif().get_ifd(0x8825)
        kept = set(image.info) - PICTURE_ONLY
        assert kept == set()
    assert {"exif", "trailer"} <= set(stripped.removed)


@pytest.mark.parametrize("name", RICH)
def test_colours_stay_the_same_under_the_reduced_profile(name: str) -> None:
    with Image.open(io.BytesIO(strip(ALBUM[name]).data)) as image:
        reduced = image.info["icc_profile"]
    assert b"mmod" not in reduced
    srgb = ImageCms.createProfile("sRGB")
    before = ImageCms.ImageCmsProfile(io.BytesIO(album.profile()))
    after = ImageCms.ImageCmsProfile(io.BytesIO(reduced))
    shown = [
        ImageCms.profileToProfile(album.picture(), profile, srgb) for profile in (before, after)
    ]
    assert shown[0] is not None
    assert shown[1] is not None
    assert shown[0].tobytes() == shown[1].tobytes()


def test_what_is_already_bare_stays_bare_and_stripping_twice_changes_nothing() -> None:
    for name, data in ALBUM.items():
        once = strip(data)
        again = strip(once.data)
        assert again.data == once.data, name
        assert again.orientation == once.orientation
        assert set(again.removed) <= {"exif"}
    assert strip(ALBUM["plain.png"]).removed == ()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
def test_the_way_up_is_kept_and_nothing_else_of_exif(orientation: int, order: str) -> None:
    mark = b"II*\0" if order == "<" else b"MM\0*"
    entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = mark + struct.pack(f"{order}IH", 8, 1) + entry + bytes(4)
    plain = album.jpeg(metadata=False)
    data = plain[:2] + album.segment(0xE1, b"Exif\0\0" + tiff) + plain[2:]
    stripped = strip(data)
    assert stripped.orientation == orientation
    with Image.open(io.BytesIO(stripped.data)) as image:
        assert image.getexif().get(0x0112, 1) == orientation
    assert (b"Exif" in stripped.data) == (orientation != 1)


@pytest.mark.parametrize("name", ALBUM)
def test_too_many_pixels_are_refused_from_the_header(name: str) -> None:
    with pytest.raises(NotAPhoto) as refused:
        strip(ALBUM[name], limits=WITHOUT_PIXELS)
    assert refused.value.rule == "photo.too_many_pixels"


def test_a_header_that_promises_a_gigapixel_is_refused_at_once() -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + album.chunk(b"IHDR", header) + bytes(10_000_000)
    started = time.process_time()
    with pytest.raises(NotAPhoto, match=r"photo\.too_many_pixels"):
        strip(bomb)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("filename", "rule"),
    [("photo.png", "photo.suffix"), ("photo.jpg.exe", "photo.suffix"), ("photo.JPG", "")],
)
def test_a_name_that_claims_another_format_is_refused(filename: str, rule: str) -> None:
    if not rule:
        assert strip(ALBUM["photo.jpg"], filename=filename).format == "jpeg"
        return
    with pytest.raises(NotAPhoto) as refused:
        strip(ALBUM["photo.jpg"], filename=filename)
    assert refused.value.rule == rule


@pytest.mark.parametrize(
    "smuggled", [b"PK\x03\x04", b"%PDF-1.7", b"<SCRIPT>", b"<?php", b"7z\xbc\xaf'\x1c"]
)
@pytest.mark.parametrize("name", ["plain.jpg", "plain.png", "plain.webp"])
def test_another_file_behind_the_picture_is_refused(name: str, smuggled: bytes) -> None:
    with pytest.raises(NotAPhoto, match=r"photo\.polyglot"):
        strip(ALBUM[name] + bytes(7) + smuggled + b" and so on")


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", b"%PDF-1.7", b"<svg xmlns='x'/>", b"PK\x03\x04", b"BM", b"\0\0\0\x18ftypheic"],
)
def test_what_is_no_photo_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPhoto, match=r"photo\.unknown_format"):
        strip(data)


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(NotAPhoto, match=r"photo\.too_large"):
        strip(ALBUM["photo.jpg"], limits=PhotoLimits(bytes_max=100))


def test_moving_pictures_are_no_photos() -> None:
    out = io.BytesIO()
    album.picture().save(
        out, "WEBP", save_all=True, append_images=[album.picture("L").convert("RGB")]
    )
    with pytest.raises(NotAPhoto, match=r"photo\.unusual"):
        strip(out.getvalue())


@pytest.mark.parametrize("name", ALBUM)
def test_a_torn_photo_is_refused_and_never_anything_else(name: str) -> None:
    whole = strip(ALBUM[name]).data
    for length in range(12, len(whole) - 1, 7):
        with pytest.raises(NotAPhoto):
            strip(whole[:length])


@settings(max_examples=300)
@given(st.sampled_from(sorted(ALBUM)), st.integers(0, 10**6), st.binary(min_size=1, max_size=6))
def test_damage_is_refused_or_harmless(name: str, place: int, noise: bytes) -> None:
    data = bytearray(ALBUM[name])
    place %= len(data)
    data[place : place + len(noise)] = noise
    try:
        stripped = strip(bytes(data))
    except NotAPhoto:
        return
    assert strip(stripped.data).data == stripped.data
