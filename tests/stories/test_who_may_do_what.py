"""Every operation of the API, tried by everybody whom it does not concern.

The tables below say whom an operation is for. An operation that the OpenAPI document names and no
table does fails the first test, so nothing gets a door without somebody saying who may go in.
"""

from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest

from tests import cast
from tests.stories.doors import Operation, knock, operations, things

pytestmark = pytest.mark.django_db

POLICY = """
public:
    algorithms_audits algorithms_list algorithms_retrieve calls_list calls_read claims_make
    calls_representativeness catalogue_read epochs_list epochs_manifest epochs_read findings_list
    findings_read integrity log_consistency log_entry log_keys log_proof notices_list
    parameters_list parameters_read
    references_list references_read
    releases_file releases_list releases_read releases_recalls reports_list reports_retrieve

own:
    accesses_list consents_create consents_list contributions_list contributions_submit
    feeds_list guardianships_create guardianships_list licences_agree licences_list
    licences_quote objections_create objections_list redemptions_list redemptions_request
    rights_requests_create rights_requests_list uploads_begin uploads_list wallet_entries
    wallet_claim_code wallet_read wallet_statement wallet_statement_file wallet_tax
    wallet_unclaimed webhooks_add webhooks_list

somebodys:
    licences_attest
    consents_proof consents_receipt consents_withdraw contributions_attempts
    contributions_cancel contributions_correct contributions_duplicates
    contributions_findings contributions_photo
    contributions_photos contributions_photos_add contributions_preview contributions_progress
    contributions_quality contributions_read contributions_reward contributions_withdraw
    disclosures_retrieve guardianships_confirm guardianships_end licences_dividend licences_invoice
    licences_read objections_retrieve redemptions_read releases_models releases_models_tell
    releases_models_withdraw rights_requests_export
    rights_requests_retrieve uploads_continue uploads_read uploads_terminate wallet_claim
    webhooks_messages webhooks_read webhooks_redeliver webhooks_remove

seen by operators:
    contributions_photo contributions_photos licences_invoice licences_read
    objections_retrieve releases_models rights_requests_retrieve

operators:
    books_close books_file books_list books_read
    calls_draft calls_publish calls_revise disclosures_approve epochs_approve epochs_close
    epochs_reject epochs_reverse epochs_simulate giving_back_approve giving_back_list
    licences_payment objections_answer
    parameters_approve parameters_propose
    payouts_answers payouts_approve payouts_approve_rule payouts_batch payouts_batches
    payouts_discard payouts_discard_answer payouts_fail payouts_file payouts_import payouts_note
    payouts_propose payouts_propose_rule payouts_reconciliation payouts_return payouts_rules
    payouts_send payouts_settle payouts_try payouts_waiting references_register releases_build
    releases_recipients
    rights_requests_answer training_questions_list training_questions_store

auditors:
    cases_findings cases_findings_publish cases_list cases_read disclosures_create
"""
# public: anybody reads it. own: whoever signs in, each about their own affairs. somebodys: a thing
# that belongs to somebody, and that to others does not exist; some are also "seen by operators".
# operators, auditors: the city's own work.
TABLES = {
    heading.strip(): frozenset(names.split())
    for heading, _colon, names in (entry.partition(":") for entry in POLICY.split("\n\n"))
}
SEEN_BY_OPERATORS = TABLES.pop("seen by operators")


def each(heading: str) -> list[Operation]:
    return [one for one in operations() if one.name in TABLES[heading]]


def code(answer: object) -> int:
    return int(answer.status_code)  # type: ignore[attr-defined]  # DRF's test response


def test_every_operation_stands_in_one_table() -> None:
    names = [one.name for one in operations()]
    stand = {name: sum(name in table for table in TABLES.values()) for name in names}
    assert {name: count for name, count in stand.items() if count != 1} == {}
    assert set().union(*TABLES.values()) == set(names), "a table names what is no longer there"


def test_without_a_key_only_what_is_public_opens() -> None:
    ids = things()
    nobody = cast.api()
    for one in operations():
        answer = knock(nobody, one, ids)
        if one.name in TABLES["public"]:
            assert code(answer) in (200, 303, 400, 404), one
        else:
            assert code(answer) == 401, one
            assert answer["Content-Type"] == "application/problem+json"


def test_what_is_somebodys_does_not_exist_for_others() -> None:
    """A foreign id and one that never was get the same answer to the last letter."""
    ids = things()
    strange = {place: _unknown(place, known) for place, known in ids.items()}
    strangers = {
        "Charlie": cast.api(cast.charlie()),
        "Hana": cast.api(cast.hana(), cast.hanbit()),
        "Kang": cast.api(cast.kang()),
    }
    for one in each("somebodys"):
        for name, client in strangers.items():
            if name == "Kang" and one.name in SEEN_BY_OPERATORS:
                continue
            hers = ("licences_attest", "licences_invoice", "licences_read")
            if name == "Hana" and (one.name in hers or "webhooks" in one.name):
                continue
            foreign, unknown = knock(client, one, ids), knock(client, one, strange)
            assert (code(foreign), code(unknown)) == (404, 404), (one, name)
            assert _said(foreign, ids) == _said(unknown, strange), (one, name)


def _unknown(place: str, known: str) -> str:
    """An id of the same form that nothing has."""
    if place == "receipt":
        return known[:-1] + ("0" if known[-1] != "0" else "1")
    return str(uuid4()) if re.fullmatch(r"[0-9a-f-]{36}", known) else known


def _said(answer: object, ids: dict[str, str]) -> str:
    body = json.dumps(json.loads(answer.content), sort_keys=True)  # type: ignore[attr-defined]  # as above
    for place, known in ids.items():
        body = body.replace(known, place) if len(known) > 8 else body
    return body


def test_what_is_listed_is_ones_own() -> None:
    ids = things()
    minas = [ids[place] for place in ("receipt", "consent_id", "redemption_id", "request_id",
                                      "objection_id", "upload_id")]  # fmt: skip
    for client in (cast.api(cast.charlie()), cast.api(cast.hana(), cast.hanbit())):
        for one in each("own"):
            if one.method == "get":
                answer = knock(client, one, ids)
                assert code(answer) == 200, one
                text = answer.content.decode() if not answer.streaming else ""
                assert not [known for known in minas if known in text], one


@pytest.mark.parametrize("who", ["mina", "charlie", "hana", "seo"])
def test_the_citys_work_is_done_by_its_operators_alone(who: str) -> None:
    ids = things()
    client = cast.api(getattr(cast, who)())
    for one in each("operators"):
        assert code(knock(client, one, ids)) in (403, 404), one
    operator = cast.api(cast.kang())
    for one in each("operators"):
        assert code(knock(operator, one, ids)) not in (401, 403), one


def test_auditors_examine_and_nobody_else_does() -> None:
    ids = things()
    for one in each("auditors"):
        for person in (cast.mina(), cast.charlie(), cast.hana(), cast.kang()):
            assert code(knock(cast.api(person), one, ids)) == 403, (one, person.name)
        assert code(knock(cast.api(cast.seo()), one, ids)) in (200, 201), one
