"""What a person may be to the city, and to an organisation."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(TextChoices):
    RESIDENT = "resident", _("resident")
    FIRM_MEMBER = "firm member", _("firm member")
    DATA_USER = "data user", _("data user")
    AUDITOR = "auditor", _("auditor")
    OPERATOR = "operator", _("operator")
    APPROVER = "approver", _("approver")
    ADMIN = "admin", _("admin")


class MemberRole(TextChoices):
    """Owners decide about members; developers act for the organisation; viewers look."""

    OWNER = "owner", pgettext_lazy("role in an organisation", "Owner")
    DEVELOPER = "developer", pgettext_lazy("role in an organisation", "Developer")
    VIEWER = "viewer", pgettext_lazy("role in an organisation", "Viewer")


#: Who may do something in the name of an organisation.
ACTING_ROLES = (MemberRole.OWNER, MemberRole.DEVELOPER)
