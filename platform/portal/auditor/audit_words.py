"""What audits of algorithms say in codes, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from contributions.strata_labels import dimension_label
from contributions.strata_labels import label as stratum_label
from dure.core.language import localized


def trial_text(name: str) -> str:
    """What a trial tried; its code where it has no words yet."""
    return {**_of_rewards(), **_of_contributions(), **_of_reports(), **_of_licences()}.get(
        name, name
    )


def _of_rewards() -> dict[str, str]:
    return {
        "replay": _("Every settlement follows from its manifest, byte for byte"),
        "order": _("The order in which contributions come makes no difference"),
        "identity": _("Who contributed makes no difference"),
        "split": _("Splitting a contribution in two never pays more"),
        "own-mass": _("A record more never pays less"),
        "budget-conserved": _("What a settlement paid is the sum of its rewards, within its pool"),
        "ledger-agrees": _("The ledger moved exactly what the settlement says"),
        "reward-has-a-contribution": _("Every reward stands for an accepted contribution"),
        "held-parts-follow-again": _("What waits of a reward is its published share, no more"),
        "false-claims-do-not-pay": _("The shares checked and held back keep false claims from "
                                     "paying"),
        "held-pay-comes-on-its-day": _("What waited is paid on its day"),
        "held-pay-is-lost-by-two-people": _("Held pay is lost only by a finding of two people"),
        "drawings-follow-again": _("Whom a drawing names follows from the log and the manifest"),
        "equal-rewards-wait-alike": _("Equal rewards wait in equal parts, whoever earned them"),
    }  # fmt: skip


def _of_contributions() -> dict[str, str]:
    return {
        "records-conserved": _("Accepted, set aside and duplicate records add up"),
        "refusal-has-a-reason": _("Whoever was refused was told a reason"),
        "text-district": _("The district that a text names changes nothing about what is found"),
        "text-sex": _("Women or men in a text: nothing changes about what is found"),
        "text-origin": _("Koreans or foreigners in a text: nothing changes about what is found"),
        "registration-number": _("Registration numbers of women and men, Koreans and foreigners, "
                                 "are treated alike"),
        "row-order": _("The order of the rows changes nothing about what is found"),
        "same-file-same-findings": _("The same file twice is answered twice alike"),
        "refused-file-is-gone": _("Of a refused file nothing is kept"),
        "refusal-shows-its-place": _("Whoever was refused reads where in the file and why"),
        "nothing-refusable-went-through": _("What was let through holds nothing that has a file "
                                            "refused"),
        "fingerprints-follow-again": _("Fingerprints of stored records are those that are held"),
        "record-order": _("The order of the records makes no difference to which are the same"),
        "column-order": _("The order of the columns makes no difference to which are the same"),
        "spelling": _("Blanks around a value make no difference to which records are the same"),
        "calls-apart": _("The same record in another call is not recognised"),
        "every-record-counts-once": _("Every record that counts holds one fingerprint"),
        "first-comes-first": _("A record counts for whoever sent it first"),
        "masses-follow-again": _("The mass of every stratum follows from the records"),
        "weights-follow-again": _("The weights of a release follow from its records"),
        "totals-follow-again": _("The sums that pages show are the sums of all contributions"),
        "record-order-of-weights": _("The order of the records makes no difference to weights"),
        "classes-are-large-enough": _("Every class of a release stands for enough contributors"),
        "sensitive-values-vary": _("Every class of a release has more than one sensitive value"),
        "no-two-releases-tell-of-few": _("No two releases tell of a few by subtracting"),
        "little-is-withheld": _("No release withholds more than the allowed share"),
        "file-holds-its-records": _("The file of a release holds just its records"),
        "nothing-is-left-out-unsaid": _("A release holds every record that may go, or says how "
                                        "many it withholds"),
        "gate-decides-again": _("From the same records the gate lets the same ones go"),
        "record-order-of-gate": _("The order of the records makes no difference to which ones go"),
    }  # fmt: skip


def _of_reports() -> dict[str, str]:
    return {
        "reports-are-as-logged": _("The bytes of every report are those that were logged"),
        "no-small-count-is-shown": _("No count of one to four persons stands in a report"),
        "totals-tell-of-nobody": _("No total less its parts tells of a few"),
        "purposes-tell-of-nobody": _("No two purposes of a call tell of a few"),
        "editions-tell-of-nobody": _("No two editions of a quarter tell of a few"),
        "quarters-tell-of-nobody": _("No quarters in a row tell of a few"),
        "made-up-tables-cannot-be-solved": _("Made-up tables withstand a reader who subtracts"),
        "row-order-of-counts": _("The order of the rows changes nothing about what is withheld"),
        "nothing-more-to-withhold": _("Withholding once more withholds nothing more"),
        "shown-sums-are-safe": _("No sum that is shown tells what one of a few was paid"),
        "withheld-sums-cannot-be-solved": _("No withheld sum can be computed from all reports"),
        "sums-on-the-edge": _("On the very edge the rules decide as they are published"),
        "name-of-a-contributor": _("Who a contributor is changes nothing about what is withheld"),
        "unit-of-amounts": _("The unit of amounts changes nothing about what is withheld"),
        "order-of-cells": _("The order of the cells changes nothing about what is withheld"),
    }


def _of_licences() -> dict[str, str]:
    return {
        "quotes-follow-again": _("Every quote follows from the terms that it names"),
        "quote-lines-add-up": _("The lines of a quote are what was charged"),
        "margin-within-its-cap": _("No quote charges more than cost and the published margin"),
        "equal-facts-equal-quotes": _("Equal facts were quoted equal prices"),
        "partner-order": _("In which order a firm names its partners makes no difference"),
        "split-firm": _("Two halves of a firm pay what the whole pays"),
        "larger-never-pays-less": _("A larger firm never pays less"),
        "more-records-never-cost-less": _("More records never cost less"),
        "research-never-pays-more": _("Non-profit research never pays more than a firm"),
        "split-follows-again": _("Every part of a revenue is its published share, rounded down"),
        "revenue-conserved": _("All of a revenue went to the three parts"),
        "terms-were-in-force": _("The terms that split a revenue were in force that day"),
        "dividends-add-up": _("Shares and what is left make up the contributors' part"),
        "shares-follow-again": _("Every share of a dividend is its part by weight"),
        "order-of-parts": _("The order in which parts are named makes no difference"),
        "name-of-a-part": _("How a part is called makes no difference"),
        "whole-units-are-all-given": _("Whole units among funds are all given, to within one"),
    }


def part_text(part: str) -> str:
    """What an audit examines."""
    return {
        "selection": _("Decisions by group"),
        "shares": _("What was done to each group"),
        "measures": _("Tests on made-up data"),
        "inequality": _("How unequally amounts are spread"),
        "reasons": _("Reasons"),
        "representation": _("Likeness to the city, before and after"),
        "counterfactuals": _("What must make no difference"),
        "replay": _("Deciding again from the same records"),
        "conservation": _("What must always hold"),
        "drift": _("What changed since the last time"),
        "appeals": _("Objections"),
    }.get(part, part)


def absent_text(reason: str) -> str:
    """Why a part of an audit has nothing to examine."""
    return {
        "nothing-yet": _("nothing of the kind was decided yet"),
        "no-persons": _("it decides about tables, prices or amounts and not about persons"),
        "no-person-given": _("it is given nothing about a person that could be changed"),
        "no-reward": _("it sets no amount"),
        "no-weighing": _("it leaves proportions as they are"),
        "nothing-refused": _("it sets nothing aside"),
        "one-reason": _("it knows one reason only"),
        "not-kept": _("what it decided on is deleted, or was never all kept together"),
        "no-objection": _("there is no decision of its own that somebody could object to"),
        "no-test": _("there are no known answers to test it on"),
        "no-earlier": _("there is no earlier period to compare with yet"),
        "no-series": _("it follows a fixed rule, so that its decisions are no series over time"),
    }.get(reason, reason)


def measure_text(name: str) -> str:
    """What a test on made-up data tests."""
    kind, _dot, of = name.partition(".")
    if kind == "recall":
        types = {
            "rrn": _("resident registration numbers"),
            "frn": _("registration numbers of foreigners"),
            "card": _("card numbers"),
            "phone": _("phone numbers"),
            "email": _("e-mail addresses"),
            "plate": _("number plates"),
            "name": _("names of persons"),
            "passport": _("passport numbers"),
            "driver_license": _("driving licence numbers"),
            "bank_account": _("account numbers"),
            "address": _("addresses of homes"),
            "dob": _("dates of birth"),
            "geo_point": _("coordinates of homes"),
            "trajectory": _("paths of persons"),
            "ip": _("network addresses"),
            "mac": _("addresses of network cards"),
            "device_id": _("numbers of handsets"),
        }
        return _("Found: %(what)s") % {"what": types.get(of, of)}
    return {"precision": _("What was reported was rightly reported")}.get(name, name)


def share_text(name: str, dimension: str, titles: Mapping[str, str] | None = None) -> str:
    """What was done to the groups of a dimension; ``titles`` of calls by their slugs."""
    called = titles or {}
    code, *about = name.split(":")
    text = {
        "set-aside": _("Records that checks set aside"),
        "masked": _("Files in which personal data was masked"),
        "duplicate": _("Records that were duplicates"),
        "unmapped": _("Records in no stratum"),
        "withheld": _("Records that a release withholds"),
        "withheld-counts": _("Counts of persons that a report withholds"),
        "withheld-sums": _("Sums that a report withholds"),
        "reduced": _("Licences at reduced price"),
        "held": _("Reward that was held back"),
        "lost": _("Held pay that was lost by a finding"),
        "drawn": _("Contributions drawn to be checked"),
    }.get(code, code)
    kind, _colon, of = dimension.partition(":")
    if code == "withheld" and len(about) == 3:
        call = called.get(about[0], about[0])
        return f"{text}: {call} {about[2]}, {localized(dimension_label(dimension))}"
    if kind in ("call", "report"):
        return f"{text}: {called.get(of, of)}"
    if dimension == "licences":
        return text
    return f"{text}: {localized(dimension_label(dimension))}"


def group_text(dimension: str, key: str) -> str:
    """The name of a group; of parts of a report and dimensions of a call, theirs."""
    kind = dimension.partition(":")[0]
    if kind == "call":
        return localized(dimension_label(key))
    if kind == "report":
        return {
            "consent": _("Consent"),
            "contributions": _("Contributions"),
            "rewards": _("Rewards"),
            "calls": _("Calls"),
            "epochs": _("Settlements"),
        }.get(key, key)
    if dimension == "licences":
        return _("All licences")
    return localized(stratum_label(dimension, key))


def drift_text(name: str) -> str:
    """What may have moved; a call and its dimension stay as they are called."""
    known = {
        "outcomes": _("How checks ended"),
        "refusals": _("Files refused for personal data"),
        "duplicates": _("Records that were duplicates"),
    }
    call, dot, dimension = name.rpartition(".")
    if dot:
        return f"{call}: {localized(dimension_label(dimension))}"
    return known.get(name, name)


def found_text(part: str, name: str, key: str) -> str:
    """One finding in a sentence."""
    if part == "selection":
        return _("%(group)s: decided in favour less often than the best group, by more than a "
                 "fifth") % {"group": group_text(name, key)}  # fmt: skip
    if part == "shares":
        code, _dot, dimension = name.rpartition(".")
        return _("%(what)s: %(group)s stands out") % {
            "what": share_text(code, dimension),
            "group": group_text(dimension, key),
        }
    if part == "measures":
        return _("%(what)s: too often wrong") % {"what": measure_text(name)}
    if part == "drift":
        return _("%(what)s: changed since the last time") % {"what": drift_text(name)}
    if part == "representation":
        return _("%(what)s: less like the city after than before") % {"what": drift_text(name)}
    if part == "appeals":
        return _("More than a fifth of the objections that were answered changed the decision")
    return _("Broken: %(rule)s") % {"rule": trial_text(name)}


def call_of(name: str, dimension: str) -> str:
    """The slug of the call that a share is about; empty where it is about none."""
    kind, _colon, of = dimension.partition(":")
    if kind == "call":
        return of
    about = name.split(":")
    return about[1] if about[0] == "withheld" and len(about) == 4 else ""
