from __future__ import annotations

from django.urls import path

from portal.auditor import algorithms, epochs, fairness, findings, log, reports, verify
from portal.auditor.cases import desk, samples
from portal.auditor.cases import findings as case_findings

urlpatterns = [
    path("transparency/", reports.transparency, name="transparency"),
    path("transparency/settlements/", epochs.epochs, name="epochs"),
    path("transparency/settlements/<uuid:epoch_id>/", epochs.epoch, name="epoch"),
    path("transparency/<slug:period>/", reports.report, name="report"),
    path("algorithms/", algorithms.algorithms, name="algorithms"),
    path("algorithms/<slug:algorithm>/", algorithms.algorithm, name="algorithm"),
    path("algorithms/<slug:algorithm>/audits/", fairness.fairness, name="fairness"),
    path(
        "algorithms/<slug:algorithm>/versions/<int:number>/",
        algorithms.difference,
        name="algorithm-difference",
    ),
    path("verify/", verify.verify, name="verify"),
    path("verify/dure_verify.py", verify.verifier, name="verifier"),
    path("log/", log.log, name="log"),
    path("log/consistency/", log.log_growth, name="log-growth"),
    path("log/<int:index>/", log.log_entry, name="log-entry"),
    path("findings/", findings.findings, name="findings"),
    path("findings/<uuid:finding_id>/", findings.finding, name="finding"),
    path("findings/<uuid:finding_id>/finding.json", findings.finding_file, name="finding-file"),
    path("audit/", desk.desk, name="audit"),
    path("audit/looks/", desk.looks, name="audit-looks"),
    path("audit/sample/", samples.new_sample, name="audit-sample-new"),
    path("audit/samples/<uuid:sample_id>/", samples.sample, name="audit-sample"),
    path(
        "audit/samples/<uuid:sample_id>/sample.json",
        samples.sample_file,
        name="audit-sample-file",
    ),
    path(
        "audit/samples/<uuid:sample_id>/<int:position>/",
        samples.sample_item,
        name="audit-sample-item",
    ),
    path("audit/cases/new/", desk.new_case, name="audit-case-new"),
    path("audit/cases/<uuid:case_id>/", desk.case, name="audit-case"),
    path("audit/cases/<uuid:case_id>/closing/", desk.closing, name="audit-case-closing"),
    path("audit/cases/<uuid:case_id>/replay/", case_findings.replay, name="audit-replay"),
    path("audit/cases/<uuid:case_id>/finding/", case_findings.new_finding, name="audit-finding"),
]
