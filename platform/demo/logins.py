"""`var/demo.json`: how scripts and visitors get into the running demo city."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TypedDict

from demo import people
from demo.city import FOUNDER, City
from dure.accounts import api_keys
from dure.accounts.api_key_services import issue_api_key
from dure.accounts.models import ApiKey
from dure.core.clock import now


class Login(TypedDict):
    role: str
    name: str
    email: str
    password: str
    api_key: str


class DemoDocument(TypedDict):
    url: str
    people: list[Login]
    calls: list[str]


def write_logins(city: City, *, url: str, target: Path) -> DemoDocument:
    """Everyone's login and API key; keys of an earlier start that still work are kept."""
    earlier = _earlier_keys(target)
    document: DemoDocument = {
        "url": url,
        "people": [_login(city, member, earlier.get(member.email)) for member in people.CAST],
        "calls": city.calls,
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".new")
    # Keys are secrets even where the city is not real: nobody else on the machine reads them.
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False, indent=1)
        file.write("\n")
    draft.replace(target)
    return document


def _earlier_keys(target: Path) -> dict[str, str]:
    try:
        document = json.loads(target.read_text(encoding="utf-8"))
        return {person["email"]: person["api_key"] for person in document["people"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _login(city: City, member: people.Member, earlier: str | None) -> Login:
    person = city.persons[member.handle]
    secret = earlier if earlier is not None and _works(earlier) else None
    if secret is None:
        organisation = city.firms[member.firm] if member.firm else None
        _, secret = issue_api_key(acting=FOUNDER, person=person, organisation=organisation)
    return {
        "role": member.role.value,
        "name": member.name,
        "email": member.email,
        "password": people.DEMO_PASSWORD,
        "api_key": secret,
    }


def _works(secret: str) -> bool:
    return ApiKey.objects.filter(
        digest=api_keys.digest(secret), revoked_at__isnull=True, expires_at__gt=now()
    ).exists()
