"""Which letters a person gets: one choice for each kind."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from dure.accounts.acting import Actor
from portal.doors import signed_in
from portal.letters.post import choose, unwanted_by
from portal.public.accounts.dressing import letters_folder
from rewards.treasury.selectors import unclaimed_rule


def _kinds() -> dict[str, tuple[str, str]]:
    warned = unclaimed_rule()[1].warning_days
    return {
        "contributions": (
            _("What became of my contributions"),
            _("Accepted, to be fixed, refused: with the counts and the first rows to fix."),
        ),
        "rewards": (_("Rewards"), _("When a reward is confirmed, with the amounts.")),
        "expiry": (
            _("Amounts about to go to the neighbourhood funds"),
            ngettext(
                "At least %(days)d day before an unused amount goes there.",
                "At least %(days)d days before an unused amount goes there.",
                warned,
            )
            % {"days": warned},
        ),
        "redemptions": (_("Pay-outs"), _("When an amount was paid, or came back.")),
        "answers": (
            _("Answers to objections and requests"),
            _("With the reasons. They always stand under “My rights” as well."),
        ),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def letters(request: HttpRequest) -> HttpResponseBase:
    """The choices as they are; sending the form changes them all at once."""
    actor = Actor.of(request)
    if request.method == "POST":
        choose(acting=actor, wanted=request.POST.getlist("kind"))
        messages.success(request, _("Your choice is saved."))
        return redirect("portal:letters")
    unwanted = unwanted_by(actor.require_person())
    kinds = [
        {"key": key, "label": label, "hint": hint, "wanted": key not in unwanted}
        for key, (label, hint) in _kinds().items()
    ]
    context = {"kinds": kinds, "letters_folder": letters_folder()}
    return render(request, "portal/resident/letters.html", context)
