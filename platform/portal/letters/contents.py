"""What letters about somebody's affairs say: the content itself, not a call to log in."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import override

from contributions.models import Contribution
from contributions.selectors import contribution_document, findings_page
from dure.accounts.invitations import waiting_invitation
from dure.accounts.models import Invitation, Membership, Person, WebhookEndpoint
from dure.accounts.roles import MemberRole
from dure.core.clock import now
from dure.core.language import city_name, localized
from dure.core.money import format_amount
from governance.models import Objection, RightKind, RightsRequest
from governance.rights.restriction import rests_until
from governance.rights.selectors import objection_document, request_document
from portal.formatting import amount_text, date_text, moment_text, number_text
from portal.letters.consents import consent_letter
from portal.letters.letter import Letter
from portal.letters.places import address_of
from portal.letters.releases import release_letter
from portal.models import LetterKind, WaitingLetter
from portal.rights_words import right_text
from rewards.models import (
    CheckState,
    ClaimCheck,
    ClaimCode,
    HeldReward,
    OverruledFinding,
    Redemption,
)
from rewards.models.epochs import Epoch, EpochInput
from rewards.models.unclaimed import UnclaimedAmount
from rewards.wallet.selectors import redemption_document

FINDINGS_IN_A_LETTER = 5
CONTRIBUTIONS_IN_A_LETTER = 20

Facts = tuple[tuple[str, str], ...]


def letter_of(row: WaitingLetter) -> tuple[str, Letter] | None:
    """Address and letter, in the language at work; None where its subject is gone or foreign."""
    if row.kind == LetterKind.GUARDIANSHIP:
        return _guardianship(row)
    if row.kind == LetterKind.MEMBERSHIP:
        return _membership(row)
    letter = _LETTERS[LetterKind(row.kind)](row)
    return None if letter is None else (row.person.email, letter)


def _footing() -> str:
    return _("Which letters you get, you choose here: %(address)s") % {
        "address": address_of("portal:letters")
    }


def _is_theirs(person: Person, party_id: UUID) -> bool:
    """A letter goes to the party itself or, for an organisation, to its members."""
    return (
        person.party_id == party_id
        or person.memberships.filter(organisation__party_id=party_id).exists()
    )


def _contribution(row: WaitingLetter) -> Letter | None:
    found = Contribution.objects.select_related("call").filter(id=row.about).first()
    if found is None or not _is_theirs(row.person, found.party_id):
        return None
    document = contribution_document(found)
    # What happened by then: a letter never tells of a state that has passed.
    if f"contribution.{document['state']}" != row.event:
        return None
    subjects = {
        "accepted": _("Contribution %(receipt)s was accepted"),
        "returned": _("Contribution %(receipt)s: please fix some rows"),
        "rejected": _("Contribution %(receipt)s was refused and deleted"),
        "failed": _("Contribution %(receipt)s could not be processed"),
    }
    counts = document["counts"]
    facts: list[tuple[str, str]] = [
        (_("Receipt number"), found.receipt),
        (_("Rows received"), number_text(counts["received"])),
        (_("Accepted"), number_text(counts["accepted"])),
        (_("Set aside"), number_text(counts["quarantined"])),
        (_("Repeated"), number_text(counts["duplicate"])),
    ]
    reward = document["reward"]
    if reward["pending"] not in ("", "0"):
        facts.append((_("Reward so far"), amount_text(reward["pending"], reward["asset"])))
    rows = [
        _("Row %(row)s, %(column)s: %(message)s")
        % {"row": one["row"], "column": one["column"] or "–", "message": one["message"]}
        for one in findings_page(found, limit=FINDINGS_IN_A_LETTER)
    ]
    paragraphs = [document["reason"]] if document["reason"] else []
    return Letter(
        subjects[document["state"]] % {"receipt": found.receipt},
        (*paragraphs, *rows),
        facts=tuple(facts),
        link=address_of("portal:contribution", found.receipt),
        footing=_footing(),
    )


def _reward(row: WaitingLetter) -> Letter | None:
    epoch = Epoch.objects.select_related("call", "call_version").filter(id=row.about).first()
    if epoch is None:
        return None
    inputs = EpochInput.objects.filter(epoch=epoch, contribution__party_id=row.person.party_id)
    earned = list(inputs.select_related("contribution").order_by("contribution__receipt"))
    total = sum(one.reward for one in earned)
    if total <= 0:
        return None
    facts = [
        (one.contribution.receipt, amount_text(format_amount(one.reward), epoch.asset))
        for one in earned[:CONTRIBUTIONS_IN_A_LETTER]
    ]
    if len(earned) > CONTRIBUTIONS_IN_A_LETTER:
        more = number_text(len(earned) - CONTRIBUTIONS_IN_A_LETTER)
        facts.append((_("Further contributions"), more))
    facts.append((_("Together"), amount_text(format_amount(total), epoch.asset)))
    held = HeldReward.objects.filter(epoch=epoch, contribution__party_id=row.person.party_id)
    waits = sum(part.amount for part in held)
    if waits:
        until = {"day": date_text(max(part.due_at for part in held))}
        waiting = amount_text(format_amount(waits), epoch.asset)
        facts.append((_("Of that held back until %(day)s") % until, waiting))
    amount = amount_text(format_amount(total - waits), epoch.asset)
    first = earned[0].contribution.receipt
    version = epoch.call_version
    title = localized(version.document["title"]) if version else epoch.call.slug
    return Letter(
        _("Your reward of %(amount)s is confirmed") % {"amount": amount},
        (
            _("Epoch %(number)s of the call “%(call)s” was approved, and the amount is in your"
              " wallet.")
            % {"number": epoch.number, "call": title},
            _("How each amount came about, line by line, stands on its page."),
        ),
        facts=tuple(facts),
        link=address_of("portal:contribution-why", first),
        footing=_footing(),
    )  # fmt: skip


def _expiry(row: WaitingLetter) -> Letter | None:
    found = UnclaimedAmount.objects.filter(id=row.about).first()
    if found is None or not _is_theirs(row.person, found.party_id) or found.claimed_at:
        return None
    amount = amount_text(format_amount(found.amount), found.asset)
    return Letter(
        _("%(amount)s is waiting for you until %(day)s")
        % {"amount": amount, "day": date_text(found.claim_by)},
        (
            _("You have not used your wallet for a long time. Claim the amount by that day;"
              " afterwards it goes to the neighbourhood funds."),
        ),
        facts=((_("Amount"), amount), (_("Claim by"), date_text(found.claim_by))),
        link=address_of("portal:wallet"),
        footing=_footing(),
    )  # fmt: skip


def _redemption(row: WaitingLetter) -> Letter | None:
    found = Redemption.objects.filter(id=row.about).first()
    if found is None or not _is_theirs(row.person, found.party_id):
        return None
    if f"redemption.{found.state}" != row.event:
        return None
    amount = amount_text(format_amount(found.amount), found.asset)
    subjects = {
        "settled": _("%(amount)s was paid out"),
        "returned": _("%(amount)s could not be paid out"),
    }
    subject = subjects.get(str(found.state))
    if subject is None:
        return None
    told = [redemption_document(found)["reason"]]
    if found.state == "returned":
        told.append(_("The amount is in your wallet again."))
    return Letter(
        subject % {"amount": amount},
        tuple(text for text in told if text),
        facts=((_("Amount"), amount),),
        link=address_of("portal:wallet"),
        footing=_footing(),
    )


def _answer(row: WaitingLetter) -> Letter | None:
    objection = Objection.objects.filter(id=row.about).first()
    request = None if objection else RightsRequest.objects.filter(id=row.about).first()
    asked = objection or request
    if asked is None or not _is_theirs(row.person, asked.party_id):
        return None
    if objection:
        answer = objection_document(objection)["answer"]
        subject = _("Your objection was answered")
    else:
        assert request is not None
        answer = request_document(request)["answer"]
        subject = _("Answered: %(what)s") % {"what": right_text(request.kind)}
    if answer is None:
        return None
    told = [answer["reason"]]
    if request and answer["outcome"] == "granted" and _holds_a_code(request):
        told.append(
            _("What is left in your wallet waits for 30 days once your account is gone. With the "
              "code that you noted you have it paid out here: %(address)s")
            % {"address": address_of("portal:claim")}
        )  # fmt: skip
    until = rests_until(request) if request else None
    if until is not None:
        told.append(
            _("Your data still rests until %(when)s. Afterwards it is used again where your"
              " consents allow it.") % {"when": moment_text(until)}
        )  # fmt: skip
    return Letter(
        subject,
        tuple(told),
        link=address_of("portal:rights"),
        footing=_footing(),
    )


def _holds_a_code(request: RightsRequest) -> bool:
    leaves = request.kind == RightKind.ERASURE
    return leaves and ClaimCode.objects.filter(party_id=request.party_id).exists()


def _guardianship(row: WaitingLetter) -> tuple[str, Letter] | None:
    """To a guardian who may have no account yet; in the child's language."""
    found = waiting_invitation(row.about)
    if found is None:
        return None
    child = found.child.name
    return found.guardian_email, Letter(
        _("%(name)s asks you to be their guardian here") % {"name": child},
        (
            _("%(name)s, who is under 14, has opened an account in %(city)s, where residents"
              " contribute city data and share in its value. Under 14, a guardian decides which"
              " uses a child agrees to.") % {"name": child, "city": city_name()},
            _("If you are the guardian: log in or open an account with this e-mail address, then"
              " confirm on the page about consents. Nothing of the child is used before."),
            _("If you are not, you need do nothing: without your answer the request and this"
              " address are destroyed within five days."),
        ),
        link=address_of("portal:consents"),
    )  # fmt: skip


def _membership(row: WaitingLetter) -> tuple[str, Letter] | None:
    """To somebody who may have no account yet; in their own language where it is known."""
    found = (
        Invitation.objects.select_related("organisation", "invited_by")
        .filter(id=row.about, ended_at=None, expires_at__gt=now())
        .first()
    )
    if found is None:
        return None
    known = Person.objects.filter(email=found.email).first()
    language = known.language if known else found.invited_by.language
    with override(language):
        organisation = localized(found.organisation.name)
        words = {"by": found.invited_by.name, "organisation": organisation}
        return found.email, Letter(
            _("%(by)s invites you to act for %(organisation)s") % words,
            (
                _("To accept or decline, log in with this e-mail address and open the page below."),
                _("If you do not know the sender, do nothing."),
            ),
            facts=(
                (_("Organisation"), organisation),
                (_("Invited by"), found.invited_by.name),
                (_("Open until"), date_text(found.expires_at)),
            ),
            link=address_of("portal:firm-invitation", found.id),
            language=language,
        )


def _webhook(row: WaitingLetter) -> Letter | None:
    found = (
        WebhookEndpoint.objects.select_related("organisation")
        .filter(id=row.about, removed_at=None, disabled_at__isnull=False)
        .first()
    )
    owners = Membership.objects.filter(person=row.person, role=MemberRole.OWNER)
    if found is None or not owners.filter(organisation=found.organisation).exists():
        return None
    organisation = localized(found.organisation.name)
    page = address_of("portal:firm-webhooks-endpoint", found.id)
    return Letter(
        _("A webhook of %(organisation)s was disabled") % {"organisation": organisation},
        (
            _("Nothing could be delivered to this address any more, so no news is sent there now."),
            _("What was tried, and a way to begin again, stand on its page."),
        ),
        facts=((_("Organisation"), organisation), (_("Address"), found.url)),
        link=f"{page}?organisation={found.organisation_id}",
    )


def _finding(row: WaitingLetter) -> Letter | None:
    """What a check found, what that costs, and how to object; the grounds in the city's words."""
    if row.event == "claim.finding_overruled":
        return _given_back(row)
    checks = ClaimCheck.objects.select_related("contribution", "drawing__epoch")
    check = checks.filter(id=row.about, state=CheckState.UPHELD).first()
    if check is None or not _is_theirs(row.person, check.contribution.party_id):
        return None
    epoch, receipt = check.drawing.epoch, check.contribution.receipt
    held = HeldReward.objects.filter(epoch=epoch, contribution=check.contribution_id).first()
    if held is None:
        return None
    return Letter(
        _("Contribution %(receipt)s: a part of the reward is not paid") % {"receipt": receipt},
        (
            _("The contribution was drawn for a check by lot, and two people found it unsound."),
            check.reason,
            _("What was paid before stays yours. You may object: a person who took no part in the"
              " check looks at it again."),
        ),
        facts=(
            (_("Receipt number"), receipt),
            (_("Not paid"), amount_text(format_amount(held.amount), epoch.asset)),
        ),
        link=address_of("portal:objection", receipt),
    )  # fmt: skip


def _given_back(row: WaitingLetter) -> Letter | None:
    """That an objection to a finding was granted, whole or in part, and what was paid for it."""
    given = (
        OverruledFinding.objects.filter(check_of=row.about)
        .select_related("check_of__contribution", "check_of__drawing__epoch")
        .first()
    )
    if given is None or not _is_theirs(row.person, given.check_of.contribution.party_id):
        return None
    check = given.check_of
    epoch, receipt = check.drawing.epoch, check.contribution.receipt
    held = HeldReward.objects.get(epoch=epoch, contribution=check.contribution_id)
    facts = [
        (_("Receipt number"), receipt),
        (_("Given back"), amount_text(format_amount(given.amount), epoch.asset)),
    ]
    if given.amount < held.amount:
        taken = amount_text(format_amount(held.amount), epoch.asset)
        return Letter(
            _("Contribution %(receipt)s: a part is yours again") % {"receipt": receipt},
            (
                _("Your objection was granted in part. Why, its answer says."),
                _("A second person approved it, and the amount was paid into your wallet."),
            ),
            facts=(*facts, (_("Of what was taken"), taken)),
            link=address_of("portal:objection", receipt),
        )
    return Letter(
        _("Contribution %(receipt)s: what was taken back is yours again") % {"receipt": receipt},
        (
            _("Your objection was granted: the finding about this contribution no longer stands."),
            _("A second person approved it, and the amount was paid into your wallet."),
        ),
        facts=tuple(facts),
        link=address_of("portal:contribution-why", receipt),
    )


_LETTERS: dict[LetterKind, Callable[[WaitingLetter], Letter | None]] = {
    LetterKind.CONTRIBUTIONS: _contribution,
    LetterKind.REWARDS: _reward,
    LetterKind.EXPIRY: _expiry,
    LetterKind.REDEMPTIONS: _redemption,
    LetterKind.ANSWERS: _answer,
    LetterKind.WEBHOOKS: _webhook,
    LetterKind.FINDINGS: _finding,
    LetterKind.RECALLS: release_letter,
    LetterKind.CONSENTS: consent_letter,
}
