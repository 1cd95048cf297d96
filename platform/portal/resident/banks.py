"""Banks by their three digits in transfers between banks (Korea Financial Telecommunications and
Clearings Institute), so that nobody has to know the digits of their own."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext_lazy

#: Digits as people copy them from their bank book.
ACCOUNT: Final = re.compile(r"[0-9][0-9 -]*")
#: Code and name, the most used first.
BANKS: Final = (
    ("004", gettext_lazy("KB Kookmin Bank")),
    ("088", gettext_lazy("Shinhan Bank")),
    ("020", gettext_lazy("Woori Bank")),
    ("081", gettext_lazy("Hana Bank")),
    ("011", gettext_lazy("NH Nonghyup Bank")),
    ("012", gettext_lazy("Local Nonghyup")),
    ("003", gettext_lazy("Industrial Bank of Korea")),
    ("090", gettext_lazy("Kakao Bank")),
    ("092", gettext_lazy("Toss Bank")),
    ("089", gettext_lazy("K bank")),
    ("045", gettext_lazy("Saemaeul Geumgo")),
    ("071", gettext_lazy("Korea Post")),
    ("048", gettext_lazy("Shinhyup (credit unions)")),
    ("007", gettext_lazy("Suhyup Bank")),
    ("023", gettext_lazy("SC First Bank Korea")),
    ("027", gettext_lazy("Citibank Korea")),
    ("002", gettext_lazy("Korea Development Bank")),
    ("031", gettext_lazy("iM Bank (Daegu)")),
    ("032", gettext_lazy("Busan Bank")),
    ("034", gettext_lazy("Gwangju Bank")),
    ("035", gettext_lazy("Jeju Bank")),
    ("037", gettext_lazy("Jeonbuk Bank")),
    ("039", gettext_lazy("Kyongnam Bank")),
    ("050", gettext_lazy("Savings banks")),
    ("064", gettext_lazy("National Forestry Cooperative")),
)
