"""Pages that hold words only: help, privacy, accessibility, developers and error codes."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from contributions.selectors.calls import call_document, open_calls, published_version
from dure.core.problems import PROBLEM_KINDS


@require_safe
def help_page(request: HttpRequest) -> HttpResponseBase:
    return render(request, "portal/public/help.html")


@require_safe
def how(request: HttpRequest) -> HttpResponseBase:
    """The way from a call to money, with the formula and a sum to follow."""
    return render(request, "portal/public/how.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponseBase:
    return render(request, "portal/public/privacy.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponseBase:
    contact = {
        "contact_email": settings.CONTACT_EMAIL,
        "contact_phone": settings.CONTACT_PHONE,
    }
    return render(request, "portal/public/accessibility.html", contact)


def _snippets(base: str, slug: str) -> dict[str, str]:
    """Commands that run as they stand in a shell that has ``DURE_KEY``; none without a call."""
    if not slug:
        return {"look": f"curl -sS {base}/api/v1/calls/"}
    document = call_document(published_version(slug), live=False)
    purposes = [one["key"] for one in document.get("purposes", []) if one["required"]]
    consents = " ".join(f"-F purpose={purpose}" for purpose in purposes)
    bearer = '-H "Authorization: Bearer $DURE_KEY"'
    return {
        "look": f"curl -sS {base}/api/v1/calls/{slug}/",
        "send": (
            f"curl -sS -o data.csv {base}{reverse('portal:call-sample', args=[slug])}\n"
            f"RECEIPT=$(curl -sS {base}/api/v1/contributions/ \\\n"
            f"  {bearer} \\\n"
            '  -H "Idempotency-Key: quickstart-1" \\\n'
            f"  -F call={slug} {consents} -F file=@data.csv \\\n"
            """  | sed -E 's/.*"receipt": ?"([^"]+)".*/\\1/')\n"""
            "echo $RECEIPT"
        ),
        "follow": (
            f"curl -sS {base}/api/v1/contributions/$RECEIPT/ {bearer}\n"
            f"curl -sS {base}/api/v1/contributions/$RECEIPT/reward/ {bearer}"
        ),
    }


@require_safe
def developers(request: HttpRequest) -> HttpResponseBase:
    first = open_calls().first()
    slug = first.slug if first else ""
    context = {
        "base": settings.PUBLIC_URL,
        "slug": slug,
        "snippets": _snippets(settings.PUBLIC_URL, slug),
        "keys_url": reverse("portal:firm-keys"),
    }
    return render(request, "portal/public/developers.html", context)


@require_safe
def errors(request: HttpRequest) -> HttpResponseBase:
    kinds = sorted(PROBLEM_KINDS.values(), key=lambda kind: kind.code)
    return render(request, "portal/public/error_kinds.html", {"kinds": kinds})


@require_safe
def error(request: HttpRequest, code: str) -> HttpResponseBase:
    kind = PROBLEM_KINDS.get(code)
    if kind is None:
        raise Http404
    return render(request, "portal/public/error_kind.html", {"kind": kind})
