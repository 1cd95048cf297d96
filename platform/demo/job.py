"""The main job of the demo city: files are sent, checked, priced, paid and reported on."""

from __future__ import annotations

import io
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from contributions.intake.services import submit
from contributions.models import Contribution, State
from contributions.models.contributions import MOVING
from demo import people
from demo.calls import MOBILITY_SURVEY
from demo.city import City
from demo.generators import Submission
from dure.accounts.acting import Actor
from dure.core.clock import now, quarter, quarter_before
from dure.core.money import SUB_UNITS, Asset, parse_amount
from governance.audits.services import audit_algorithms
from governance.cases.findings import publish_finding
from governance.cases.samples import commit_sample, draw_sample
from governance.cases.sampling import seed_hash
from governance.cases.services import open_case
from governance.log.services import sequence
from governance.models import AuditFinding, FindingKind, LogEntry, Severity
from governance.reports.services import publish_report
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.models import Epoch, EpochState, Rail, Redemption
from rewards.wallet.selectors import wallet_document
from rewards.wallet.services import request_redemption

POLL_S = 0.3
SAMPLE_SIZE = 3
AUDIT_LASTS = timedelta(days=60)
SENDERS_OF_FIRMS = {member.firm: member for member in people.CAST if member.firm}
RESIDENTS = {member.handle: member for member in people.RESIDENTS}


class NotChecked(Exception):
    """The workers did not decide in time; the text says what to look at."""


def send(city: City, submission: Submission) -> Contribution:
    """Send one file as its sender would; one that was sent before is only found again."""
    acting, party_id = _sender(city, submission.sender)
    sent = Contribution.objects.filter(
        call__slug=submission.call, party_id=party_id, filename=submission.filename
    ).first()
    if sent is not None:
        return sent
    return submit(
        acting=acting,
        party_id=party_id,
        call_slug=submission.call,
        stream=io.BytesIO(submission.body),
        filename=submission.filename,
        content_type=submission.content_type,
        purposes=submission.purposes,
        language="ko",
    )


def _sender(city: City, handle: str) -> tuple[Actor, UUID]:
    if handle in RESIDENTS:
        person = city.persons[handle]
        return Actor.for_person(person), person.party_id
    return city.actor(SENDERS_OF_FIRMS[handle]), city.firms[handle].party_id


def wait_until_decided(
    contributions: Sequence[Contribution], *, limit_s: int, tell: Callable[[int], None]
) -> list[Contribution]:
    """Wait for the workers; `tell` hears how many are decided. Raises NotChecked."""
    ids = [contribution.id for contribution in contributions]
    deadline = time.monotonic() + limit_s
    while True:
        moving = Contribution.objects.filter(id__in=ids, state__in=MOVING).count()
        tell(len(ids) - moving)
        if not moving:
            break
        if time.monotonic() > deadline:
            raise NotChecked(
                f"{moving} of {len(ids)} files are not decided after {limit_s} seconds. "
                "Do the workers run? See their logs in the folder of this installation."
            )
        time.sleep(POLL_S)
    order = {id_: place for place, id_ in enumerate(ids)}
    decided = Contribution.objects.filter(id__in=ids).select_related("call", "call_version")
    return sorted(decided, key=lambda contribution: order[contribution.id])


def settle(city: City, call: str) -> Epoch | None:
    """Close the first epoch of a call as one operator and approve it as a second person.

    The survey's is approved by the approver who is no operator: so there is an operator left who
    had no part in it and can answer an objection. An epoch that an earlier start left closed is
    approved; one that was paid stays as it is. None where nothing was accepted.
    """
    kang = city.actor(people.KANG)
    second = city.actor(people.APPROVER if call == MOBILITY_SURVEY else people.LIM)
    epochs = Epoch.objects.filter(call__slug=call)
    paid = epochs.filter(state=EpochState.APPROVED).order_by("number").first()
    if paid is not None:
        return paid
    if not Contribution.objects.filter(call__slug=call, state=State.ACCEPTED).exists():
        return None
    closed = epochs.filter(state=EpochState.CLOSED).order_by("number").first()
    epoch = closed or close_epoch(acting=kang, call_slug=call)
    return approve_epoch(acting=second, epoch=epoch)


def spend(city: City) -> list[Redemption]:
    """One gift to a neighbourhood fund, paid at once; transit credit and a firm's pay-out, held.

    Whoever has asked for something before is left alone, and so is whoever cannot afford it.
    """
    wishes = (
        ("joon", Asset.DURE, 3_000, Rail.FUND, "11680"),
        ("haneul", Asset.DURE, 5_000, Rail.TRANSIT, "1010 5550 2026 1122"),
        (people.HANBIT.handle, Asset.KRW, 1_000_000, Rail.BANK, "004:12345678901234"),
    )
    for handle, asset, units, rail, destination in wishes:
        acting, party_id = _sender(city, handle)
        asked = Redemption.objects.filter(party_id=party_id).exists()
        if asked or confirmed(party_id, asset) < units * SUB_UNITS:
            continue
        request_redemption(
            acting=acting,
            party_id=party_id,
            asset=asset.value,
            amount=units * SUB_UNITS,
            rail=rail.value,
            destination=destination,
        )
    return list(Redemption.objects.order_by("requested_at"))


def confirmed(party_id: UUID, asset: Asset) -> int:
    """What a party may spend of an asset, in sub-units."""
    balances = wallet_document(party_id)["balances"]
    amounts = [each["confirmed"] for each in balances if each["asset"] == asset.value]
    return sum(parse_amount(amount) for amount in amounts)


def report(city: City) -> str:
    """Publish the running quarter's report and audit all that decided, once; answers its period.

    The quarter before the city began has a report too, so that there is something to compare with.
    """
    period = quarter(now())
    if not LogEntry.objects.filter(kind="report.published").exists():
        for each in (quarter_before(period), period):
            publish_report(acting=city.actor(people.KANG), period=each)
    # What a report discloses is audited too, so that they come first.
    if not LogEntry.objects.filter(kind="audit.run").exists():
        audit_algorithms(acting=Actor.system("audit"))
    sequence()
    return period


def examine(city: City, epoch: Epoch) -> AuditFinding:
    """The auditor opens a case about an epoch, draws from it and publishes a finding; once."""
    acting = city.actor(people.SEO)
    found = AuditFinding.objects.filter(case__auditor=acting.require_person()).first()
    if found is not None:
        return found
    case = open_case(
        acting=acting,
        title=f"{epoch.call.slug} {epoch.number}회차 정산 점검",
        about_kind="epoch",
        about_id=str(epoch.id),
        last_day=(now() + AUDIT_LASTS).date(),
    )
    seed = secrets.token_hex(32)
    sample = commit_sample(
        acting=acting,
        case=case,
        population_kind="epoch",
        population_id=str(epoch.id),
        size=min(SAMPLE_SIZE, epoch.inputs_count),
        seed_sha256=seed_hash(seed),
    )
    sequence()
    drawing = draw_sample(acting=acting, sample=sample, seed=seed)
    sequence()
    drawing.log_entry.refresh_from_db()
    assert drawing.log_entry.index is not None, "the log was sequenced just now"
    return publish_finding(
        acting=acting,
        case=case,
        kind=FindingKind.PROCESS,
        severity=Severity.LOW,
        text=(
            f"이 회차의 기여는 {epoch.inputs_count}건이어서 표본 {sample.size}건으로는 집단 사이의 "
            "차이를 판단할 수 없습니다. 다음 회차는 기여가 더 모인 뒤에 마감하기를 권합니다."
        ),
        language="ko",
        evidence=[drawing.log_entry.index, epoch.manifest_sha256],
    )
