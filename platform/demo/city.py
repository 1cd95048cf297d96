"""Building the demo city: its people, reference populations and calls. Safe to repeat."""

from __future__ import annotations

from dataclasses import dataclass, field

from contributions.calls.services import draft_call, publish_call, register_reference
from contributions.models import Call
from demo import people
from demo.calls import call_documents
from demo.people import Member
from demo.population import reference_documents
from dure.accounts import services as accounts
from dure.accounts.acting import Actor
from dure.accounts.models import Organisation, Person

FOUNDER = Actor.system("demo")


@dataclass
class City:
    """Who and what is there, by the handles of `demo.people`."""

    persons: dict[str, Person] = field(default_factory=dict)
    firms: dict[str, Organisation] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    founded_now: bool = False

    def actor(self, member: Member) -> Actor:
        return Actor.for_person(self.persons[member.handle])


def found_city() -> City:
    """The city, whatever was missing of it added; nothing that is there is changed."""
    city = City()
    for firm in people.FIRMS:
        city.firms[firm.handle] = _organisation(firm)
    for member in people.CAST:
        city.persons[member.handle] = _person(city, member)
    kang, lim = city.actor(people.KANG), city.actor(people.LIM)
    for document in reference_documents():
        register_reference(acting=kang, document=document)
    for document in call_documents():
        slug = str(document["slug"])
        call = Call.objects.filter(slug=slug).first()
        if call is None:
            call = draft_call(acting=kang, document=document)
            city.founded_now = True
        if call.published is None:
            publish_call(acting=kang, slug=slug)
            # Money changes hands here: a second person decides.
            publish_call(acting=lim, slug=slug)
        city.calls.append(slug)
    return city


def _organisation(firm: people.Firm) -> Organisation:
    found = Organisation.objects.filter(name_en=firm.english).first()
    return found or accounts.create_organisation(acting=FOUNDER, name=firm.name, kind=firm.kind)


def _person(city: City, member: Member) -> Person:
    person = Person.objects.filter(email=member.email).first()
    if person is None:
        person = accounts.create_person(
            acting=FOUNDER,
            email=member.email,
            name=member.name,
            password=people.DEMO_PASSWORD,
            language=member.language,
            roles=member.roles,
            district=member.district,
            birth_year=member.birth_year,
            sex=member.sex,
        )
    if member.firm:
        accounts.add_member(acting=FOUNDER, organisation=city.firms[member.firm], person=person)
    return person
