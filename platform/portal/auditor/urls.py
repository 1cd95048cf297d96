from __future__ import annotations

from django.urls import path

from portal.auditor import algorithms, epochs, fairness, log, reports, verify

urlpatterns = [
    path("transparency/", reports.transparency, name="transparency"),
    path("transparency/settlements/", epochs.epochs, name="epochs"),
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
    path("log/", log.log, name="log"),
    path("log/consistency/", log.log_growth, name="log-growth"),
    path("log/<int:index>/", log.log_entry, name="log-entry"),
]
