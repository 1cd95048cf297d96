"""A licence of the demo city: the research centre pays for footfall, and says what it trained."""

from __future__ import annotations

from contributions.models import Contribution, State, TrainedModel
from contributions.releases.recipients import note_download
from contributions.releases.selectors import file_for
from contributions.releases.trained import tell_of_model
from demo import people
from demo.calls import CITY_AI, FOOTFALL_HOURLY
from demo.city import City
from demo.releases import published
from dure.core.clock import CITY_ZONE, now
from rewards.dividends.selectors import dividend_of
from rewards.dividends.services import pay
from rewards.licences.services import agree, record_payment
from rewards.licences.sizes import Asker, Told
from rewards.models import Dividend, Licence
from rewards.valuation.cost import Purpose

#: People, turnover and balance sheet of the centre, in euro: a public institution of some size.
CENTRE_SIZE = Told(120, 9_000_000, 14_000_000)
MODEL = "상권 유동인구 예측 모형 1"


def license_footfall(city: City) -> Licence | None:
    """The centre agrees, pays, and takes the release; two operators book what it paid. Once.

    None where nothing was accepted, or where the release was refused.
    """
    centre = city.firms[people.CENTRE.handle]
    accepted = Contribution.objects.filter(call__slug=FOOTFALL_HOURLY, state=State.ACCEPTED)
    if not accepted.exists():
        return None
    licence = Licence.objects.filter(party=centre.party, call__slug=FOOTFALL_HOURLY).first()
    if licence is None:
        licence = agree(
            acting=city.actor(people.DATA_USER),
            party_id=centre.party_id,
            call_slug=FOOTFALL_HOURLY,
            asker=Asker(Purpose.RESEARCH, CENTRE_SIZE),
        )
    for booking in (people.KANG, people.LIM):
        if licence.paid_at is None:
            licence = record_payment(acting=city.actor(booking), licence_id=licence.id)
    dividend = dividend_of(licence.id)
    if isinstance(dividend, Dividend) and dividend.paid_at is None:
        pay(acting=city.actor(people.LIM), dividend_id=dividend.id)
    _train(city, licence)
    return licence


def _train(city: City, licence: Licence) -> None:
    """The licensee downloads the release and tells which model it trained on it; once."""
    acting = city.actor(people.DATA_USER)
    built = published(city, FOOTFALL_HOURLY, CITY_AI, "licensed")
    if built is None or TrainedModel.objects.filter(party_id=licence.party_id).exists():
        return
    note_download(acting=acting, file=file_for(acting, str(built.id), "data.csv"))
    tell_of_model(
        acting=acting,
        release_id=built.id,
        party_id=licence.party_id,
        name=MODEL,
        trained_on=now().astimezone(CITY_ZONE).date(),
    )
