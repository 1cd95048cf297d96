from __future__ import annotations

from django.urls import path

from portal.public import (
    calls,
    changelog,
    data,
    developers,
    integrity,
    licences,
    own_district,
    reference,
    reference_populations,
    representativeness,
    signing_in,
    status,
    words,
)

urlpatterns = [
    path("", calls.home, name="home"),
    path("calls/", calls.calls, name="calls"),
    path("calls/<slug:slug>/", calls.call, name="call"),
    path(
        "calls/<slug:slug>/representativeness/",
        representativeness.call_representativeness,
        name="call-representativeness",
    ),
    path("calls/<slug:slug>/sample.csv", calls.call_sample, name="call-sample"),
    path("district/", own_district.choose_district, name="choose-district"),
    path("how/", words.how, name="how"),
    path("status/", status.status, name="status"),
    path("status/integrity/", integrity.integrity, name="integrity"),
    path("references/", reference_populations.populations, name="reference-populations"),
    path(
        "references/<slug:key>/",
        reference_populations.population,
        name="reference-population",
    ),
    path("data/", data.data, name="data"),
    path("data/<uuid:release_id>/", data.data_release, name="data-release"),
    path("data/<uuid:release_id>/licence/", licences.licensing, name="licensing"),
    path("licences/", licences.own_licences, name="licences"),
    path("licences/<uuid:licence_id>/", licences.licence, name="licence"),
    path("licences/<uuid:licence_id>/invoice/", licences.invoice, name="invoice"),
    path("licences/<uuid:licence_id>/invoice.pdf", licences.invoice_file, name="invoice-file"),
    path("login/", signing_in.login, name="login"),
    path("logout/", signing_in.logout, name="logout"),
    path("developers/", developers.developers, name="developers"),
    path("developers/webhooks/", developers.webhooks, name="developers-webhooks"),
    path("developers/reference/", reference.reference, name="reference"),
    path("developers/changelog/", changelog.changelog, name="changelog"),
    path("developers/errors/", words.errors, name="errors"),
    path("developers/errors/<slug:code>/", words.error, name="error"),
    path("help/", words.help_page, name="help"),
    path("privacy/", words.privacy, name="privacy"),
    path("accessibility/", words.accessibility, name="accessibility"),
]
