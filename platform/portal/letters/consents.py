"""That the city ended a consent: of which use, since when and why."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dure.accounts.guardians import is_guardian
from dure.accounts.selectors import party_name
from dure.core.language import localized
from governance.consent.purpose_words import purpose_label
from governance.models import ConsentEvent
from portal.auditor.epochs import call_titles
from portal.consent_words import ground_text
from portal.formatting import moment_text
from portal.letters.letter import Letter
from portal.letters.places import address_of
from portal.models import WaitingLetter


def consent_letter(row: WaitingLetter) -> Letter | None:
    """None where it was given anew meanwhile, or is nothing of theirs any more."""
    ended = ConsentEvent.objects.select_related("consent__notice").filter(id=row.about).first()
    if ended is None or ended.consent.latest.id != ended.id:
        return None
    consent = ended.consent
    person, party = row.person, consent.party_id
    own = person.party_id == party
    acts = own or person.memberships.filter(organisation__party_id=party).exists()
    if not acts and not is_guardian(person, party):
        return None
    notice = consent.notice
    purpose = purpose_label(notice.purpose, notice.text)
    facts = [
        (pgettext("noun", "Call"), call_titles({notice.scope}).get(notice.scope, notice.scope)),
        (_("Purpose"), purpose),
        (_("Ended"), moment_text(ended.decided_at)),
    ]
    if not own:
        facts.insert(0, (_("In whose name"), localized(party_name(consent.party_id))))
    return Letter(
        _("The city has ended a consent: %(purpose)s") % {"purpose": purpose},
        (
            ground_text(ended.ground),
            _("From that moment the data is no longer used for this purpose, and there is nothing"
              " that you have to do. Confirmed rewards stay yours."),
        ),
        facts=tuple(facts),
        link=address_of("portal:consents"),
    )  # fmt: skip
