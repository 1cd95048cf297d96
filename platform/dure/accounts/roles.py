"""What a person may be to the city."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    RESIDENT = "resident", _("resident")
    FIRM_MEMBER = "firm member", _("firm member")
    DATA_USER = "data user", _("data user")
    AUDITOR = "auditor", _("auditor")
    OPERATOR = "operator", _("operator")
    APPROVER = "approver", _("approver")
    ADMIN = "admin", _("admin")
