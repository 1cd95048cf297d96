"""Nobody who took part in rewarding a contribution answers the objection to its reward."""

from __future__ import annotations

import pytest

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.accounts.services import create_person
from dure.core.problems import Problem
from governance.rights import services
from rewards.epochs.services import approve_epoch, close_epoch
from tests.cast import PASSWORD, actor, kang, lim, mina
from tests.rewards.city import SLUG, contribution, dobong, published_call

pytestmark = pytest.mark.django_db


def test_an_objection_is_answered_by_somebody_else() -> None:
    made = contribution(published_call(), mina().party_id, dobong(1), accepted=1)
    epoch = close_epoch(acting=actor(kang()), call_slug=SLUG)
    approve_epoch(acting=actor(lim()), epoch=epoch)
    objection = services.object(
        acting=actor(mina()), subject_kind="reward", subject_id=made.receipt, text="왜 이 금액?"
    )
    for decider in (kang(), lim()):
        with pytest.raises(Problem, match="rights-own-decision"):
            services.answer_objection(
                acting=actor(decider), objection=objection, outcome="refused", reason="맞습니다"
            )
    third = create_person(
        acting=Actor.system("tests"),
        email="third@dure.example",
        name="Third",
        password=PASSWORD,
        roles=[Role.OPERATOR],
    )
    answered = services.answer_objection(
        acting=actor(third), objection=objection, outcome="refused", reason="인구 비율입니다"
    )
    assert answered.state == "refused"
