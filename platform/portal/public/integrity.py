"""What must always hold, in people's words: every check of the records with what it counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dure.core.canonical import Json
from portal.formatting import number_text, unit_text
from portal.public.status import fresh_integrity


@dataclass(frozen=True)
class Promise:
    """One thing that must hold: in words, whether it does, and the figure that says so."""

    text: str
    holds: bool | None
    figure: str


@dataclass(frozen=True)
class Part:
    name: str
    text: str
    well: bool
    promises: tuple[Promise, ...]


def _ledger_text(name: str) -> str:
    """What a check of the ledger counts where it does not hold."""
    return {
        "balances_without_their_entries": _("Every balance is the sum of its entries"),
        "entries_that_do_not_follow": _("Every entry follows from the one before"),
        "transfers_that_do_not_balance": _("Every transfer sums to zero"),
        "transfers_without_entries": _("Every posted transfer has its entries"),
        "holds_that_do_not_add_up": _("Amounts held back add up"),
        "accounts_below_their_floor": _("No account is overdrawn"),
        "bulk_postings_that_do_not_add_up": _("Postings to the whole city add up"),
        "shares_in_balances_otherwise_than_posted": _("Shares stand in balances as posted"),
        "shares_outside_balances_that_are_not_covered": _("Shares not yet taken are covered"),
        "epochs_paid_otherwise_than_settled": _("Settlements were paid as they were computed"),
        "reversals_that_took_back_otherwise": _("Reversals took back what they say"),
        "rewards_other_than_their_lines": _("Every reward is the sum of its lines"),
        "held_rewards_other_than_their_holds": _("What waits of rewards is held until its day"),
        "findings_that_took_nothing_back": _("Every upheld finding took back what it says"),
        "overruled_findings_paid_otherwise": _("What objections gave back was paid, and just that"),
        "closed_months_that_changed": _("Closed months are as they were when they were closed"),
        "guards_that_sleep": _("Everything that keeps the books from being changed is awake"),
    }.get(name, name)


def _count(check: Mapping[str, Json], key: str) -> int:
    value = check.get(key)
    return value if isinstance(value, int) else 0


def _none(text: str, count: int) -> Promise:
    """Holds where nothing was counted."""
    return Promise(text, count == 0, number_text(count))


def _of_ledger(check: Mapping[str, Json]) -> Iterator[Promise]:
    sums, found = check.get("sums"), check.get("findings")
    for asset, total in sums.items() if isinstance(sums, Mapping) else ():
        yield Promise(
            _("All accounts in %(asset)s together come to zero") % {"asset": unit_text(asset)},
            total == "0",
            str(total),
        )
    for name, count in found.items() if isinstance(found, Mapping) else ():
        yield _none(_ledger_text(name), count if isinstance(count, int) else 0)
    off = check.get("not_durable")
    yield _none(
        _("The database writes to disk before it confirms"),
        len(off) if isinstance(off, list) else 0,
    )


def _of_log(check: Mapping[str, Json]) -> Iterator[Promise]:
    size, verified = _count(check, "size"), _count(check, "verified_up_to")
    yield Promise(_("The newest head carries the city’s signature"), check.get("signed") is True,
                  _("%(size)s entries") % {"size": number_text(size)})  # fmt: skip
    bad, read = check.get("first_bad_index"), bool(check.get("verified_at"))
    yield Promise(
        _("Read again from the first entry on, nothing was changed"),
        bad is None if read else None,
        _("the first %(verified)s") % {"verified": number_text(verified)}
        if read
        else _("not read yet"),
    )
    yield Promise(_("The stored log continues the head kept outside the database"),
                  check.get("anchor") == "ok", "")  # fmt: skip
    yield Promise(
        _("Entries get their place within a minute"),
        _count(check, "lag_seconds") <= 60,
        _("%(count)s waiting") % {"count": number_text(_count(check, "waiting"))},
    )
    witnesses = check.get("witnesses")
    seen = witnesses if isinstance(witnesses, list) else []
    signed = [each for each in seen if isinstance(each, Mapping) and each["answer"] == "cosigned"]
    yield Promise(
        _("Witnesses outside the city sign the same log"),
        len(signed) == len(seen) if seen else None,
        _("%(signed)s of %(all)s") % {"signed": len(signed), "all": len(seen)}
        if seen
        else _("no witness yet"),
    )


def _part(name: str, check: Mapping[str, Json]) -> Part:
    """A check in words; one of a later version shows its name and whether it holds."""
    well = check.get("ok") is True
    title, text = name, ""
    promises: tuple[Promise, ...] = ()
    match name:
        case "log":
            title, text = _("Public log"), _("Nobody can change or remove what was recorded.")
            promises = tuple(_of_log(check))
        case "ledger":
            title, text = _("Ledger"), _("Nothing is created, lost or paid twice.")
            promises = tuple(_of_ledger(check))
        case "contributions":
            title = _("Checking of contributions")
            text = _("Whoever contributes gets an answer, and every record is accounted for.")
            promises = (
                _none(_("No contribution is past its time"), _count(check, "overdue")),
                _none(_("The records of every contribution add up"),
                      _count(check, "not_conserved")),
            )  # fmt: skip
        case "totals":
            title = _("Sums of contributions")
            text = _("What pages show of all contributions is what adding them up gives.")
            promises = (
                _none(_("All masses agree"), _count(check, "masses")),
                _none(_("All numbers of contributions agree"), _count(check, "counts")),
            )
        case "photos":
            title, text = _("Photos"), _("Photos are kept as they were sent.")
            promises = (
                _none(_("No photo was changed"), _count(check, "changed")),
                _none(_("No photo is missing"), _count(check, "gone")),
            )
        case "releases":
            title = _("Releases of data")
            text = _("Nobody who withdrew is in data that is given out.")
            rows = number_text(_count(check, "rows"))
            promises = (
                Promise(_("Rows read again against the log"), None, rows),
                Promise(_("No row belongs to somebody who withdrew"), _count(check, "late") == 0,
                        number_text(_count(check, "withdrawn"))),
                _none(_("Every manifest names a head the log had"),
                      _count(check, "heads_unknown")),
            )  # fmt: skip
        case "rights":
            title, text = (
                _("Answers due by law"),
                _("Requests and objections are answered in time."),
            )
            promises = (
                Promise(_("Waiting for an answer"), None, number_text(_count(check, "open"))),
                _none(_("Nothing is late"), _count(check, "overdue")),
            )
        case "findings":
            title = _("Findings of auditors")
            text = _("The city answers what auditors found in time.")
            promises = (
                Promise(_("Waiting for an answer"), None, number_text(_count(check, "open"))),
                _none(_("Nothing is late"), _count(check, "overdue")),
            )
        case "giving-back":
            title = _("Amounts to give back")
            text = _("What granted objections give back is paid in time.")
            promises = (
                Promise(_("Waiting for an approver"), None, number_text(_count(check, "open"))),
                _none(_("Nothing is late"), _count(check, "overdue")),
            )
        case "outbox":
            title = _("Messages between the parts")
            text = _("What one part records reaches the others.")
            lag = number_text(_count(check, "lag_seconds"))
            promises = (Promise(_("Longest wait of a notice, in seconds"), well, lag),)
    return Part(title, text, well, promises)


@require_safe
def integrity(request: HttpRequest) -> HttpResponse:
    """Every registered check; whatever is registered later shows by itself."""
    document = fresh_integrity()
    context = {
        "parts": [_part(name, check) for name, check in document["checks"].items()],
        "ok": document["ok"],
        "at": document["checked_at"],
    }
    return render(request, "portal/public/integrity.html", context)
