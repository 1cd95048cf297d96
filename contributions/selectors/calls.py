"""Reading calls: which are open, their documents, and how full their strata are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from contributions import problems
from contributions.calls.document import with_defaults
from contributions.models import Call, CallVersion, ReferencePopulation
from contributions.registries import PriceDocument, price_provider
from contributions.selectors.references import named_references
from contributions.strata_labels import Label, dimension_label, label
from contributions.totals import masses
from dure.core.clock import now
from governance.log.remembering import as_of_the_log

#: {dimension: {stratum: thousandths of a record}}
Stock = dict[str, dict[str, int]]
SLUG = re.compile(r"^[a-z0-9-]{1,80}$", re.ASCII)


class StratumDocument(TypedDict):
    """The live state of one stratum; `share` and prices are decimal strings, masses thousandths."""

    dimension: str
    dimension_label: Label
    key: str
    label: Label
    share: str
    target: int
    have: int
    price: str | None
    multiplier: str | None


def is_open(call: Call, moment: datetime) -> bool:
    """Whether a call takes contributions at a moment."""
    published = call.published
    return (
        published is not None
        and published.state == CallVersion.State.PUBLISHED
        and (call.opens_at is None or call.opens_at <= moment)
        and (call.closes_at is None or moment < call.closes_at)
    )


def _published() -> QuerySet[Call]:
    return (
        Call.objects.filter(published__isnull=False)
        .select_related("published")
        .prefetch_related("published__references")
    )


def open_calls() -> QuerySet[Call]:
    """Calls that take contributions now, with their published version."""
    moment = now()
    return _published().filter(
        Q(opens_at=None) | Q(opens_at__lte=moment),
        Q(closes_at=None) | Q(closes_at__gt=moment),
        published__state=CallVersion.State.PUBLISHED,
    )


def open_version(slug: str) -> CallVersion:
    """The version under which a call takes contributions now; CALL_UNKNOWN or CALL_CLOSED."""
    version = published_version(slug)
    if not is_open(version.call, now()):
        raise problems.CALL_CLOSED.problem()
    return version


def published_version(slug: str) -> CallVersion:
    """The published (or since closed) version of a call; CALL_UNKNOWN where there is none."""
    call = _published().filter(slug=slug).first() if SLUG.match(slug) else None
    if call is None or call.published is None:
        raise problems.CALL_UNKNOWN.problem()
    version = call.published
    version.call = call
    return version


def version_in_preparation(slug: str) -> CallVersion | None:
    """The draft or proposed version of a call, for those who prepare it."""
    return (
        CallVersion.objects.select_related("call")
        .filter(call__slug=slug, state__in=[CallVersion.State.DRAFT, CallVersion.State.PROPOSED])
        .first()
    )


def latest_version(slug: str) -> CallVersion | None:
    """The newest wording of a call, whatever became of it; None where there is no such call."""
    versions = CallVersion.objects.select_related("call", "author", "proposer", "approver")
    return versions.filter(call__slug=slug).order_by("-number").first()


def version_number(slug: str, number: int) -> CallVersion | None:
    """One wording of a call by its number."""
    versions = CallVersion.objects.select_related("call", "author", "proposer", "approver")
    return versions.filter(call__slug=slug, number=number).first()


def versions_of(slug: str) -> QuerySet[CallVersion]:
    """Every wording of a call, newest first."""
    return (
        CallVersion.objects.select_related("call", "author", "proposer", "approver")
        .filter(call__slug=slug)
        .order_by("-number")
    )


def all_calls() -> QuerySet[Call]:
    """Every call with its versions, for those who prepare them."""
    return Call.objects.select_related("published").prefetch_related(
        Prefetch("versions", CallVersion.objects.select_related("author").order_by("-number"))
    )


def calls_in_preparation() -> QuerySet[CallVersion]:
    """Every draft and proposal, newest first: the work list of operators."""
    return (
        CallVersion.objects.select_related("call", "author", "proposer")
        .filter(state__in=[CallVersion.State.DRAFT, CallVersion.State.PROPOSED])
        .order_by("-created_at")
    )


def stocks(calls: Iterable[UUID]) -> dict[UUID, Stock]:
    """Mass of accepted, still usable contributions per call, dimension and stratum."""
    asked = sorted(set(calls), key=str)
    return as_of_the_log(f"stocks:{','.join(map(str, asked))}", lambda: masses(asked))


def stock(call_slug: str) -> Stock:
    """Mass per dimension and stratum of one call, in thousandths of a record."""
    call = Call.objects.filter(slug=call_slug).first()
    if call is None:
        raise problems.CALL_UNKNOWN.problem()
    return stocks([call.id]).get(call.id, {})


def references_of(version: CallVersion) -> dict[str, ReferencePopulation]:
    """The reference populations a version relies on, by key."""
    return {reference.key: reference for reference in version.references.all()}


def share_text(share: Fraction) -> str:
    """A share as a decimal string of six places, halves rounded up."""
    millionths = (share.numerator * 2_000_000 + share.denominator) // (2 * share.denominator)
    return f"{millionths // 1_000_000}.{millionths % 1_000_000:06d}"


def strata_documents(
    version: CallVersion,
    have: Stock,
    references: Mapping[str, ReferencePopulation] | None = None,
) -> list[StratumDocument]:
    """The live strata of a version: share, target and mass so far, price where one is known.

    `references` are given for a version that is not stored; such a one has no prices.
    """
    prices: Mapping[str, Mapping[str, PriceDocument]] = {}
    if references is None:
        provider = price_provider.get("prices")
        prices = provider(version, have) if provider else {}
        references = references_of(version)
    target_mass = version.document["target_mass"] * 1000
    documents: list[StratumDocument] = []
    for part in version.document["strata"]:
        dimension = part["dimension"]
        reference = references[part["reference"]]
        counts: dict[str, int] = reference.dimensions[dimension]
        total = sum(counts.values())
        for key, count in counts.items():
            share = Fraction(count, total)
            price = prices.get(dimension, {}).get(key)
            documents.append(
                {
                    "dimension": dimension,
                    "dimension_label": dimension_label(dimension),
                    "key": key,
                    "label": label(dimension, key, reference.labels),
                    "share": share_text(share),
                    "target": int(share * target_mass),
                    "have": have.get(dimension, {}).get(key, 0),
                    "price": price["price"] if price else None,
                    "multiplier": price["multiplier"] if price else None,
                }
            )
    return documents


def call_document(
    version: CallVersion, *, live: bool = True, have: Stock | None = None
) -> dict[str, Any]:  # Any: the call document, JSON of DESIGN's shape
    """The call document of one version; `live` adds the state of its strata now.

    `have` is the stock where the caller has it already (pages of many calls).
    """
    document = {
        **version.document,
        "version": version.number,
        "status": status(version),
    }
    if live:
        if have is None:
            have = stocks([version.call_id]).get(version.call_id, {})
        document["strata_rules"] = version.document["strata"]
        document["strata"] = strata_documents(version, have)
    return document


# Any: a call document, JSON of DESIGN's shape
def document_as_published(document: Mapping[str, Any]) -> dict[str, Any]:
    """What `call_document` would say of a sound document without any data; nothing is written."""
    call = Call(slug=document["slug"])
    version = CallVersion(call=call, number=0, document=with_defaults(document))
    shown = {**version.document, "version": 0, "status": "draft"}
    shown["strata_rules"] = version.document["strata"]
    # Without its pool no price is known yet.
    references = {each.key: each for each in named_references(document)}
    shown["strata"] = strata_documents(version, {}, references=references)
    return shown


def call_documents(calls: Iterable[Call]) -> list[dict[str, Any]]:  # Any: see call_document
    """Live documents of a page of calls, with a fixed number of queries."""
    page = [call for call in calls if call.published is not None]
    found = stocks(call.id for call in page)
    documents = []
    for call in page:
        assert call.published is not None
        call.published.call = call
        documents.append(call_document(call.published, have=found.get(call.id, {})))
    return documents


def status(version: CallVersion) -> str:
    """draft, proposed, scheduled, open or closed: where a version stands for a reader."""
    if version.state in (CallVersion.State.DRAFT, CallVersion.State.PROPOSED):
        return version.state
    call, moment = version.call, now()
    if version.state == CallVersion.State.PUBLISHED and call.opens_at and moment < call.opens_at:
        return "scheduled"
    return "open" if version.id == call.published_id and is_open(call, moment) else "closed"
