"""The algorithm register: what decides about people, generated from the code that runs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from dure.core.language import localized
from governance.algorithms.selectors import algorithm_document, algorithm_documents
from portal.doors import shows_problems


@gzip_page
@require_safe
def algorithms(request: HttpRequest) -> HttpResponseBase:
    context = {
        "algorithms": [
            {
                "id": document["id"],
                "title": localized(document["name"]),
                "summary": localized(document["purpose"]),
                "version": document["version"],
            }
            for document in algorithm_documents()
        ]
    }
    return render(request, "portal/auditor/algorithms.html", context)


@gzip_page
@require_safe
@shows_problems
def algorithm(request: HttpRequest, algorithm: str) -> HttpResponseBase:
    document = algorithm_document(algorithm)
    sections = [
        (_("How it decides"), document["how"]),
        (_("Which data it uses"), document["data"]),
        (_("Who watches it"), document["human_oversight"]),
        (_("Legal basis"), document["legal_basis"]),
    ]
    context = {
        "title": localized(document["name"]),
        "summary": localized(document["purpose"]),
        "sections": [{"title": title, "text": localized(text)} for title, text in sections if text],
        "document": document,
    }
    return render(request, "portal/auditor/algorithm.html", context)
