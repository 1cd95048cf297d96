"""Photos on the page of a contribution: a phone's camera, a plain form, nobody else's eyes."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from contributions.models import Contribution, Photo, State
from tests import cast
from tests.contributions.photos.album import SECRETS, jpeg
from tests.portal import city

pytestmark = pytest.mark.django_db


@pytest.fixture
def contribution(client: Client) -> Contribution:
    city.open_call()
    cast.log_in(client, cast.mina())
    return city.contribution_of(cast.mina())


def add(client: Client, contribution: Contribution, data: bytes, name: str = "a.jpg") -> object:
    sent = {"photo": SimpleUploadedFile(name, data, content_type="image/jpeg")}
    return client.post(f"/en/c/{contribution.receipt}/photos/", sent)


def test_the_form_opens_a_camera_and_shows_what_was_added(
    client: Client, contribution: Contribution
) -> None:
    address = f"/en/c/{contribution.receipt}/"
    form = client.get(address).content.decode()
    assert 'accept="image/jpeg,image/png,image/webp" capture="environment"' in form
    assert ">Add photos</label>" in form
    add(client, contribution, jpeg())
    photo = Photo.objects.get()
    page = client.get(address).content.decode()
    assert "The photo was added." in page
    assert f'src="{address}photos/{photo.id}"' in page
    picture = client.get(f"{address}photos/{photo.id}")
    assert picture["Content-Type"] == "image/jpeg"
    assert picture["X-Content-Type-Options"] == "nosniff"
    assert not any(secret in picture.content for secret in SECRETS)
    with translation.override("ko"):
        assert "사진 추가" in client.get(f"/c/{contribution.receipt}/").content.decode()


def test_what_is_no_photo_is_said_on_the_page(client: Client, contribution: Contribution) -> None:
    answer = add(client, contribution, b"<svg/>", "a.svg")
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "<title>Error: " in page
    assert '<a href="#photo">Photo 1: This is no JPEG, PNG or WebP photo.</a>' in page
    nothing = client.post(f"/en/c/{contribution.receipt}/photos/")
    assert nothing.status_code == 422
    assert not Photo.objects.exists()


def test_what_is_over_takes_no_photos(client: Client, contribution: Contribution) -> None:
    Contribution.objects.filter(id=contribution.id).update(
        state=State.FAILED, reason_rule="internal"
    )
    page = client.get(f"/en/c/{contribution.receipt}/").content.decode()
    assert 'name="photo"' not in page
    assert add(client, contribution, jpeg()).status_code == 422  # type: ignore[attr-defined]


def test_a_stranger_a_neighbour_and_a_foreign_page_are_refused(
    client: Client, contribution: Contribution
) -> None:
    add(client, contribution, jpeg())
    address = f"/en/c/{contribution.receipt}/photos/"
    path = f"{address}{Photo.objects.get().id}"
    neighbour = cast.log_in(Client(), cast.charlie())
    assert neighbour.get(path).status_code == 404
    assert neighbour.post(address).status_code == 404
    assert Client().get(path)["Location"].startswith("/en/login/")
    assert Client().post(address)["Location"].startswith("/en/login/")
    forged = cast.log_in(Client(enforce_csrf_checks=True), cast.mina())
    assert add(forged, contribution, jpeg()).status_code == 403  # type: ignore[attr-defined]
    assert Photo.objects.count() == 1
