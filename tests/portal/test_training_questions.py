"""Kang stores the questions of a model on a page; nobody else finds it, and nobody reads them."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from rewards.models import TrainingQuestions
from tests import cast

pytestmark = pytest.mark.django_db
PAGE = "/en/console/questions/"
BODY = b"width,length,kind\n1,2,a\n3,4,b\n"


def send(client: Client, body: bytes) -> int:
    return client.post(PAGE, {"file": SimpleUploadedFile("q.csv", body)}).status_code


def test_kang_stores_questions_and_copies_their_hash(client: Client) -> None:
    cast.log_in(client, cast.kang())
    assert "No questions are stored yet" in client.get(PAGE).content.decode()
    assert send(client, BODY) == 302
    page = client.get(PAGE).content.decode()
    assert hashlib.sha256(BODY).hexdigest() in page
    assert "width, length, kind" in page


def test_what_cannot_be_asked_is_refused_with_a_reason(client: Client) -> None:
    cast.log_in(client, cast.kang())
    assert client.post(PAGE).status_code == 422
    for body in (b"", b"width\n", b"\xff\xfe"):
        assert send(client, body) == 422
    assert not TrainingQuestions.objects.exists()


def test_others_find_no_such_page(client: Client) -> None:
    for person in (cast.mina, cast.seo, cast.charlie):
        cast.log_in(client, person())
        assert client.get(PAGE).status_code == 404
        assert send(client, BODY) == 404
    assert not TrainingQuestions.objects.exists()
