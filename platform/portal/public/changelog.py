"""What changed, from the changelog that comes with the code."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe


@dataclass
class Version:
    name: str
    groups: list[tuple[str, list[str]]] = field(default_factory=list)


@cache
def versions() -> tuple[Version, ...]:
    """The versions of CHANGELOG.md with their groups of changes."""
    found: list[Version] = []
    for line in (settings.PROJECT_DIR / "CHANGELOG.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            found.append(Version(line[3:].strip("[] ")))
        elif line.startswith("### ") and found:
            found[-1].groups.append((line[4:], []))
        elif line.startswith("- ") and found and found[-1].groups:
            found[-1].groups[-1][1].append(line[2:].replace("`", ""))
        elif line.startswith("  ") and found and found[-1].groups and found[-1].groups[-1][1]:
            found[-1].groups[-1][1][-1] += f" {line.strip()}"
    return tuple(found)


@require_safe
def changelog(request: HttpRequest) -> HttpResponseBase:
    return render(request, "portal/public/changelog.html", {"versions": versions()})
