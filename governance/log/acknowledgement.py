"""Going on from a database that went back: a decision that a person takes and the log keeps."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.problems import FieldError, ProblemKind
from governance.log import anchor, selectors
from governance.log.inconsistency import LogInconsistent
from governance.log.services import record, sequence

NOTHING_TO_ACKNOWLEDGE = ProblemKind(
    "log-head-agrees",
    409,
    _("The log agrees with its anchored head"),
    _("There is nothing to acknowledge."),
)
REASON_UNFIT = ProblemKind(
    "reason-unfit",
    400,
    _("The reason cannot stand in a public log"),
    _("Give one word of lower-case letters, digits and hyphens, such as restored-backup."),
)
_REASON = re.compile(r"[a-z0-9][a-z0-9-]{2,63}", re.ASCII)


def acknowledge(*, acting: Actor, reason: str) -> None:
    """Goes on from the stored log although a larger or another one was signed.

    The entry ``log.head_acknowledged`` names both; the anchored head is kept beside. Witnesses
    will go on refusing: that a signed head was taken back stays visible to everybody. Raises
    403, NOTHING_TO_ACKNOWLEDGE (409) and REASON_UNFIT (400).
    """
    acting.require(Role.OPERATOR, Role.ADMIN)
    if _REASON.fullmatch(reason) is None:
        raise REASON_UNFIT.problem(errors=[FieldError("reason", REASON_UNFIT.advice)])
    if not selectors.anchor_obstacle():
        raise NOTHING_TO_ACKNOWLEDGE.problem()
    try:
        anchored = anchor.read()
    except LogInconsistent:
        anchored = None
    stored = selectors.latest_checkpoint()
    with transaction.atomic():
        record(
            kind="log.head_acknowledged",
            acting=acting,
            subject=None,
            payload={
                "reason": reason,
                "anchored_size": 0 if anchored is None else anchored.size,
                "anchored_root": "" if anchored is None else anchored.root.hex(),
                "stored_size": 0 if stored is None else stored.size,
                "stored_root": "" if stored is None else bytes(stored.root).hex(),
            },
        )
    # The entry is committed first: a crash in between leaves the refusal, never a silence.
    anchor.set_aside()
    sequence()
