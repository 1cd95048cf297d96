"""What can be wrong with asking for an audit."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dure.core.problems import ProblemKind

AUDIT_NOTHING = ProblemKind(
    "audit-nothing",
    404,
    _("There is nothing to audit this algorithm with"),
    _("Choose an algorithm of the register that has audits."),
)
AUDIT_LATELY = ProblemKind(
    "audit-lately",
    429,
    _("This algorithm was audited less than a minute ago"),
    _("Read those findings, or start another audit in a minute."),
)
