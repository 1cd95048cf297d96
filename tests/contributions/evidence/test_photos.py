"""Photographs stand beside a contribution without their story, and go when it goes."""

from __future__ import annotations

import io
import json
import tempfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from PIL import Image

from contributions.evidence.services import SentPhoto, add_photos, commitment
from contributions.holder import ContributionsHolder
from contributions.integrity import photos_check
from contributions.models import Contribution, Photo
from contributions.pipeline.stages import check
from contributions.pipeline.sweep import purge_leftovers
from contributions.withdrawal.services import withdraw
from dure.core.blobs import path_of, read
from dure.core.clock import now
from dure.core.models import Blob
from governance.models import AccessNote, LogEntry
from governance.registries import integrity_checks
from tests.cast import actor, api, charlie, hana, kang, mina
from tests.contributions.photos.album import SECRETS, chunk, jpeg, picture, png, webp
from tests.contributions.seoul import handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)

GPS = 0x8825


@pytest.fixture
def made() -> Contribution:
    published()
    return handed_in(mina(), twenty_rows())


def photo_file(data: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="image/jpeg")


def send(made: Contribution, *files: SimpleUploadedFile, person: Any = None, **headers: str) -> Any:
    return api(person or mina()).post(
        f"/api/v1/contributions/{made.receipt}/photos/",
        {"photo": list(files)},
        format="multipart",
        headers=headers,
    )


def with_place() -> bytes:
    """A photo as a telephone takes it, with the place it was taken at, above what forms spool."""
    image = Image.effect_noise((1600, 1200), 90).convert("RGB")
    exif = image.getexif()
    exif.get_ifd(GPS).update({1: "N", 2: (37.0, 39.0, 12.0), 3: "E", 4: (127.0, 4.0, 33.0)})
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, exif=exif)
    assert Image.open(io.BytesIO(out.getvalue())).getexif().get_ifd(GPS)
    return out.getvalue()


def test_photos_are_kept_without_what_they_told(made: Contribution) -> None:
    sent = [photo_file(jpeg()), photo_file(png(), "a.png"), photo_file(webp(), "a.webp")]
    answer = send(made, *sent)
    assert answer.status_code == 201
    documents = answer.json()
    assert [each["format"] for each in documents] == ["jpeg", "png", "webp"]
    assert [(each["width"], each["height"]) for each in documents] == [(48, 32)] * 3
    address = f"/api/v1/contributions/{made.receipt}/photos/"
    assert api(mina()).get(address).json() == documents
    for document in documents:
        picture_ = api(mina()).get(address + document["id"])
        assert picture_["Content-Type"] == f"image/{document['format']}"
        assert picture_["Cache-Control"] == "private, no-store"
        assert len(picture_.content) == document["size"]
        assert not any(secret in picture_.content for secret in SECRETS)


def test_the_place_is_gone_and_the_original_was_never_on_a_disk(
    made: Contribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a temporary file was opened")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", refuse)
    original = with_place()
    assert len(original) > 1024 * 1024, "or the form would never spool it"
    answer = send(made, photo_file(original))
    assert answer.status_code == 201
    stored = read(Photo.objects.get().blob)
    image = Image.open(io.BytesIO(stored))
    assert not image.getexif().get_ifd(GPS)
    assert image.tobytes() == Image.open(io.BytesIO(original)).tobytes(), "no pixel changed"
    on_disk = path_of(Photo.objects.get().blob_id).read_bytes()
    assert stored[100:200] not in on_disk, "encrypted"


def test_adding_is_logged_by_a_commitment_that_only_its_holder_can_open(made: Contribution) -> None:
    send(made, photo_file(jpeg()))
    photo = Photo.objects.get()
    entry = LogEntry.objects.get(kind="contribution.photo_added")
    assert entry.id == photo.log_entry
    leaf = bytes(entry.body).decode()
    assert json.loads(leaf)["payload"] == {
        "receipt": made.receipt,
        "content": commitment(photo),
    }
    assert photo.sha256 not in leaf


def test_the_same_photo_and_the_same_key_add_nothing(made: Contribution) -> None:
    photo = jpeg()  # once: its colour profile says the second in which it was made
    first = send(made, photo_file(photo), idempotency_key="k").json()
    assert send(made, photo_file(photo), idempotency_key="k").json() == first
    assert send(made, photo_file(photo)).json() == first
    assert send(made, photo_file(png(), "a.png"), idempotency_key="k").status_code == 422
    assert Photo.objects.count() == 1


def bomb_of_pixels() -> bytes:
    header = (30_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "name", "rule"),
    [
        (bomb_of_pixels(), "a.png", "photo.too_many_pixels"),
        (b"<svg onload='alert(1)'/>", "a.svg", "photo.unknown_format"),
        (b"GIF89a" + bytes(40), "a.gif", "photo.unknown_format"),
        (jpeg(), "a.png", "photo.suffix"),
        (jpeg()[:300], "a.jpg", "photo.truncated"),
        (jpeg(metadata=False) + b"PK\x03\x04 an archive", "a.jpg", "photo.polyglot"),
        (jpeg(metadata=False) + b"<script>alert(1)</script>", "a.jpg", "photo.polyglot"),
        (b"\xff\xd8\xff" + b"\xff" * 500, "a.jpg", "photo.truncated"),
        (b"RIFF\xff\xff\xff\xffWEBP", "a.webp", "photo.truncated"),
        (b"", "a.jpg", "photo.unknown_format"),
    ],
)
def test_what_is_no_photo_is_refused_before_anybody_decodes_it(
    data: bytes, name: str, rule: str, made: Contribution
) -> None:
    # A photo that is fine does not get in beside one that is not.
    sound = SentPhoto(jpeg())
    with pytest.raises(Exception, match="photo-refused") as caught:
        add_photos(acting=actor(mina()), receipt=made.receipt, sent=[sound, SentPhoto(data, name)])
    assert [each.code for each in caught.value.errors] == [rule]  # type: ignore[attr-defined]
    if data:
        answer = send(made, photo_file(data, name))
        assert answer.status_code == 422
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["errors"][0]["code"] == rule
    assert not Photo.objects.exists()


def test_size_and_number_have_limits(made: Contribution, settings: Any) -> None:
    settings.PHOTO_SIZE_MAX = len(jpeg()) - 1
    assert send(made, photo_file(jpeg())).json()["errors"][0]["code"] == "photo.too_large"
    settings.PHOTO_SIZE_MAX, settings.PHOTOS_MAX = 10**6, 2
    assert send(made, photo_file(jpeg()), photo_file(png(), "a.png")).status_code == 201
    answer = send(made, photo_file(webp(), "a.webp"))
    assert (answer.status_code, answer.json()["type"]) == (
        422,
        "/developers/errors/photos-too-many/",
    )
    settings.PHOTO_REQUEST_MAX = 100
    assert send(made, photo_file(jpeg(picture("L")))).status_code == 413
    assert send(made).status_code == 422
    assert Photo.objects.count() == 2


def test_a_stranger_and_neighbours_neither_add_nor_see_photos(made: Contribution) -> None:
    photo = send(made, photo_file(jpeg())).json()[0]
    address = f"/api/v1/contributions/{made.receipt}/photos/"
    for neighbour in (charlie(), hana()):
        assert api(neighbour).get(address).status_code == 404
        assert api(neighbour).get(address + photo["id"]).status_code == 404
        assert send(made, photo_file(png(), "a.png"), person=neighbour).status_code == 404
    for path in (address, address + photo["id"]):
        assert api().get(path).status_code == 401
    assert api().post(address, {"photo": photo_file(jpeg())}, format="multipart").status_code == 401
    assert not AccessNote.objects.exists(), "who saw nothing has looked at nothing"
    assert Photo.objects.count() == 1


def test_an_operator_looks_and_the_owner_can_read_that(made: Contribution) -> None:
    photo = send(made, photo_file(jpeg())).json()[0]
    address = f"/api/v1/contributions/{made.receipt}/photos/{photo['id']}"
    assert api(kang()).get(address).status_code == 200
    note = AccessNote.objects.get()
    assert (note.party_id, note.what, note.why) == (mina().party_id, "photo", "review")
    assert send(made, photo_file(png(), "a.png"), person=kang()).status_code == 404
    assert api(mina()).get(address).status_code == 200
    assert AccessNote.objects.count() == 1


def test_another_contribution_does_not_lead_to_the_photo(made: Contribution) -> None:
    photo = send(made, photo_file(jpeg())).json()[0]
    other = handed_in(mina(), twenty_rows("20261102"))
    assert (
        api(mina()).get(f"/api/v1/contributions/{other.receipt}/photos/{photo['id']}").status_code
        == 404
    )


def test_photos_outlive_acceptance_and_go_with_withdrawal(made: Contribution) -> None:
    send(made, photo_file(jpeg()))
    assert check(made.id).state == "accepted"
    purge_leftovers()
    blob = Photo.objects.get().blob
    assert read(blob)
    withdraw(acting=actor(mina()), receipt=made.receipt)
    blob.refresh_from_db()
    assert blob.purged_at is not None
    assert not path_of(blob.id).exists()
    assert api(mina()).get(f"/api/v1/contributions/{made.receipt}/photos/").json() == []
    assert send(made, photo_file(jpeg())).status_code == 409
    with pytest.raises(DatabaseError, match="takes no photo"), transaction.atomic():
        Photo.objects.create(
            contribution_id=made.id, blob=blob, format="jpeg", width=1, height=1, size=1,
            sha256="0" * 64, added_at=now(), log_entry=made.log_entry,
        )  # fmt: skip


def test_the_files_of_a_purge_that_did_not_happen_are_swept(made: Contribution) -> None:
    send(made, photo_file(jpeg()))
    Contribution.objects.filter(id=made.id).update(state="withdrawn", reason_rule="test")
    assert purge_leftovers() == 2, "the file as sent, and the photo"
    assert not Blob.objects.filter(purged_at=None).exists()


def test_photos_are_taken_out_and_erasure_leaves_nothing(made: Contribution) -> None:
    document = send(made, photo_file(jpeg())).json()[0]
    export = ContributionsHolder().export(mina().party_id)
    assert isinstance(export, dict)
    assert export["photos"] == [{"contribution": made.receipt, **document}]
    blob = Photo.objects.get().blob
    for _twice in range(2):
        ContributionsHolder().erase(mina().party_id)
    assert not Photo.objects.exists()
    assert not path_of(blob.id).exists()
    assert not Blob.objects.filter(owner=mina().party_id, purged_at=None).exists()


def test_a_photo_stands_and_integrity_notices_one_that_is_gone(made: Contribution) -> None:
    send(made, photo_file(jpeg()))
    check(made.id)
    with pytest.raises(DatabaseError, match="stands as it was added"), transaction.atomic():
        Photo.objects.update(width=1)
    assert integrity_checks.get("photos") is photos_check
    assert photos_check() == {"ok": True, "changed": 0, "gone": 0}
    path_of(Photo.objects.get().blob_id).unlink()
    assert photos_check() == {"ok": False, "changed": 0, "gone": 1}
