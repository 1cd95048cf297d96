from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from portal.resident import (
    appeals,
    claim_code,
    consents,
    contribute,
    contributions,
    evidence,
    fixing,
    guardian,
    letters,
    objections,
    quality,
    redemptions,
    rights,
    statement,
    wallet,
    why,
)


class ReceiptConverter(StringConverter):
    """A receipt number; another text is no page of ours."""

    regex = r"D-\d{4}-[0-9A-HJKMNP-TV-Z]{8}"


register_converter(ReceiptConverter, "receipt")

urlpatterns = [
    path("contribute/<slug:slug>/", contribute.contribute, name="contribute"),
    path("contribute/<slug:slug>/<slug:step>/", contribute.contribute_step, name="contribute-step"),
    path("c/", contributions.contributions, name="contributions"),
    path("c/<receipt:receipt>/", contributions.contribution, name="contribution"),
    path(
        "c/<receipt:receipt>/progress/",
        contributions.contribution_progress,
        name="contribution-progress",
    ),
    path("c/<receipt:receipt>/rows/", fixing.rows, name="contribution-rows"),
    path("c/<receipt:receipt>/photos/", evidence.photos, name="contribution-photos"),
    path(
        "c/<receipt:receipt>/photos/<uuid:photo_id>",
        evidence.photo,
        name="contribution-photo",
    ),
    path("c/<receipt:receipt>/quality/", quality.quality, name="contribution-quality"),
    path("c/<receipt:receipt>/why/", why.why, name="contribution-why"),
    path("c/<receipt:receipt>/objection/", objections.objection, name="objection"),
    path(
        "c/<receipt:receipt>/withdrawal/",
        contributions.contribution_withdrawal,
        name="contribution-withdrawal",
    ),
    path("wallet/", wallet.wallet, name="wallet"),
    path("wallet/dividends/<uuid:licence_id>/", why.dividend, name="dividend"),
    path("wallet/use/", redemptions.redeem, name="redeem"),
    path("wallet/unclaimed/<uuid:unclaimed_id>/claim/", wallet.claiming, name="wallet-claim"),
    path(
        "wallet/statement/<slug:month>.<slug:form>",
        statement.statement_download,
        name="statement-file",
    ),
    path("wallet/statement/<slug:month>/", statement.statement, name="statement"),
    path("me/", rights.me, name="me"),
    path("me/rights/", rights.rights, name="rights"),
    path("me/rights/lifting/", rights.lifting, name="rights-lifting"),
    path("me/requests/<uuid:request_id>/objection/", appeals.appeal, name="appeal"),
    path("me/rights/<slug:kind>/", rights.right, name="right"),
    path(
        "me/guardianships/<uuid:guardianship_id>/<slug:answer>/",
        consents.guardianship,
        name="guardianship",
    ),
    path("me/claim-code/", claim_code.claim_code, name="claim-code"),
    path("me/letters/", letters.letters, name="letters"),
    path("me/guardian/", guardian.guardian, name="guardian"),
    path("me/children/<uuid:guardianship_id>/", guardian.ward, name="ward"),
    path(
        "me/guardianships/invitations/<uuid:invitation_id>/<slug:answer>/",
        guardian.invitation,
        name="guardian-invitation",
    ),
    path("me/consents/decision/", consents.decision, name="consent-decision"),
    path("me/consents/", consents.consents, name="consents"),
    path(
        "me/consents/<uuid:consent_id>/withdrawal/",
        consents.consent_withdrawal,
        name="consent-withdrawal",
    ),
]
