"""Problems: what went wrong, where, and what to do, in the reader's language (RFC 9457)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: A text that is translated when it is shown.
Text = str | Promise

PROBLEM_KINDS: dict[str, ProblemKind] = {}


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field; ``code`` is stable, ``message`` is for the reader."""

    field: str
    message: Text
    code: str = "invalid"

    def document(self) -> dict[str, str]:
        return {"field": self.field, "message": str(self.message), "code": self.code}


@dataclass(frozen=True)
class ProblemKind:
    """A kind of problem, with a page of its own at ``/developers/errors/<code>/``."""

    code: str
    status: int
    title: Text
    advice: Text

    def __post_init__(self) -> None:
        if self.code in PROBLEM_KINDS:
            raise ValueError(f"problem {self.code} is defined already")
        PROBLEM_KINDS[self.code] = self

    @property
    def type(self) -> str:
        return f"/developers/errors/{self.code}/"

    def problem(
        self,
        detail: Text = "",
        errors: Sequence[FieldError] = (),
        headers: dict[str, str] | None = None,
    ) -> Problem:
        return Problem(self, detail or self.advice, tuple(errors), headers or {})


@dataclass(eq=False)
class Problem(Exception):
    """Raised by services; shown as a problem document by the API and as a form error by pages."""

    kind: ProblemKind
    detail: Text
    errors: tuple[FieldError, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.kind.code

    def document(self) -> dict[str, object]:
        return {
            "type": self.kind.type,
            "title": str(self.kind.title),
            "status": self.kind.status,
            "detail": str(self.detail),
            "errors": [error.document() for error in self.errors],
        }


INVALID = ProblemKind(
    "invalid-request",
    400,
    _("The request is not valid"),
    _("Correct the fields named below and send the request again."),
)
NOT_SIGNED_IN = ProblemKind(
    "not-signed-in",
    401,
    _("You are not logged in"),
    _("Log in, or send a valid key in the Authorization header."),
)
NOT_ALLOWED = ProblemKind(
    "not-allowed",
    403,
    _("You may not do this"),
    _("Your role does not include this. Ask the people who run the platform."),
)
NOT_FOUND = ProblemKind(
    "not-found",
    404,
    _("There is nothing here for you"),
    _("Check the address or the number. You see only what is yours or public."),
)
METHOD = ProblemKind(
    "method-not-allowed",
    405,
    _("This address does not take that method"),
    _("Use one of the methods in the Allow header."),
)
NOT_ACCEPTABLE = ProblemKind(
    "not-acceptable",
    406,
    _("No such form of this document"),
    _("Ask for application/json."),
)
KEY_IN_USE = ProblemKind(
    "request-in-progress",
    409,
    _("The same request is still running"),
    _("Wait a moment and send it again with the same key."),
)
TOO_LARGE = ProblemKind(
    "too-large",
    413,
    _("The request is too large"),
    _("Send less at once; the limits are in the documentation."),
)
MEDIA_TYPE = ProblemKind(
    "unsupported-media-type",
    415,
    _("This format is not understood here"),
    _("Send one of the formats that the documentation names."),
)
KEY_REUSED = ProblemKind(
    "idempotency-key-reused",
    422,
    _("This key was used for another request"),
    _("Use a new Idempotency-Key for a new request."),
)
TOO_MANY = ProblemKind(
    "too-many-requests",
    429,
    _("Too many requests"),
    _("Wait as long as the Retry-After header says."),
)
SERVER = ProblemKind(
    "server-error",
    500,
    _("Something went wrong on our side"),
    _("Nothing was changed. Try again; if it stays, tell us the time it happened."),
)
UNAVAILABLE = ProblemKind(
    "unavailable",
    503,
    _("The service is busy"),
    _("Nothing was changed. Try again in a moment."),
)
BY_STATUS = {
    kind.status: kind
    for kind in (
        INVALID,
        NOT_SIGNED_IN,
        NOT_ALLOWED,
        NOT_FOUND,
        METHOD,
        NOT_ACCEPTABLE,
        KEY_IN_USE,
        TOO_LARGE,
        MEDIA_TYPE,
        KEY_REUSED,
        TOO_MANY,
        SERVER,
        UNAVAILABLE,
    )
}
