from __future__ import annotations

from django.urls import path

from portal.operator import (
    calls,
    console,
    epochs,
    feeds,
    licences,
    live_access,
    parameters,
    payouts,
    people,
    pipeline,
    redemptions,
    reports,
    requests,
    simulation,
)
from portal.operator.editor import pages as editor

urlpatterns = [
    path("", console.console, name="console"),
    path("calls/", calls.calls, name="console-calls"),
    path("new-call/", editor.new_call, name="console-call-new"),
    path("calls/<slug:slug>/", calls.call, name="console-call"),
    path("calls/<slug:slug>/edit/", editor.change_call, name="console-call-edit"),
    path("calls/<slug:slug>/preview/", calls.preview, name="console-call-preview"),
    path("calls/<slug:slug>/document/", calls.document, name="console-call-document"),
    path("calls/<slug:slug>/versions/", calls.compared, name="console-call-versions"),
    path("calls/<slug:slug>/trial/", calls.trial, name="console-call-trial"),
    path("calls/<slug:slug>/closing/", calls.closing, name="console-call-closing"),
    path("pipeline/", pipeline.board, name="console-pipeline"),
    path("pipeline/<receipt:receipt>/again/", pipeline.trying_again, name="console-pipeline-again"),
    path(
        "pipeline/<receipt:receipt>/aside/", pipeline.setting_aside, name="console-pipeline-aside"
    ),
    path("people/", people.people, name="console-people"),
    path("people/<uuid:person_id>/", people.person, name="console-person"),
    path("people/proposals/<uuid:proposal_id>/", people.agreeing, name="console-proposal"),
    path("feeds/", feeds.feeds, name="console-feeds"),
    path("live-access/", live_access.queue, name="console-live-access"),
    path(
        "live-access/<uuid:review_id>/decision/",
        live_access.decision,
        name="console-live-decision",
    ),
    path("epochs/<slug:slug>/closing/", epochs.closing, name="console-epoch-closing"),
    path("epochs/<uuid:epoch_id>/", epochs.epoch, name="console-epoch"),
    path("epochs/<uuid:epoch_id>/approval/", epochs.approval, name="console-epoch-approval"),
    path("epochs/<slug:slug>/simulation/", simulation.simulation, name="console-simulation"),
    path("epochs/<uuid:epoch_id>/rejection/", epochs.rejection, name="console-epoch-rejection"),
    path("epochs/<uuid:epoch_id>/reversal/", epochs.reversal, name="console-epoch-reversal"),
    path("licences/", licences.queue, name="console-licences"),
    path("licences/<uuid:licence_id>/payment/", licences.payment, name="console-licence-payment"),
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
    path(
        "redemptions/<uuid:redemption_id>/reversal/",
        redemptions.reversal,
        name="console-redemption-reversal",
    ),
    path("redemptions/batches/", redemptions.batching, name="console-batching"),
    path("redemptions/answers/", redemptions.answer, name="console-answer"),
    path("redemptions/batches/<uuid:batch_id>/", payouts.batch, name="console-batch"),
    path(
        "redemptions/batches/<uuid:batch_id>/approval/",
        payouts.approval,
        name="console-batch-approval",
    ),
    path(
        "redemptions/batches/<uuid:batch_id>/sending/",
        payouts.sending,
        name="console-batch-sending",
    ),
    path(
        "redemptions/batches/<uuid:batch_id>/discarding/",
        payouts.discarding,
        name="console-batch-discarding",
    ),
    path("redemptions/batches/<uuid:batch_id>/file/", payouts.file, name="console-batch-file"),
    path("redemptions/reconciliation/", payouts.reconciliation, name="console-reconciliation"),
    path("redemptions/rules/", payouts.rules, name="console-rules"),
    path(
        "redemptions/rules/<uuid:rule_id>/approval/",
        payouts.rule_approval,
        name="console-rule-approval",
    ),
    path("requests/", requests.inbox, name="console-requests"),
    path(
        "requests/<slug:what>/<uuid:asked_id>/",
        requests.answering,
        name="console-answer-person",
    ),
    path("parameters/", parameters.parameters, name="console-parameters"),
    path(
        "parameters/<uuid:change_id>/approval/",
        parameters.approval,
        name="console-parameter-approval",
    ),
    path("reports/", reports.publication, name="console-report"),
]
