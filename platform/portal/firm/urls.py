from __future__ import annotations

from django.urls import path

from portal.firm import desk, feeds, keys

urlpatterns = [
    path("", desk.desk, name="firm"),
    path("keys/", keys.keys, name="firm-keys"),
    path("keys/<uuid:key_id>/revocation/", keys.revocation, name="firm-key-revocation"),
    path("submissions/", desk.submissions, name="firm-submissions"),
    path("feeds/", feeds.feeds, name="firm-feeds"),
    path("settlements/", desk.settlements, name="firm-settlements"),
]
