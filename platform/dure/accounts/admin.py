"""Reference data for administrators; daily work has pages of its own."""

from __future__ import annotations

from django.contrib import admin

from dure.accounts.models import Membership, Organisation

# Roles are given and ended by two people in the console, never here.
admin.site.register([Organisation, Membership])
