"""Reference data for administrators; daily work has pages of its own."""

from __future__ import annotations

from django.contrib import admin

from dure.accounts.models import Membership, Organisation, RoleGrant

admin.site.register([Organisation, Membership, RoleGrant])
