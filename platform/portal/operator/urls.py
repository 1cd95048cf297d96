from __future__ import annotations

from django.urls import path

from portal.operator import calls, console, epochs, redemptions, reports

urlpatterns = [
    path("", console.console, name="console"),
    path("calls/<slug:slug>/", calls.call, name="console-call"),
    path("epochs/<slug:slug>/closing/", epochs.closing, name="console-epoch-closing"),
    path("epochs/<uuid:epoch_id>/", epochs.epoch, name="console-epoch"),
    path("epochs/<uuid:epoch_id>/approval/", epochs.approval, name="console-epoch-approval"),
    path("redemptions/", redemptions.queue, name="console-redemptions"),
    path(
        "redemptions/<uuid:redemption_id>/settlement/",
        redemptions.settlement,
        name="console-redemption-settlement",
    ),
    path(
        "redemptions/<uuid:redemption_id>/return/",
        redemptions.giving_back,
        name="console-redemption-return",
    ),
    path("reports/", reports.publication, name="console-report"),
]
