"""The list of what was tried against the log; tests enter themselves, a page is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field

DATABASE = "the database refuses"
AUDIT = "`manage.py verify_log`, with the first bad index"
SEQUENCER = "the sequencer, which signs nothing"
INTEGRITY = "the integrity check"
VERIFIER = "`dure-verify` with the noted key"
CONTINUED = "`dure-verify log --from` an earlier checkpoint"
RECEIPT = "`dure-verify log --from` a contributor's receipt"
QUORUM = "`dure-verify --quorum`"
WITNESS = "a witness, which refuses to cosign"
HOLDER = "`dure-verify receipt` of whoever is shown it"


@dataclass
class Group:
    """Attacks by one kind of attacker: title and finder, in the order in which they were added."""

    heading: str
    attacks: list[tuple[str, str]] = field(default_factory=list)

    def add(self, title: str, by: str) -> str:
        if any(title == known for known, _ in self.attacks):
            raise ValueError(f"{title} is listed twice")
        self.attacks.append((title, by))
        return title


PROGRAM = Group("By a program with the platform's own rights")
OWNER = Group("By the owner of the database, with every trigger switched off")
BEFORE_SIGNING = Group("By the owner of the database, before the next head is signed")
SERVER = Group("By whoever serves the log and lacks the signing key")
THIEF = Group("By whoever holds the signing key")
GROUPS = (PROGRAM, OWNER, BEFORE_SIGNING, SERVER, THIEF)

_INTRODUCTION = """\
# Attacks on the log

Each of these is carried out by a test (`tests/governance/log/test_attacks.py` and
`tests/governance/log/test_attacks_from_outside.py`), which asserts who finds it; this page is made
of their lists and a test holds it to them. `python -m tests.benchmarks honest` does the opposite:
a thousand honest logs with writers at once, kills between commit and sequencing and changes of
keys, none of which may raise an alarm.
"""

_NOT_FOUND = """
## What nobody finds

- An entry that is deleted by the owner of the database before it has a place, within the seconds
  until it is sequenced, was never in a signed tree. The receipt number without an entry, in the
  hand of the contributor, is all that tells of it.
- Whoever holds the signing key and the database, and was never seen by a witness, a noted
  checkpoint or a receipt, can write any log. That is why one of the three should always exist.
- A contribution's entries name its receipt number. The number is random and says nothing about
  anybody, but whoever is told one can find all entries of that contribution. A commitment in its
  place would make every receipt that was given out so far unverifiable, because a receipt is
  checked by finding its number in the hashed entry.
"""


def page() -> str:
    """The documentation, from the lists."""
    lines = [_INTRODUCTION.rstrip()]
    for group in GROUPS:
        lines += ["", f"## {group.heading}", "", "| attack | found by |", "|---|---|"]
        lines += [f"| {title} | {finder} |" for title, finder in group.attacks]
    return "\n".join(lines) + "\n" + _NOT_FOUND
