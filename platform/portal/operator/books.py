"""The books: what the accounts of each kind hold at the end of a month, files, and closing it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.language import localized
from dure.core.money import format_amount
from dure.core.problems import NOT_FOUND, Problem
from portal.auditor.epochs import call_titles
from portal.doors import operators_only
from portal.error_summary import ErrorSummary, summary_of_problem
from portal.formatting import month_text
from portal.resident.redemptions import rail_text
from rewards.api.books import books_file
from rewards.ledger.books import (
    BookMonth,
    book_month,
    months,
    sums_of,
    trial_balance_of,
)
from rewards.ledger.periods import close_period
from rewards.ledger.statements import TrialLine
from rewards.licences.selectors import invoice_numbers
from rewards.models import AccountKind
from rewards.treasury.selectors import payout_rule

MONTHS_SHOWN = 24
FORMATS = {"beancount": "Beancount", "hledger": "hledger", "csv": "CSV"}


def _state_text(month: BookMonth) -> str:
    return {
        "running": _("Running"),
        "open": _("Over, not closed"),
        "closed": pgettext("books", "Closed"),
    }[month.state]


def _account_text(line: TrialLine, titles: dict[str, str]) -> str:
    """``Pool of a call: Daily air``; wallets are one line for all people."""
    kind = capfirst(str(AccountKind(line.kind).label))
    if not line.scope:
        return kind
    rail = line.kind == AccountKind.CLEARING
    return f"{kind}: {rail_text(line.scope) if rail else titles.get(line.scope, line.scope)}"


def _place(line: TrialLine) -> tuple[int, str]:
    """Where value comes from first, where it goes after it."""
    return AccountKind.values.index(line.kind), line.scope


def _sections(month: BookMonth) -> list[dict[str, Any]]:  # Any: a template's context
    """The trial balance, asset by asset."""
    lines = trial_balance_of(month)
    titles = call_titles({line.scope for line in lines if line.kind == AccountKind.POOL})
    paid = {line.scope for line in lines if line.kind == AccountKind.DIVIDEND and line.scope}
    titles |= invoice_numbers(paid)
    if any(line.scope for line in lines if line.kind == AccountKind.FUND):
        _version, rule = payout_rule()
        titles |= {key: localized(name) for key, name in rule.funds.items()}
    return [
        {
            "asset": asset,
            "sum": format_amount(total),
            "in_order": total == 0,
            "lines": [
                {
                    "name": _account_text(line, titles),
                    "out": format_amount(line.out),
                    "into": format_amount(line.into),
                    "balance": format_amount(line.balance),
                }
                for line in sorted(lines, key=_place)
                if line.asset == asset
            ],
        }
        for asset, total in sums_of(lines).items()
    ]


def _page(request: HttpRequest, month: str, problems: ErrorSummary | None = None) -> HttpResponse:
    every = months()
    found = next((each for each in every if each.month == month), None)
    if found is None:
        raise NOT_FOUND.problem()
    context = {
        "month": found,
        "label": month_text(found.start),
        "state_text": _state_text(found),
        "months": [
            {"code": each.month, "label": month_text(each.start)} for each in every[:MONTHS_SHOWN]
        ],
        "sections": _sections(found),
        "files": [{"form": form, "label": FORMATS[form]} for form in FORMATS],
        "may_close": found.state == "open" and Actor.of(request).has(Role.OPERATOR),
        "earlier": [
            month_text(each.start)
            for each in every
            if each.state == "open" and each.end < found.end
        ],
        "problems": problems,
    }
    status = 409 if problems else 200
    return render(request, "portal/operator/books.html", context, status=status)


@require_safe
@operators_only
def books(request: HttpRequest) -> HttpResponseBase:
    """The running month."""
    return _page(request, months()[0].month)


@require_safe
@operators_only
def month(request: HttpRequest, month: str) -> HttpResponseBase:
    return _page(request, month)


@require_safe
@operators_only
def file(request: HttpRequest, month: str, form: str) -> HttpResponseBase:
    """The entries of a month for other people's book-keeping."""
    return books_file(acting=Actor.of(request), month=month, form=form)


@require_POST
@operators_only
def closing(request: HttpRequest, month: str) -> HttpResponseBase:
    """Close a month, once and for all."""
    label = month_text(book_month(month).start)
    try:
        close_period(acting=Actor.of(request), month=month)
    except Problem as problem:
        if problem.kind.status in (403, 404):
            raise
        return _page(request, month, summary_of_problem(problem))
    done = _("The books of %(month)s are closed. The log holds the hash of their trial balance.")
    messages.success(request, done % {"month": label})
    return redirect("portal:console-books-month", month)
