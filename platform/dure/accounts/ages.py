"""When somebody is fourteen. Pure: dates come in, moments go out."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

_CITY_ZONE = ZoneInfo("Asia/Seoul")
AGE_OF_OWN_CONSENT = 14
AGE_OF_MAJORITY = 19


def reaches(age: int, born: date) -> datetime:
    """The first moment at which somebody has an age: midnight in Seoul at the start of the day.

    The day of birth counts, and a year that lacks the day ends with the month (Civil Act, articles
    158 and 160): who was born on 29 February comes of age as March begins in a common year.
    """
    year = born.year + age
    try:
        day = born.replace(year=year)
    except ValueError:
        day = date(year, 3, 1)
    return datetime(day.year, day.month, day.day, tzinfo=_CITY_ZONE)


def surely_reached(age: int, birth_year: int) -> datetime:
    """The first moment at which everybody born in a year has an age."""
    return reaches(age, date(birth_year, 12, 31))
