"""The purposes of a call in its form, each with its notice and the recipients that it names."""

from __future__ import annotations

import json

from django.utils.translation import gettext as _

from dure.accounts.selectors import organisations_by_name
from dure.core.language import current, localized
from portal.operator.editor.controls import (
    Choices,
    Document,
    Errors,
    Input,
    Part,
    Section,
    as_dict,
    as_list,
    as_text,
    choice_of,
)

#: Members of a recipient that the form has a control for.
RECIPIENT = ("key", "name", "organisation", "contact", "address")


def tied_choices() -> Choices:
    """(party, name) of every registered organisation that a recipient can be tied to.

    Anybody can register a name; the choice says of which the city has looked at nobody yet.
    """
    return tuple(
        (
            str(each.party_id),
            localized(each.name)
            if each.live_since
            else _("%(name)s (not looked at yet)") % {"name": localized(each.name)},
        )
        for each in organisations_by_name(current())
    )


def purposes_section(document: Document, wrong: Errors, organisations: Choices) -> Section:
    """Every purpose as a part; `organisations` are (party, name) of those registered here."""
    return Section(
        "purposes",
        _("Purposes and notices"),
        _("One decision per purpose. The notice is what people read word for word."),
        parts=tuple(
            _purpose(at, as_dict(each), wrong, organisations)
            for at, each in enumerate(as_list(document.get("purposes")))
        ),
        add="add:purposes",
        add_label=_("Add a purpose"),
    )


def _purpose(at: int, each: Document, wrong: Errors, organisations: Choices) -> Part:
    prefix, notice = f"purposes-{at}", as_dict(each.get("notice"))
    named = as_list(each.get("recipients"))
    shown = {"key", "required", "notice"} | ({"recipients"} if named else set())
    rest = {name: value for name, value in each.items() if name not in shown}
    texts = tuple(
        Input(f"{prefix}-notice-{language}", _("Notice (%(language)s)") % {"language": name},
              "area", as_text(notice.get(language)), rows=4, lang=language,
              error=wrong.at(f"{prefix}-notice-{language}"))
        for language, name in (("ko", _("Korean")), ("en", _("English")))
    )  # fmt: skip
    key = Input(f"{prefix}-key", _("Name"), value=as_text(each.get("key")),
                hint=_("Lowercase letters and hyphens, such as city-ai or research."),
                error=wrong.at(f"{prefix}-key"))  # fmt: skip
    required = Input(
        f"{prefix}-required", _("Required to contribute"), "tick", "on",
        ticked=each.get("required") is True,
    )  # fmt: skip
    return Part(
        prefix,
        _("Purpose %(number)d") % {"number": at + 1},
        (key, required, *texts),
        hidden=((f"{prefix}-rest", _json(rest)),) if rest else (),
        remove=f"remove:purposes:{at}",
        error=wrong.at(prefix),
        parts=tuple(
            _recipient(at, place, as_dict(one), wrong, organisations)
            for place, one in enumerate(named)
        ),
        parts_title=_("Recipients by name"),
        parts_lead=_(
            "Third parties that get data of this purpose. Everybody decides on each of them"
            " separately; refusing changes nothing else."
        ),
        add=f"add:purposes.{at}.recipients",
        add_label=_("Add a recipient"),
    )


def _recipient(
    purpose: int, at: int, each: Document, wrong: Errors, organisations: Choices
) -> Part:
    prefix, name = f"purposes-{purpose}-recipients-{at}", as_dict(each.get("name"))
    rest = {member: value for member, value in each.items() if member not in RECIPIENT}
    tied = as_text(each.get("organisation"))
    known = organisations
    if tied and tied not in {party for party, _name in organisations}:
        known = (*organisations, (tied, tied))
    names = tuple(
        Input(f"{prefix}-name-{language}",
              _("Name that people read (%(language)s)") % {"language": called},
              value=as_text(name.get(language)), lang=language,
              error=wrong.at(f"{prefix}-name-{language}"))
        for language, called in (("ko", _("Korean")), ("en", _("English")))
    )  # fmt: skip
    return Part(
        prefix,
        _("Purpose %(number)d, recipient %(place)d") % {"number": purpose + 1, "place": at + 1},
        (
            *names,
            Input(f"{prefix}-key", _("Short name"), value=as_text(each.get("key")),
                  hint=_("Lowercase letters, digits and hyphens. It means this recipient for"
                         " good."),
                  error=wrong.at(f"{prefix}-key")),
            Input(f"{prefix}-organisation", _("Registered organisation"), "select", tied,
                  _("Data reaches those alone that are registered here."),
                  choice_of(known, empty=_("None: nothing reaches them")),
                  error=wrong.at(f"{prefix}-organisation")),
            Input(f"{prefix}-contact", _("Contact for questions"),
                  value=as_text(each.get("contact")),
                  hint=_("Such as an e-mail address or a telephone number; it stands in every"
                         " receipt of a consent."),
                  error=wrong.at(f"{prefix}-contact")),
            Input(f"{prefix}-address", _("Postal address"), value=as_text(each.get("address")),
                  error=wrong.at(f"{prefix}-address")),
        ),
        hidden=((f"{prefix}-rest", _json(rest)),) if rest else (),
        remove=f"remove:purposes.{purpose}.recipients:{at}",
        error=wrong.at(prefix),
    )  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
