"""Addresses of pay-outs below /api/v1/payouts/."""

from __future__ import annotations

from django.urls import path

from rewards.api import payouts

urlpatterns = [
    path("waiting/", payouts.Waiting.as_view(), name="payouts-waiting"),
    path("batches/", payouts.BatchList.as_view(), name="payout-batches"),
    path("batches/<uuid:batch_id>/", payouts.BatchView.as_view(), name="payout-batch"),
    path("batches/<uuid:batch_id>/approval/", payouts.BatchApproval.as_view()),
    path("batches/<uuid:batch_id>/sending/", payouts.BatchSending.as_view()),
    path("batches/<uuid:batch_id>/discarding/", payouts.BatchDiscarding.as_view()),
    path("batches/<uuid:batch_id>/file/", payouts.BatchFile.as_view()),
    path("redemptions/<uuid:redemption_id>/settlement/", payouts.RedemptionSettlement.as_view()),
    path("redemptions/<uuid:redemption_id>/failure/", payouts.RedemptionFailure.as_view()),
    path("redemptions/<uuid:redemption_id>/return/", payouts.RedemptionReturn.as_view()),
    path("answers/", payouts.AnswerList.as_view(), name="payout-answers"),
    path("answers/<uuid:answer_id>/discarding/", payouts.AnswerDiscarding.as_view()),
    path("answers/trial/", payouts.AnswerTrial.as_view(), name="payout-answer-trial"),
    path("reconciliation/", payouts.Reconciliation.as_view(), name="payout-reconciliation"),
    path("reconciliation/notes/", payouts.ReconciliationNotes.as_view()),
    path("rules/", payouts.RuleList.as_view(), name="payout-rules"),
    path("rules/<uuid:rule_id>/approval/", payouts.RuleApproval.as_view()),
]
