"""What can be wrong with a question to the algorithm register."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dure.core.problems import ProblemKind

ALGORITHM_UNKNOWN = ProblemKind(
    "algorithm-unknown",
    404,
    _("The register has no such algorithm"),
    _("List the register and choose one of its identifiers."),
)
STANDARD_UNKNOWN = ProblemKind(
    "algorithm-standard-unknown",
    400,
    _("The register has no such form"),
    _("Ask with standard=nl, standard=ats or standard=atrs."),
)
