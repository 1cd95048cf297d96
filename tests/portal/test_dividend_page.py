"""Why a dividend is what it is: the page equals the ledger, and is nobody else's."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from django.test import Client

from dure.core.money import SUB_UNITS
from rewards.dividends.services import pay
from rewards.models import Entry
from tests import cast
from tests.rewards.dividends.test_dividends import paid_licence

pytestmark = pytest.mark.django_db


def test_mina_recomputes_her_dividend_and_nobody_else_reads_it(client: Client) -> None:
    dividend = paid_licence()
    pay(acting=cast.actor(cast.kang()), dividend_id=dividend.id)
    where = f"/en/wallet/dividends/{dividend.licence_id}/"
    cast.log_in(client, cast.mina())
    assert where in client.get("/en/wallet/").content.decode()
    page = client.get(where).content.decode()
    table = page[page.index('<table aria-label="Dividend calculation"') : page.index("</table>")]
    whole, own, all_of_it, share = map(Fraction, re.findall(r'<data[^>]*value="([^"]*)"', table))
    entry = Entry.objects.get(
        account__owner_id=cast.mina().party_id, transfer__kind="dividend", amount__gt=0
    )
    assert share * SUB_UNITS == entry.amount
    assert int(whole * own / all_of_it * SUB_UNITS) == entry.amount
    ko = client.get(where.removeprefix("/en")).content.decode()
    assert 'aria-label="배당 계산"' in ko
    for person in (cast.hana(), cast.lim()):
        cast.log_in(client, person)
        assert client.get(where).status_code == 404
        assert client.get(f"{where}?party={cast.mina().party_id}").status_code == 404
    assert Client().get(where).status_code == 302
