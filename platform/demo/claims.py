"""Claims of the demo city that the log drew to be checked: one in order, one that was disputed."""

from __future__ import annotations

from typing import Final

from demo import people
from demo.city import City
from dure.accounts.acting import Actor
from dure.accounts.models import Person
from governance.log.services import sequence
from governance.models import Objection, RequestState
from governance.rights import services as rights
from rewards.holdback.checks import decide_finding, pass_check, propose_finding
from rewards.holdback.drawing import draw
from rewards.models import CheckGround, CheckState, ClaimCheck, Epoch

SUBJECT: Final = "reward"
FINDING: Final = "응답일 가운데 사흘치의 이동 기록이 서로 똑같아 직접 적은 것으로 보기 어렵습니다."
DISPUTE: Final = (
    "매일 같은 시간에 같은 길로 출퇴근하고 있어 기록이 같습니다. "
    "교통카드 이용 내역으로 확인해 주세요."
)
ANSWER: Final = (
    "교통카드 이용 내역과 기록이 맞는 것을 확인했습니다. 거두어들인 보상을 돌려드리겠습니다."
)


def check_claims(city: City, epoch: Epoch) -> Objection | None:
    """The last contribution that was drawn is found wanting, its owner objects and is right; once.

    The others are in order. What was taken waits in the console for an approver to give it back.
    None where nothing was drawn.
    """
    sequence()
    drawing = draw(acting=Actor.system("worker"), epoch=epoch)
    if drawing is None:
        return None
    kang = city.actor(people.KANG)
    checks = list(ClaimCheck.objects.filter(drawing=drawing).order_by("position"))
    for check in checks[:-1]:
        if check.state == CheckState.DRAWN:
            pass_check(acting=kang, check_id=check.id)
    disputed = checks[-1]
    if disputed.state == CheckState.DRAWN:
        disputed = propose_finding(
            acting=kang, check_id=disputed.id, ground=CheckGround.MADE_UP, reason=FINDING
        )
    if disputed.state == CheckState.PROPOSED:
        disputed = decide_finding(
            acting=city.actor(people.APPROVER), check_id=disputed.id, upheld=True
        )
    return _dispute(city, disputed)


def _dispute(city: City, check: ClaimCheck) -> Objection:
    owner = Person.objects.get(party_id=check.contribution.party_id)
    receipt = check.contribution.receipt
    raised = Objection.objects.filter(
        party_id=owner.party_id, subject_kind=SUBJECT, subject_id=receipt
    ).first()
    if raised is None:
        raised = rights.object(
            acting=Actor.for_person(owner), subject_kind=SUBJECT, subject_id=receipt, text=DISPUTE
        )
    if raised.state != RequestState.RECEIVED:
        return raised
    return rights.answer_objection(
        acting=city.actor(people.LIM),
        objection=raised,
        outcome=RequestState.GRANTED,
        reason=ANSWER,
    )
