"""One small city with something of Mina's and of Hanbit's behind every door of the API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from drf_spectacular.generators import SchemaGenerator

from contributions.models import Contribution, Release
from dure.accounts.guardianship import Guardianship
from dure.accounts.models import WebhookMessage
from dure.accounts.webhooks.services import add_endpoint
from dure.core.clock import CITY_ZONE, now, quarter
from governance.models import LogEntry
from rewards.models import Epoch
from tests import cast
from tests.governance.cases import desk
from tests.governance.consent.test_guardians import child
from tests.rewards.api.test_licences import ASKED
from tests.rewards.city import SLUG
from tests.rewards.dividends.test_dividends import settled_city

API = "/api/v1/"
JSON = "json"


@dataclass(frozen=True)
class Operation:
    """One method of one path of the OpenAPI document."""

    name: str
    method: str
    path: str

    def address(self, ids: Mapping[str, str]) -> str:
        """The path with its places filled in."""
        return re.sub(r"{(\w+)}", lambda place: ids[place[1]], self.path)

    @property
    def places(self) -> frozenset[str]:
        return frozenset(re.findall(r"{(\w+)}", self.path))


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation that the API says it has."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]  # the library has no types
    document = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return tuple(_operations(document["paths"]))


def _operations(paths: Mapping[str, Mapping[str, Any]]) -> Iterator[Operation]:  # Any: OpenAPI
    for path, methods in paths.items():
        for method, operation in methods.items():
            if isinstance(operation, dict) and "operationId" in operation:
                yield Operation(operation["operationId"], method, path)


def guardianship() -> str:
    """What Mina is asked for by a child."""
    haru = child()
    answer = cast.api(haru).post(
        f"{API}guardianships/",
        {"guardian_email": cast.mina().email, "child_born_on": "2015-05-05"},
        format=JSON,
    )
    assert answer.status_code == 202, answer.content
    return str(Guardianship.objects.get(child=haru).id)


def things() -> dict[str, str]:
    """Ids for every place of a path, each of a thing of Mina's or, where firms act, of Hanbit's."""
    settled_city()
    mina, kang = cast.api(cast.mina()), cast.api(cast.kang())
    hana, seo = cast.api(cast.hana(), cast.hanbit()), cast.api(cast.seo())

    def made(client: Any, path: str, body: Mapping[str, object], **more: Any) -> str:  # Any: DRF's
        answer = client.post(API + path, body, format=JSON, **more)
        assert answer.status_code == 201, (path, answer.content)
        return str(answer.json()["id"])

    receipt = Contribution.objects.get(party=cast.mina().party_id).receipt
    notice = mina.get(f"{API}notices/?call={SLUG}").json()["results"][0]["id"]
    upload = mina.post(
        f"{API}uploads/",
        headers={
            "Tus-Resumable": "1.0.0",
            "Upload-Length": "10",
            "Upload-Metadata": "call YWlyLWRhaWx5",
        },
    )
    assert upload.status_code == 201, upload.content
    endpoint, _secret = add_endpoint(
        acting=cast.actor(cast.hana()),
        organisation=cast.hanbit(),
        url="https://93.184.215.14/dure",
        kinds=["contribution.accepted"],
    )
    message = WebhookMessage.objects.create(
        endpoint=endpoint, event=uuid4(), kind="contribution.accepted", body="{}"
    )
    case = desk.case()
    redemption = {"asset": "DURE", "amount": "1", "rail": "fund", "destination": "11320"}
    licence = {**ASKED, "party": str(cast.hanbit().party_id)}
    return {
        "slug": SLUG,
        "key": "two-districts",
        "receipt": receipt,
        "photo_id": str(uuid4()),
        "name": "data.csv",
        "consent_id": made(mina, "consents/", {"notice": notice, "granted": True}),
        "upload_id": upload["Location"].rstrip("/").rpartition("/")[2],
        "redemption_id": made(mina, "redemptions/", redemption, headers={"Idempotency-Key": "1"}),
        "licence_id": made(hana, "licences/", licence),
        "request_id": made(mina, "rights-requests/", {"kind": "access"}),
        "objection_id": made(
            mina,
            "objections/",
            {"subject_kind": "contribution", "subject_id": receipt, "text": "왜 이 금액인가요?"},
        ),
        "guardianship_id": guardianship(),
        "disclosure_id": made(seo, "disclosures/", {"scope": SLUG, "reason": "감사"}),
        "endpoint_id": str(endpoint.id),
        "message_id": str(message.id),
        "case_id": str(case.id),
        "finding_id": str(desk.finding(case).id),
        "epoch_id": str(Epoch.objects.earliest("id").id),
        "release_id": str(next(iter(Release.objects.values_list("id", flat=True)), uuid4())),
        "model_id": str(uuid4()),
        "batch_id": str(uuid4()),
        "answer_id": str(uuid4()),
        "check_id": str(uuid4()),
        "rule_id": str(uuid4()),
        "change_id": str(uuid4()),
        "unclaimed_id": str(uuid4()),
        "algorithm_id": kang.get(f"{API}algorithms/").json()["results"][0]["id"],
        "period": quarter(now()),
        "index": str(LogEntry.objects.count() and 0),
        "month": f"{now().astimezone(CITY_ZONE):%Y-%m}",
        "form": "csv",
        "year": "2026",
    }


#: What has to be said for a request to be about more than its form.
BODIES: dict[str, dict[str, object]] = {
    "epochs_close": {"call": SLUG},
    "epochs_reject": {"ground": "wrong-data"},
    "epochs_reverse": {"ground": "wrong-data"},
    "epochs_simulate": {"call": SLUG},
    "disclosures_create": {"scope": SLUG, "reason": "감사"},
    "cases_findings_publish": {
        "kind": "process",
        "severity": "low",
        "text": "설명이 없습니다.",
        "language": "ko",
        "evidence": [{"sha256": "0" * 64}],
    },
    "objections_answer": {"outcome": "refused", "reason": "확인했습니다."},
    "rights_requests_answer": {"outcome": "refused", "reason": "확인했습니다."},
    "payouts_fail": {"reason": "계좌 없음"},
    "payouts_return": {"reason": "반송"},
    "payouts_propose_rule": {"subject": "payout", "document": {}},
    "parameters_propose": {"call": SLUG, "changes": {"target_mass": 50}, "reason": "목표 조정"},
    "releases_models_tell": {"name": "망", "trained_on": "2026-11-01"},
    "payouts_note": {"difference": "none", "note": "확인 중"},
}
TUS = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}


def knock(client: Any, operation: Operation, ids: Mapping[str, str]) -> Any:  # Any: DRF's client
    """Send the operation's request as `client`; the answer."""
    send = getattr(client, operation.method)
    address = operation.address(ids)
    if operation.name.startswith("uploads_"):
        return send(address, headers=TUS, content_type="application/offset+octet-stream")
    if operation.name in ("contributions_photos_add", "payouts_import", "payouts_try"):
        return send(
            address,
            {"photo": SimpleUploadedFile("a.png", b"a"), "file": SimpleUploadedFile("a.xml", b"a")},
            format="multipart",
        )
    if operation.method in ("post", "patch", "put"):
        return send(address, BODIES.get(operation.name, {}), format=JSON)
    return send(address)
