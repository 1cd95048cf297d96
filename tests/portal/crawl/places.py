"""The addresses of the portal, found from the URLconf, each with arguments that exist in the town.

Whoever adds a page whose arguments are called like those of other pages has nothing to do. For
other names, or other values, a line in `SAMPLES` gives the page its own; a page without a sample
fails the crawl.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter
from django.utils.translation import override

from tests.portal.crawl.town import Town

#: Arguments that are not those of the town by the same name; several samples, several looks.
SAMPLES: dict[str, list[dict[str, Any]]] = {  # Any: whatever a path converter takes
    "contribute-step": [{"step": "where"}],
    "contribution": [{}, {"receipt": "@returned"}],
    "contribution-rows": [{"receipt": "@returned"}],
    "contribution-photo": [{"receipt": "@photo_receipt"}],
    "contribution-photos": [{"receipt": "@photo_receipt"}],
    "error": [{"code": "not-found"}],
    "algorithm": [{"algorithm": "reward-coverage"}],
    "algorithm-difference": [{"algorithm": "reward-coverage", "number": 2}],
    "fairness": [{"algorithm": "reward-coverage"}],
    "reference-population": [{"key": "districts-test"}],
    "report": [{"period": "@period"}],
    "right": [{"kind": "erasure"}, {"kind": "correction"}],
    "statement-file": [{"form": "csv"}],
    "console-books-file": [{"form": "csv"}],
    "console-answer-person": [{"what": "request"}],
}
#: Pages of things that the town does not have. Their own tests look at them; the crawl cannot yet.
NOT_IN_TOWN: frozenset[str] = frozenset()
#: For what is only ever sent.
NOBODY = "00000000-0000-4000-8000-000000000000"
#: What a page is asked beside its address.
QUERIES = {"console-call-versions": "?from=1&to=2", "log": "?kind=call.published"}
#: Pages that everybody meets first: crawled in every language, scheme and width.
MAIN = (
    "home", "calls", "call", "contributions", "contribution", "contribution-why", "wallet",
    "consents", "transparency", "log", "algorithms", "console", "console-call-edit", "firm",
    "contribute-step",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One look at one page; `path` is its address in Korean, ``/en`` before it is the English."""

    name: str
    path: str

    def address(self, language: str) -> str:
        return f"/en{self.path}" if language == "en" else self.path


def portal_patterns() -> Iterator[URLPattern]:
    """Every pattern that carries a page of the portal."""

    def inside(resolver: URLResolver) -> Iterator[URLPattern]:
        for each in resolver.url_patterns:
            if isinstance(each, URLResolver):
                yield from inside(each)
            else:
                yield each

    for each in get_resolver().url_patterns:
        if isinstance(each, URLResolver) and "portal" in str(each.url_patterns[0]):
            for within in each.url_patterns:
                if isinstance(within, URLResolver) and within.namespace == "portal":
                    yield from inside(within)


def places(town: Town) -> tuple[list[Place], dict[str, str]]:
    """Every place of the portal, and by name an address of those that lack a sample."""
    found: list[Place] = []
    lacking: dict[str, str] = {}
    for pattern in portal_patterns():
        assert pattern.name is not None, "a page has a name"
        wanted = pattern.pattern.converters
        for sample in SAMPLES.get(pattern.name, [{}]):
            given = {name: _value(name, sample, town) for name in wanted}
            unknown = [name for name, value in given.items() if value is None]
            if unknown:
                filled = {name: value or _nobody(wanted[name]) for name, value in given.items()}
                lacking[pattern.name] = reverse(f"portal:{pattern.name}", kwargs=filled)
                continue
            with override("ko"):
                path = reverse(f"portal:{pattern.name}", kwargs=given)
            found.append(Place(pattern.name, path + QUERIES.get(pattern.name, "")))
    return found, lacking


def _nobody(converter: object) -> str | int:
    """A value that an address takes and that nothing has."""
    return 1 if isinstance(converter, IntConverter) else NOBODY


def _value(name: str, sample: dict[str, Any], town: Town) -> Any:  # Any: a converter's value
    value = sample.get(name, town.samples.get(name))
    return town.samples[value[1:]] if isinstance(value, str) and value[:1] == "@" else value
