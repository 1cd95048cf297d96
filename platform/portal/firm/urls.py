from __future__ import annotations

from django.urls import path

from portal.firm import desk, feeds, joining, keys, licences, members, requests, webhooks

urlpatterns = [
    path("", desk.desk, name="firm"),
    path("new/", joining.founding, name="firm-new"),
    path("invitations/<uuid:invitation_id>/", joining.invitation, name="firm-invitation"),
    path("keys/", keys.keys, name="firm-keys"),
    path("keys/live-access/", keys.live_access, name="firm-live-access"),
    path("keys/<uuid:key_id>/rotation/", keys.rotation, name="firm-key-rotation"),
    path("keys/<uuid:key_id>/revocation/", keys.revocation, name="firm-key-revocation"),
    path("requests/", requests.requests, name="firm-requests"),
    path("webhooks/", webhooks.webhooks, name="firm-webhooks"),
    path("webhooks/<uuid:endpoint_id>/", webhooks.endpoint, name="firm-webhooks-endpoint"),
    path("webhooks/<uuid:endpoint_id>/<slug:what>/", webhooks.action, name="firm-webhooks-action"),
    path(
        "webhooks/messages/<uuid:message_id>/redelivery/",
        webhooks.redelivery,
        name="firm-webhooks-redelivery",
    ),
    path("members/", members.members, name="firm-members"),
    path("members/<int:member_id>/role/", members.role, name="firm-member-role"),
    path("members/<int:member_id>/removal/", members.removal, name="firm-member-removal"),
    path(
        "members/invitations/<uuid:invitation_id>/end/",
        members.taking_back,
        name="firm-invitation-end",
    ),
    path("submissions/", desk.submissions, name="firm-submissions"),
    path("feeds/", feeds.feeds, name="firm-feeds"),
    path("licences/", licences.firm_licences, name="firm-licences"),
    path("settlements/", desk.settlements, name="firm-settlements"),
]
