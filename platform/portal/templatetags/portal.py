"""Tags and filters of the portal's templates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.urls import Resolver404, resolve, reverse, translate_url
from django.utils.dateparse import parse_date
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, override, pgettext
from django.utils.translation import gettext as _

from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.accounts.roles import Role
from dure.accounts.selectors import organisations_of
from dure.core.language import localized as localized_text
from portal import findings_words, formatting
from portal.auditor import sections as auditor_sections
from portal.doors import may_audit, may_operate
from portal.operator import sections
from rewards.licences import invoice

register = template.Library()

#: A day without a time, as ``2026-11-23``.
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

# Further addresses that light up an entry of the main navigation, beside its own name and
# those that begin with it.
_SECTIONS = {
    "calls": ("call", "contribute", "contribute-step"),
    "contributions": ("contribution", "objection"),
    "wallet": ("redeem", "statement", "dividend"),
    "consents": (),
    "me": (
        "rights", "right", "letters", "guardian", "ward", "claim-code", "appeal", "mfa_index",
        "account_email",
        "account_change_password", "account_set_password", "account_reauthenticate",
        "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_activate_totp",
        "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
        "mfa_list_webauthn", "mfa_add_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn",
    ),
    "transparency": (
        "report", "epochs", "epoch", "findings", "finding", "verify", "log", "log-entry",
        "log-growth", "algorithms", "algorithm", "algorithm-difference", "fairness",
    ),
    "firm": ("firm",),
    "audit": (),
    "console": (),
}  # fmt: skip


@register.filter
def localized(texts: Mapping[str, str] | str) -> str:
    """The reader's language of a bilingual text; a plain text stays as it is."""
    return texts if isinstance(texts, str) else localized_text(texts)


@register.filter
def remarks(findings: Iterable[Mapping[str, Any]]) -> list[findings_words.Remark]:  # Any: JSON
    """Findings, told once for all rows that share them."""
    return findings_words.remarks(findings)


@register.filter
def number(figure: formatting.Figure) -> str:
    return formatting.number_text(figure)


@register.filter
def coded(text: str) -> SafeString:
    """Words between back-ticks, as descriptions of the API have them, as code."""
    parts = re.split(r"(`+)([^`]+)\1", text)
    return format_html_join(
        "",
        "{}<code>{}</code>",
        zip(parts[:-1:3], parts[2::3], strict=True),
    ) + format_html("{}", parts[-1])


@register.filter
def breakable(path: str) -> SafeString:
    """An address that lines may break behind its slashes, and not within its words."""
    first, *rest = path.split("/")
    return format_html("{}{}", first, format_html_join("", "/<wbr>{}", ((each,) for each in rest)))


@register.filter
def time_kept(days: int) -> str:
    return formatting.time_kept_text(days)


@register.filter
def unlocalized(figure: int) -> str:
    """A number as an address carries it."""
    return str(figure)


@register.filter
def share(figure: formatting.Figure) -> str:
    return formatting.share_text(figure)


@register.filter
def state_name(state: str) -> str:
    return formatting.state_text(state)


@register.filter
def stage_name(stage: str) -> str:
    return formatting.stage_text(stage)


@register.filter
def terms_name(policy: str) -> str:
    return invoice.terms_text(policy)


@register.filter
def state_tone(state: str) -> str:
    """Which colour of tag goes with a state; the text says it too."""
    return {"accepted": "good", "returned": "heed", "rejected": "bad", "failed": "bad"}.get(
        state, "info" if state in ("received", "checking") else ""
    )


@register.simple_tag
def amount(figure: formatting.Figure | None, asset: str) -> SafeString:
    """An amount as ``<data>`` with its exact value; a dash where there is none yet."""
    if figure is None or figure == "":
        return SafeString("–")
    text = formatting.amount_text(figure, asset)
    return format_html('<data class="nowrap" value="{}">{}</data>', figure, text)


@register.simple_tag
def exact_amount(figure: formatting.Figure | None, asset: str) -> SafeString:
    """An amount to its last digit, where readers are told that they can add it up."""
    if figure is None or figure == "":
        return SafeString("–")
    text = formatting.exact_amount_text(figure, asset)
    return format_html('<data class="nowrap" value="{}">{}</data>', figure, text)


@register.filter
def unit(asset: str) -> str:
    return formatting.unit_text(asset)


@register.simple_tag
def amount_range(low: formatting.Figure, high: formatting.Figure, asset: str) -> SafeString | str:
    """``0.4 – 1.2 두레``, or one amount where both ends read alike."""
    if formatting.amount_number(low, asset) == formatting.amount_number(high, asset):
        return amount(high, asset)
    return format_html(
        '<data value="{}">{}</data> – {}',
        low, formatting.amount_number(low, asset), amount(high, asset),
    )  # fmt: skip


@register.simple_tag
def figure(value: formatting.Figure, decimals: int | None = None) -> SafeString:
    """A number as ``<data>`` with its exact value."""
    return format_html('<data value="{}">{}</data>', value, formatting.number_text(value, decimals))


@register.simple_tag
def pieces(value: int, *, made: bool = False) -> SafeString:
    """A count that stands alone, with what Korean counts by: ``6,944건``, or ``2개`` of things."""
    text = formatting.pieces_text(value, made=made)
    return format_html('<data value="{}">{}</data>', value, text)


def _timed(moment: datetime, text: str) -> SafeString:
    """A moment in words, with itself for programs."""
    return format_html('<time datetime="{}">{}</time>', moment.isoformat("T", "seconds"), text)


@register.simple_tag
def local_date(value: str | datetime | None) -> SafeString:
    """The day of a moment in the city's calendar, or a day as documents write it."""
    day = parse_date(value) if isinstance(value, str) and DAY.fullmatch(value) else None
    if day is not None:
        return format_html('<time datetime="{}">{}</time>', day, formatting.date_text(day))
    moment = formatting.moment_of(value)
    if moment is None:
        return SafeString("–")
    return _timed(moment, formatting.date_text(moment))


@register.simple_tag
def last_day(due: str | datetime | None) -> SafeString:
    """The last day of a time that ends at a midnight; the end itself is in the attribute.

    Of 11 December 00:00 people read that the 11th is the last day, and come a day late.
    """
    end = formatting.moment_of(due)
    if end is None:
        return SafeString("–")
    return _timed(end, formatting.last_day_text(end))


@register.simple_tag
def local_time(value: str | datetime | None) -> SafeString:
    moment = formatting.moment_of(value)
    if moment is None:
        return SafeString("–")
    return _timed(moment, formatting.moment_text(moment))


@register.simple_tag
def meter(have: formatting.Figure, whole: formatting.Figure) -> SafeString:
    """A bar of how much of a whole is there; decoration beside the same figure in words."""
    total = formatting.exact(whole)
    width = min(100, int(formatting.exact(have) * 100 / total)) if total else 0
    return format_html(
        '<svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"'
        ' focusable="false"><rect class="track" width="100" height="10"/>'
        '<rect class="bar" width="{}" height="10"/></svg>',
        width,
    )


def _request(context: Context) -> HttpRequest | None:
    request = context.get("request")
    return request if isinstance(request, HttpRequest) else None


def _other_language() -> str:
    return "ko" if (get_language() or "ko").startswith("en") else "en"


@register.simple_tag(takes_context=True)
def language_alternates(context: Context) -> SafeString:
    """``<link rel=alternate>`` for each language of this page."""
    request = _request(context)
    if request is None:
        return SafeString("")
    pages = ((code, translate_url(request.path, code)) for code in ("ko", "en"))
    return format_html_join("\n", '<link rel="alternate" hreflang="{}" href="{}">', pages)


def _desks(request: HttpRequest | None, person: object) -> list[tuple[str, str]]:
    """Where somebody works stands first: on a phone the end of the menu is out of sight."""
    found = []
    if isinstance(person, Person) and request is not None:
        if may_operate(Actor.of(request)):
            found.append(("console", _("Console")))
        if may_audit(Actor.of(request)):
            found.append(("audit", _("Auditor’s desk")))
        if organisations_of(person):
            found.append(("firm", _("Organisation")))
    return found


def _item(name: str, label: str, here: str) -> dict[str, Any]:  # Any: a template's context
    """An entry of the menu; lit on its own page and on those below it."""
    below = here in _SECTIONS[name] or here.startswith((f"{name}-", f"{name[:-1]}-"))
    return {
        "url": reverse(f"portal:{name}"),
        "label": label,
        "here": here == name or below,
        "exact": here == name,
    }


@register.inclusion_tag("portal/parts/navigation.html", takes_context=True)
def main_navigation(context: Context) -> dict[str, Any]:  # Any: a template's context
    """The main menu, the language link that keeps the page, and the way in or out."""
    request = _request(context)
    path = request.path if request else reverse("portal:home")
    try:
        here = resolve(path).url_name or ""
    except Resolver404:
        here = ""
    person = getattr(request, "user", None)
    signed_in = bool(person and person.is_authenticated)
    labels = [
        *_desks(request, person),
        ("calls", _("Open calls")),
        ("contributions", pgettext("menu", "Contributions")),
        ("wallet", _("Wallet")),
        ("consents", _("Consents")),
        ("transparency", _("Transparency")),
    ]
    code = _other_language()
    other_url = translate_url(request.get_full_path() if request else path, code)
    with override(code):
        other_label = "한국어" if code == "ko" else "English"
    ask = reverse("portal:login")
    return {
        "items": [_item(name, label, here) for name, label in labels],
        "me": _item("me", _("About me"), here),
        "other": {"url": other_url, "code": code, "label": other_label},
        "person": person if signed_in else None,
        "login_url": ask if here in ("login", "home", "") else f"{ask}?next={path}",
        "logout_url": reverse("portal:logout"),
        "csrf_token": context.get("csrf_token"),
    }


def _page_name(request: HttpRequest | None) -> str:
    match = request.resolver_match if request else None
    return str(match.url_name or "") if match else ""


@register.inclusion_tag("portal/parts/sections.html", takes_context=True)
def open_records(context: Context) -> dict[str, Any]:  # Any: a template's context
    """The menu of what anybody can read and check."""
    here = _page_name(_request(context))
    return {"name": _("Open records"), "sections": auditor_sections.open_records(here)}


@register.inclusion_tag("portal/parts/sections.html", takes_context=True, name="auditor_sections")
def desk_sections(context: Context) -> dict[str, Any]:  # Any: a template's context
    """The menu of an auditor's desk."""
    here = _page_name(_request(context))
    return {"name": _("Auditor’s desk"), "sections": auditor_sections.desk(here)}


@register.inclusion_tag("portal/operator/sections.html", takes_context=True)
def console_sections(context: Context) -> dict[str, Any]:  # Any: a template's context
    """The menu of the console: whole on its front page, in two lines on the pages below it."""
    request = _request(context)
    here = _page_name(request)
    menu = sections.parts(answers=request is not None and Actor.of(request).has(Role.OPERATOR))
    return {"parts": menu, "here": here, "current": sections.section_of(menu, here)}


@register.simple_tag(takes_context=True)
def has_role(context: Context, role: str) -> bool:
    """Whether the reader may do what takes a role; nobody is offered what would be refused."""
    request = _request(context)
    return request is not None and Actor.of(request).has(Role(role))
