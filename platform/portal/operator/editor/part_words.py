"""Parts of a call document in the words that its form and its public page have for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from dure.accounts.selectors import organisations_by_name
from dure.core.language import current, localized
from portal.public.check_words import VALUES_SHOWN, check_text
from portal.public.schema_words import column_kind, severity_text

Document = Mapping[str, Any]  # Any: the call document is JSON


def purpose_parts(purposes: Sequence[Document]) -> dict[str, str]:
    """What each purpose says, by what it is called: one line for each text and each recipient."""
    named = [each for purpose in purposes for each in purpose.get("recipients", ())]
    names = _organisations() if any(each.get("organisation") for each in named) else {}
    found: dict[str, str] = {}
    for purpose in purposes:
        key, notice = str(purpose.get("key")), purpose.get("notice") or {}
        found[key] = _("Required") if purpose.get("required") else _("Optional")
        for language, called in (("ko", _("Korean")), ("en", _("English"))):
            what = _("Notice (%(language)s)") % {"language": called}
            found[f"{key}, {what}"] = str(notice.get(language, ""))
        for recipient in purpose.get("recipients", ()):
            what = _("Recipient")
            found[f"{key}, {what} {recipient.get('key')}"] = recipient_words(recipient, names)
        if purpose.get("data"):
            what = _("Data")
            found[f"{key}, {what}"] = ", ".join(map(_both, purpose["data"]))
    return found


def recipient_words(recipient: Document, organisations: Mapping[str, str]) -> str:
    """Its name in both languages, the organisation it is, and how it can be reached.

    `organisations` are names by party. One that is not registered here keeps its identifier.
    """
    tied = str(recipient.get("organisation") or "")
    label = _("Registered organisation")
    who = organisations.get(tied, tied) or _("None: nothing reaches them")
    lines = [_both(recipient.get("name") or {}), f"{label}: {who}"]
    labels = {"contact": _("Contact for questions"), "address": _("Postal address")}
    lines += [
        f"{label}: {recipient[name]}" for name, label in labels.items() if recipient.get(name)
    ]
    return "\n".join(lines)


def _organisations() -> dict[str, str]:
    return {str(each.party_id): localized(each.name) for each in organisations_by_name(current())}


def column_words(field: Document) -> str | None:
    """What a column holds; none where it says more than these words do."""
    constraints = field.get("constraints", {})
    members = {"name", "type", "format", "constraints"}
    if not members >= set(field) or not {"required"} >= set(constraints):
        return None
    required = _("Required") if constraints.get("required") else _("Optional")
    return f"{column_kind(field)}, {required}"


def check_words(check: Document) -> str | None:
    """What a check asks for and what it costs; none where it says more than these words do."""
    asked, meta = check.get("kwargs", {}), check.get("meta", {})
    plain = (
        {"type", "kwargs", "severity", "meta"} >= set(check)
        and {"column", "min_value", "max_value", "value_set"} >= set(asked)
        and len(asked.get("value_set") or ()) <= VALUES_SHOWN
        and {"loss"} >= set(meta)
    )
    return f"{check_text(check)} ({severity_text(check)})" if plain else None


def _both(texts: Mapping[str, str]) -> str:
    """A text in both languages, once where they are equal."""
    return " / ".join(dict.fromkeys(texts[each] for each in ("ko", "en") if texts.get(each)))
