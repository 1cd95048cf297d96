"""Addresses of this room below /api/v1/."""

from __future__ import annotations

from django.urls import include, path

from rewards.api.books import BooksClosing, BooksFile, BooksList, BooksMonth
from rewards.api.claims import ClaimCodeView, Claims
from rewards.api.epochs import (
    ContributionReward,
    EpochApproval,
    EpochList,
    EpochManifest,
    EpochRejection,
    EpochReversal,
    EpochSimulation,
    EpochView,
)
from rewards.api.giving_back import GivingBack, GivingBackApproval
from rewards.api.licences import (
    LicenceAttestation,
    LicenceDividend,
    LicenceInvoice,
    LicenceList,
    LicencePayment,
    LicenceQuote,
    LicenceView,
)
from rewards.api.parameters import (
    ParameterChangeApproval,
    ParameterChangeList,
    ParameterChangeView,
)
from rewards.api.training import QuestionsList
from rewards.api.wallet import (
    RedemptionList,
    RedemptionView,
    Unclaimed,
    UnclaimedClaim,
    WalletEntries,
    WalletStatement,
    WalletStatementFile,
    WalletTax,
    WalletView,
)

app_name = "rewards-api"

urlpatterns = [
    path("wallet/", WalletView.as_view(), name="wallet"),
    path("wallet/entries/", WalletEntries.as_view(), name="wallet-entries"),
    path("wallet/statement/<str:month>/", WalletStatement.as_view(), name="wallet-statement"),
    path(
        "wallet/statement/<str:month>.<str:form>",
        WalletStatementFile.as_view(),
        name="wallet-statement-file",
    ),
    path("wallet/unclaimed/", Unclaimed.as_view(), name="wallet-unclaimed"),
    path(
        "wallet/unclaimed/<uuid:unclaimed_id>/claim/",
        UnclaimedClaim.as_view(),
        name="wallet-claim",
    ),
    path("wallet/claim-code/", ClaimCodeView.as_view(), name="wallet-claim-code"),
    path("claims/", Claims.as_view(), name="claims"),
    path("wallet/tax/<int:year>/", WalletTax.as_view(), name="wallet-tax"),
    path("redemptions/", RedemptionList.as_view(), name="redemptions"),
    path("redemptions/<uuid:redemption_id>/", RedemptionView.as_view(), name="redemption"),
    path("epochs/", EpochList.as_view(), name="epochs"),
    path("epochs/simulation/", EpochSimulation.as_view(), name="epoch-simulation"),
    path("epochs/<uuid:epoch_id>/", EpochView.as_view(), name="epoch"),
    path("epochs/<uuid:epoch_id>/manifest/", EpochManifest.as_view(), name="epoch-manifest"),
    path("epochs/<uuid:epoch_id>/approval/", EpochApproval.as_view(), name="epoch-approval"),
    path("epochs/<uuid:epoch_id>/rejection/", EpochRejection.as_view(), name="epoch-rejection"),
    path("epochs/<uuid:epoch_id>/reversal/", EpochReversal.as_view(), name="epoch-reversal"),
    path("giving-back/", GivingBack.as_view(), name="giving-back"),
    path(
        "giving-back/<uuid:check_id>/approval/",
        GivingBackApproval.as_view(),
        name="giving-back-approval",
    ),
    path("parameters/", ParameterChangeList.as_view(), name="parameters"),
    path("parameters/<uuid:change_id>/", ParameterChangeView.as_view(), name="parameter"),
    path(
        "parameters/<uuid:change_id>/approval/",
        ParameterChangeApproval.as_view(),
        name="parameter-approval",
    ),
    path("training-questions/", QuestionsList.as_view(), name="training-questions"),
    path("books/", BooksList.as_view(), name="books"),
    path("books/<str:month>.<str:form>", BooksFile.as_view(), name="books-file"),
    path("books/<str:month>/", BooksMonth.as_view(), name="books-month"),
    path("books/<str:month>/closing/", BooksClosing.as_view(), name="books-closing"),
    path("payouts/", include("rewards.api.payout_urls")),
    path("licences/quote/", LicenceQuote.as_view(), name="licence-quote"),
    path("licences/", LicenceList.as_view(), name="licences"),
    path("licences/<uuid:licence_id>/", LicenceView.as_view(), name="licence"),
    path("licences/<uuid:licence_id>/invoice/", LicenceInvoice.as_view(), name="licence-invoice"),
    path(
        "licences/<uuid:licence_id>/attestations/",
        LicenceAttestation.as_view(),
        name="licence-attestations",
    ),
    path("licences/<uuid:licence_id>/payment/", LicencePayment.as_view(), name="licence-payment"),
    path(
        "licences/<uuid:licence_id>/dividend/", LicenceDividend.as_view(), name="licence-dividend"
    ),
    path(
        "contributions/<str:receipt>/reward/",
        ContributionReward.as_view(),
        name="contribution-reward",
    ),
]
