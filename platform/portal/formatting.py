"""How figures are written for readers; the exact value always travels beside the text."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation

from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from dure.core.language import current

#: Anything that the documents of the rooms carry as a figure.
Figure = str | int | Decimal
#: The least share that one decimal of a percentage shows; less is told to be under it.
LEAST_SHARE = Decimal("0.001")


def exact(figure: Figure) -> Decimal:
    """The figure as a decimal; ``ValueError`` when it is none."""
    try:
        return Decimal(str(figure))
    except InvalidOperation as error:
        raise ValueError("not a figure") from error


def number_text(figure: Figure, decimals: int | None = None) -> str:
    """Digits grouped by thousands, as many decimals as asked for or as there are."""
    value = exact(figure)
    if decimals is not None:
        value = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{value:,f}"


def pieces_text(count: int, *, made: bool = False) -> str:
    """A count as it stands alone: ``6,944건``, ``2개`` of what was made; English has the number."""
    words = {"count": number_text(count)}
    if made:
        return pgettext("a count of things made", "%(count)s") % words
    return pgettext("a count of records or cases", "%(count)s") % words


def amount_number(figure: Figure, asset: str) -> str:
    """The number of an amount, never rounded up: won whole, tokens to two decimals or none.

    Amounts below one keep as many decimals as the first three that count, so that a small
    price is not shown as nothing.
    """
    value = exact(figure)
    places = 0 if asset == "KRW" and abs(value) >= 1 else 2
    if value and abs(value) < 1:
        places = min(6, 2 - value.adjusted())
    value = value.quantize(Decimal(1).scaleb(-places), ROUND_DOWN)
    text = f"{value:,f}"
    if text.endswith(".00"):
        return text.removesuffix(".00")
    return text.rstrip("0") if places > 2 else text


def unit_text(asset: str) -> str:
    """Name of an asset behind an amount."""
    return {"DURE": pgettext("unit", "DURE"), "KRW": pgettext("unit", "won")}.get(asset, asset)


def amount_text(figure: Figure, asset: str) -> str:
    """An amount with its unit: ``66.96 두레``, ``12,000원``."""
    glue = "" if asset == "KRW" and current() == "ko" else " "
    return f"{amount_number(figure, asset)}{glue}{unit_text(asset)}"


def exact_amount_text(figure: Figure, asset: str) -> str:
    """An amount with its unit to its last digit, for sums that are added up by hand."""
    glue = "" if asset == "KRW" and current() == "ko" else " "
    return f"{number_text(figure)}{glue}{unit_text(asset)}"


def percent_text(have: Figure, target: Figure) -> str:
    """``have`` as a whole percentage of ``target``, rounded down so that 100 % is really full."""
    whole = exact(target)
    if not whole:
        return "–"
    return f"{int(exact(have) * 100 / whole)}%"


def share_text(share: Figure) -> str:
    """A share of one as a percentage with one decimal."""
    return f"{number_text(exact(share) * 100, 1)}%"


def rows_of_all_text(rows: int, whole: int) -> str:
    """A count of rows with its share, which few of many rows must not round away."""
    share = Decimal(rows) / whole
    told = share_text(share)
    if rows and share < LEAST_SHARE:
        told = _("under %(share)s") % {"share": share_text(LEAST_SHARE)}
    return _("%(rows)s (%(share)s)") % {"rows": number_text(rows), "share": told}


def multiplier_number(figure: Figure) -> str:
    """A ratio with one decimal, two when it is close to one."""
    value = exact(figure)
    near = Decimal("0.9") < value < Decimal("1.1") and round(value, 2) * 10 % 1
    return number_text(value, 2 if near else 1)


def moment_of(value: str | datetime | None) -> datetime | None:
    """A document's RFC 3339 time as a local datetime."""
    moment = parse_datetime(value) if isinstance(value, str) else value
    return timezone.localtime(moment) if moment else None


def phone_text(number: str) -> str:
    """A telephone number as readers dial it: within the country those of Korean leave out +82."""
    if current() == "ko" and number.startswith("+82-"):
        return f"0{number.removeprefix('+82-')}"
    return number


def time_kept_text(days: int) -> str:
    """``5년(1,825일)``, ``5 years (1,825 days)``; days alone where they make no whole years."""
    count = number_text(days)
    told = ngettext("%(days)s day", "%(days)s days", days) % {"days": count}
    years, rest = divmod(days, 365)
    if rest or not years:
        return told
    text = ngettext("%(years)s year (%(days)s)", "%(years)s years (%(days)s)", years)
    return text % {"years": years, "days": told}


def date_text(moment: datetime | date) -> str:
    """``2026년 11월 22일`` or ``22 November 2026``."""
    return formats.date_format(moment, "Y년 n월 j일" if current() == "ko" else "j F Y")


def last_day_text(end: datetime) -> str:
    """``10 December 2026``, ``2026년 12월 10일까지``: of a midnight the day that ends with it."""
    day = date_text(end - timedelta(microseconds=1))
    return pgettext("the last day of a time", "%(day)s") % {"day": day}


def month_text(first: date) -> str:
    """``2026년 11월`` or ``November 2026``."""
    return formats.date_format(first, "Y년 n월" if current() == "ko" else "F Y")


def moment_text(moment: datetime) -> str:
    """Local date and time of day."""
    return f"{date_text(moment)} {moment:%H:%M}"


def state_text(state: str) -> str:
    """What a contribution's state is called."""
    return {
        "received": _("Received"),
        "checking": _("Checking"),
        "accepted": _("Accepted"),
        "returned": _("Returned"),
        "rejected": _("Refused"),
        "withdrawn": _("Withdrawn"),
        "failed": _("Could not be processed"),
    }.get(state, state)


def stage_text(stage: str) -> str:
    """What a stage of checking is called."""
    return {
        "decode": _("Reading the file"),
        "privacy": _("Personal data check"),
        "quality": _("Quality check"),
        "duplicates": _("Duplicate check"),
        "representativeness": _("Representativeness"),
    }.get(stage, stage)
