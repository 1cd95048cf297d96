"""Where governance asks and the rooms above answer.

A room registers what it adds to a report, what it can say about its integrity, which personal
data it holds and which algorithms it runs; governance imports none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

from dure.accounts.acting import Actor
from dure.core.canonical import Json
from dure.core.registry import Registry
from governance.audits.data import AuditData
from governance.models.rights import Objection
from governance.reports.documents import SectionDocument
from governance.reports.periods import Period

Texts = Mapping[str, str]  # {"ko": …, "en": …}


class DataHolder(Protocol):
    """A room that holds data about persons; every method may be called again safely."""

    def export(self, party_id: UUID) -> Json:
        """All that is held about the party, for the party."""

    def restrict(self, party_id: UUID) -> None:
        """Stops every use of the party's data except keeping it."""

    def erase(self, party_id: UUID) -> None:
        """Removes what can be removed, beyond what destroying the party's key does."""


@runtime_checkable
class Lifting(Protocol):
    """A room that keeps a mark of its own while data is restricted, and takes it off again."""

    def lift(self, party_id: UUID, since: datetime) -> None:
        """What was stopped since then may be used again, where consents still allow it."""


@runtime_checkable
class Filing(Protocol):
    """A room that keeps files and records of a party, beyond what ``export`` says about them."""

    def files(self, party_id: UUID) -> Mapping[str, bytes]:
        """The files themselves, by their paths below the room's folder of an export."""


class Farewell(Protocol):
    """A room that asks somebody who leaves what becomes of something of theirs."""

    def wish(self, acting: Actor, party_id: UUID, said: Mapping[str, str]) -> None:
        """Take what the person says, in the transaction of the request; raises problems."""

    def waits(self, party_id: UUID) -> bool:
        """Whether the erasure should still wait, within its legal time, for what was asked."""


@dataclass(frozen=True)
class AlgorithmEntry:
    """An algorithm that decides about people, as its room describes it.

    ``modules`` are the dotted names whose source makes up its code hash; a package stands for all
    modules in it. ``automated`` is true
    where no human looks at the single decision before it takes effect.
    """

    id: str
    name: Texts
    purpose: Texts
    version: str
    modules: tuple[str, ...]
    how: Texts
    data: Texts
    human_oversight: Texts
    automated: bool
    legal_basis: Texts = field(default_factory=dict)
    #: What keeps it from treating groups unequally, and what could go wrong; empty: as for all.
    non_discrimination: Texts = field(default_factory=dict)
    risks: Texts = field(default_factory=dict)
    in_use_since: str = ""  # YYYY-MM


@dataclass(frozen=True)
class AuditSubject:
    """What a case can be about; ``call`` is the slug that a mandate has to cover, "" for none."""

    title: Texts
    call: str = ""


@dataclass(frozen=True)
class Population:
    """What a sample is drawn from: identifiers that stand in public, each once."""

    title: Texts
    items: tuple[str, ...]
    call: str = ""


report_sections: Registry[Callable[[Period], SectionDocument]] = Registry("report section")
integrity_checks: Registry[Callable[[], dict[str, Json]]] = Registry("integrity check")
data_holders: Registry[DataHolder] = Registry("data holder")
algorithms: Registry[AlgorithmEntry] = Registry("algorithm")
# What is asked of somebody who wants to be erased, by the name of what it is about.
farewells: Registry[Farewell] = Registry("farewell")

# Decisions that a party can object to: does this decision concern this party?
decision_subjects: Registry[Callable[[UUID, str], bool]] = Registry("decision subject")
# Who decided it, as persons: none of them answers an objection to it.
decision_makers: Registry[Callable[[str], frozenset[UUID]]] = Registry("decision maker")
# How much an objection gives back that is granted in part, by the kind of its decision: takes the
# amount as it was typed, in the transaction of the answer; raises problems.
granted_parts: Registry[Callable[[Actor, Objection, str], None]] = Registry("granted part")
# Data to audit an algorithm with, under the algorithm's identifier.
audit_sources: Registry[Callable[[], AuditData]] = Registry("audit source")

# What a case can be about, by kind: the subject with this identifier, or None.
audit_subjects: Registry[Callable[[str], AuditSubject | None]] = Registry("audit subject")
# What can be drawn from, by kind: the population with this identifier, or None.
audit_populations: Registry[Callable[[str], Population | None]] = Registry("audit population")
# Whether a text that is to stand in public holds personal data.
text_gates: Registry[Callable[[str], bool]] = Registry("text gate")
