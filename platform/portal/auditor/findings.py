"""What auditors found, in public: the list, one finding with the city's answer, what was signed."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from dure.accounts.acting import Actor
from governance.cases.access import is_closed
from governance.cases.selectors import (
    finding_document,
    finding_documents,
    finding_for,
)
from governance.cases.selectors import findings as all_findings
from portal.auditor.cases.words import finding_view, finding_views
from portal.doors import may_audit, shows_problems

FINDINGS_SHOWN = 100


@gzip_page
@require_safe
def findings(request: HttpRequest) -> HttpResponseBase:
    documents = finding_documents(list(all_findings()[:FINDINGS_SHOWN]))
    context = {"findings": finding_views(documents)}
    return render(request, "portal/auditor/findings.html", context)


@gzip_page
@require_safe
@shows_problems
def finding(request: HttpRequest, finding_id: UUID) -> HttpResponseBase:
    found = finding_for(finding_id)
    view = finding_view(finding_document(found))
    acting = Actor.of(request)
    own = may_audit(acting) and acting.require_person().id == found.case.auditor_id
    context = {
        "finding": view,
        "may_correct": own and not view["superseded_by"] and not is_closed(found.case),
        "case_id": found.case_id,
    }
    return render(request, "portal/auditor/finding.html", context)


@require_safe
@shows_problems
def finding_file(request: HttpRequest, finding_id: UUID) -> HttpResponseBase:
    """The bytes that were signed."""
    found = finding_for(finding_id)
    answer = HttpResponse(bytes(found.body), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="finding-{found.id}.json"'
    return answer
