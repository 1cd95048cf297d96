"""Files that arrive in pieces: any tus client, any interruption, nobody else's upload."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, UnreadablePostError
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rest_framework.test import APIClient
from tusclient.client import TusClient
from tusclient.exceptions import TusUploadFailed

from contributions.api import uploads as uploads_api
from contributions.holder import ContributionsHolder
from contributions.models import Contribution, Upload, UploadPart
from contributions.pipeline.stages import check
from contributions.uploads import tus
from contributions.uploads.assembled import assembled
from contributions.uploads.services import sweep_uploads
from dure.accounts.api_key_services import issue_api_key
from dure.core.blobs import path_of
from dure.core.clock import now
from dure.core.models import Blob
from tests.cast import actor, api, charlie, hana, hanbit, mina
from tests.contributions.seoul import published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "/api/v1/uploads/"


DATA = twenty_rows()
PIECE = "application/offset+octet-stream"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def begun(client: APIClient, length: int = len(DATA), said: Mapping[str, str] | None = None) -> Any:
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(length),
        "Upload-Metadata": f"filename {encoded('대기.csv')},filetype {encoded('text/csv')}",
        **(said or {}),
    }
    return client.post(ADDRESS, headers=headers)


def patch(client: APIClient, where: str, offset: int, data: bytes, **headers: str) -> Any:
    said = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)}
    said.update({name.replace("_", "-"): value for name, value in headers.items()})
    return client.generic("PATCH", where, cast("Any", data), content_type=PIECE, headers=said)


def head(client: APIClient, where: str) -> Any:
    return client.head(where, headers={"Tus-Resumable": "1.0.0"})


def arrived() -> bytes:
    return assembled(Upload.objects.get()).read()


def hand_in(client: APIClient, where: str, **headers: str) -> Any:
    upload = where.rstrip("/").rpartition("/")[2]
    return client.post(
        f"/api/v1/contributions/?upload={upload}&call=air-daily&purpose=city-ai", headers=headers
    )


def test_what_the_server_can_do_is_said_to_anybody() -> None:
    answer = api().options(ADDRESS)
    assert answer.status_code == 204
    assert answer["Tus-Version"] == answer["Tus-Resumable"] == "1.0.0"
    assert answer["Tus-Extension"] == "creation,checksum,termination,expiration"
    assert "sha1" in answer["Tus-Checksum-Algorithm"]
    assert answer["Tus-Max-Size"] == str(200 * 1024 * 1024)


def test_tuspy_uploads_and_what_it_sent_becomes_a_contribution(live_server: Any) -> None:
    published()
    _key, secret = issue_api_key(acting=actor(mina()), person=mina())
    client = TusClient(live_server.url + ADDRESS, {"Authorization": f"Bearer {secret}"})
    data = twenty_rows() * 40
    uploader = client.uploader(
        file_stream=io.BytesIO(data),
        chunk_size=1000,
        metadata={"filename": "air.csv", "filetype": "text/csv"},
        upload_checksum=True,
    )
    uploader.upload(stop_at=7000)
    assert Upload.objects.get().offset == 7000
    resumed = client.uploader(file_stream=io.BytesIO(data), url=uploader.url, chunk_size=3333)
    assert resumed.offset == 7000
    resumed.upload()
    assert arrived() == data
    answer = hand_in(api(mina()), str(uploader.url))
    assert answer.status_code == 202
    made = Contribution.objects.get()
    assert (made.filename, made.content_type) == ("air.csv", "text/csv")
    stranger = TusClient(live_server.url + ADDRESS, {})
    with pytest.raises(Exception, match="401"):
        stranger.uploader(file_stream=io.BytesIO(data)).upload()
    late = client.uploader(file_stream=io.BytesIO(data), chunk_size=100)
    late.upload_chunk()  # type: ignore[no-untyped-call]  # tuspy
    late.offset = 50
    with pytest.raises(TusUploadFailed) as caught:
        late.upload_chunk()  # type: ignore[no-untyped-call]  # tuspy
    assert caught.value.status_code == 409


@hypothesis_settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(cuts=st.lists(st.integers(1, len(DATA) - 1), max_size=6))
def test_it_is_resumed_at_any_offset(cuts: list[int]) -> None:
    Upload.objects.all().delete()
    client = api(mina())
    where = begun(client)["Location"]
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(DATA)], strict=True):
        assert head(client, where)["Upload-Offset"] == str(start)
        answer = patch(client, where, start, DATA[start:end])
        assert (answer.status_code, answer["Upload-Offset"]) == (204, str(end))
    assert arrived() == DATA


def test_what_arrived_before_the_line_broke_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    client = api(mina())
    where = begun(client)["Location"]
    left = [DATA[:100]]

    def broken(self: HttpRequest, _size: int) -> bytes:
        if left:
            return left.pop()
        raise UnreadablePostError

    monkeypatch.setattr(HttpRequest, "read", broken)
    assert patch(client, where, 0, DATA)["Upload-Offset"] == "100"
    monkeypatch.undo()
    assert head(client, where)["Upload-Offset"] == "100"
    patch(client, where, 100, DATA[100:])
    assert arrived() == DATA


def test_a_long_piece_is_kept_bit_by_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads_api, "PIECE_BYTES", 64)
    client = api(mina())
    where = begun(client)["Location"]
    patch(client, where, 0, DATA)
    assert UploadPart.objects.count() == -(-len(DATA) // 64)
    assert arrived() == DATA


@pytest.mark.parametrize("algorithm", tus.ALGORITHMS)
def test_a_wrong_checksum_keeps_nothing(algorithm: str) -> None:
    client = api(mina())
    where = begun(client)["Location"]
    digest = base64.b64encode(hashlib.new(algorithm, DATA).digest()).decode()
    wrong = patch(client, where, 0, DATA[:-1] + b"!", Upload_Checksum=f"{algorithm} {digest}")
    assert (wrong.status_code, wrong["Tus-Resumable"]) == (460, "1.0.0")
    assert not UploadPart.objects.exists()
    right = patch(client, where, 0, DATA, Upload_Checksum=f"{algorithm} {digest}")
    assert right.status_code == 204
    assert patch(client, where, 0, b"", Upload_Checksum="md5 aaaa").status_code == 400
    assert patch(client, where, 0, b"", Upload_Checksum=f"{algorithm} ??").status_code == 400


def test_requests_that_break_the_protocol_are_refused() -> None:
    client = api(mina())
    where = begun(client)["Location"]
    assert client.post(ADDRESS, headers={"Upload-Length": "1"}).status_code == 412
    assert begun(client, said={"Upload-Length": "-1"}).status_code == 400
    assert begun(client, said={"Upload-Length": "9" * 40}).status_code == 400
    assert begun(client, said={"Upload-Metadata": "filename ???"}).status_code == 400
    assert begun(client, length=201 * 1024 * 1024).status_code == 413
    conflict = patch(client, where, 7, b"x")
    assert (conflict.status_code, conflict["Upload-Offset"]) == (409, "0")
    assert patch(client, where, 0, DATA + b"more").status_code == 413
    wrong_type = client.generic(
        "PATCH", where, cast("Any", b"x"), content_type="text/csv",
        headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0"},
    )  # fmt: skip
    assert wrong_type.status_code == 415
    assert head(client, where)["Upload-Offset"] == "0"
    overridden = client.post(
        where, DATA, content_type=PIECE,
        headers={
            "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH",
        },
    )  # fmt: skip
    assert overridden.status_code == 204


def test_of_many_that_send_the_same_piece_one_gets_through() -> None:
    client = api(mina())
    where = begun(client)["Location"]

    def send(_number: int) -> int:
        try:
            return int(patch(api_copy, where, 0, DATA[:500]).status_code)
        finally:
            connection.close()

    api_copy = client
    with ThreadPoolExecutor(6) as pool:
        codes = sorted(pool.map(send, range(6)))
    assert codes == [204, 409, 409, 409, 409, 409]
    assert arrived() == DATA[:500]


def test_the_upload_is_used_once_under_the_rules_of_idempotency() -> None:
    published()
    client = api(mina())
    where = begun(client)["Location"]
    patch(client, where, 0, DATA[:50])
    incomplete = hand_in(client, where, idempotency_key="one")
    assert (incomplete.status_code, incomplete["Upload-Offset"]) == (409, "50")
    patch(client, where, 50, DATA[50:])
    dry = client.post(
        f"/api/v1/contributions/?upload={where.split('/')[-2]}&call=air-daily&validate_only=1"
    )
    assert (dry.status_code, dry.json()["fits"]) == (200, True)
    assert hand_in(client, "nonsense/").status_code == 400
    answers = [hand_in(client, where, idempotency_key="one") for _ in range(2)]
    assert [each.status_code for each in answers] == [202, 202]
    assert answers[0].json()["receipt"] == answers[1].json()["receipt"]
    same, other = begun(client)["Location"], begun(client)["Location"]
    patch(client, same, 0, DATA)
    patch(client, other, 0, DATA.replace(b"20", b"21"))
    assert hand_in(client, same, idempotency_key="one").json() == answers[0].json()
    assert hand_in(client, other, idempotency_key="one").status_code == 422
    assert hand_in(client, where).status_code == 404, "it is used"
    assert Contribution.objects.get().filename == "대기.csv"
    assert check(Contribution.objects.get().id).accepted == 20
    parts = UploadPart.objects.filter(upload__end="used").select_related("blob")
    assert all(part.blob.purged_at is not None for part in parts)


def test_a_refused_call_leaves_the_upload_as_it_was() -> None:
    published()
    client = api(mina())
    where = begun(client)["Location"]
    patch(client, where, 0, DATA)
    upload = where.split("/")[-2]
    address = f"/api/v1/contributions/?upload={upload}&call=air-daily"
    assert client.post(address).status_code == 422, "no consent"
    assert head(client, where).status_code == 200
    assert hand_in(client, where).status_code == 202


def test_a_stranger_and_neighbours_find_nothing() -> None:
    published()
    mine = api(mina())
    where = begun(mine)["Location"]
    patch(mine, where, 0, DATA)
    for neighbour in (api(charlie()), api(hana(), hanbit())):
        assert head(neighbour, where).status_code == 404
        assert neighbour.get(where).status_code == 404
        assert patch(neighbour, where, 0, b"x").status_code == 404
        assert neighbour.delete(where, headers={"Tus-Resumable": "1.0.0"}).status_code == 404
        assert hand_in(neighbour, where).status_code == 404
        assert neighbour.get(ADDRESS).json()["results"] == []
    assert begun(api()).status_code == 401
    assert head(api(), where).status_code == 401
    assert patch(api(), where, 0, b"x").status_code == 401
    foreign = f"party {encoded(str(mina().party_id))}"
    assert begun(api(charlie()), said={"Upload-Metadata": foreign}).status_code == 403
    assert mine.get(ADDRESS).json()["results"][0]["offset"] == len(DATA)


def test_giving_up_and_expiring_purge_what_arrived() -> None:
    client = api(mina())
    given_up, left_alone = begun(client)["Location"], begun(client)["Location"]
    for where in (given_up, left_alone):
        assert "Upload-Expires" in patch(client, where, 0, DATA)
    assert client.delete(given_up, headers={"Tus-Resumable": "1.0.0"}).status_code == 204
    assert head(client, given_up).status_code == 404
    assert Blob.objects.filter(purged_at=None).count() == 1
    assert sweep_uploads() == 0
    Upload.objects.filter(closed_at=None).update(expires_at=now() - timedelta(seconds=1))
    assert head(client, left_alone).status_code == 404
    assert sweep_uploads() == 1
    assert not Blob.objects.filter(purged_at=None).exists()
    assert not UploadPart.objects.exists()
    assert not any(path_of(each.id).exists() for each in Blob.objects.all())


def test_open_uploads_have_a_limit(settings: Any) -> None:
    settings.UPLOADS_OPEN_MAX = 2
    client = api(mina())
    first = begun(client)["Location"]
    assert begun(client).status_code == 201
    assert begun(client).status_code == 409
    client.delete(first, headers={"Tus-Resumable": "1.0.0"})
    assert begun(client).status_code == 201


def test_an_upload_only_grows_and_a_closed_one_stays_closed() -> None:
    client = api(mina())
    where = begun(client)["Location"]
    patch(client, where, 0, DATA[:10])
    for change in ({"offset": 3}, {"length": 9999}, {"offset": 10**6}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Upload.objects.update(**change)
    client.delete(where, headers={"Tus-Resumable": "1.0.0"})
    with pytest.raises(DatabaseError, match="closed"), transaction.atomic():
        Upload.objects.update(end="", closed_at=None)


def test_export_names_open_uploads_and_erasure_leaves_nothing() -> None:
    client = api(mina())
    patch(client, begun(client)["Location"], 0, DATA[:10])
    export = ContributionsHolder().export(mina().party_id)
    assert isinstance(export, dict)
    assert export["uploads"][0]["filename"] == "대기.csv"
    ContributionsHolder().erase(mina().party_id)
    assert not Upload.objects.exists()
    assert not Blob.objects.filter(purged_at=None).exists()
