"""Checking a receipt or a proof in the reader's own browser."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from governance.log.selectors import (
    entry_document,
    inclusion_document,
    keys_document,
    latest_checkpoint,
    rotation_documents,
)
from governance.log.witnesses import configured
from portal.doors import shows_problems

INDEX_DIGITS_MAX = 15


def proof_text(index: int) -> str:
    """Entry, proof and checkpoint of one index as one document; empty while nothing is signed."""
    checkpoint = latest_checkpoint()
    if checkpoint is None or index >= checkpoint.size:
        return ""
    document = {
        "entry": entry_document(index),
        "proof": inclusion_document(index, checkpoint.size),
        "checkpoint": checkpoint.note,
        "rotations": rotation_documents(checkpoint.size),
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


@cache
def _verifier() -> bytes:
    """The one-file verifier as it is released; it imports nothing of the platform."""
    return files("dure_client").joinpath("dure_verify.py").read_bytes()


def verifier_address() -> str:
    """Where the verifier is downloaded from, in whole."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('portal:verifier')}"


@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """The verifier itself, so that what the pages ask for is a download away."""
    answer = HttpResponse(_verifier(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="dure_verify.py"'
    return answer


@gzip_page
@require_safe
@shows_problems
def verify(request: HttpRequest) -> HttpResponseBase:
    """The page; ``?entry=`` fills in the public proof of an entry."""
    asked = request.GET.get("entry", "")
    known = asked.isascii() and asked.isdecimal() and len(asked) <= INDEX_DIGITS_MAX
    context = {
        "prefilled": proof_text(int(asked)) if known else "",
        "keys": keys_document(),
        "consents_url": reverse("portal:consents"),
        "log_url": reverse("portal:log"),
        "growth_url": reverse("portal:log-growth"),
        "verifier_address": verifier_address(),
        "witnessed": bool(configured()),
        "verifier_sha256": hashlib.sha256(_verifier()).hexdigest(),
    }
    return render(request, "portal/auditor/verify.html", context)
