"""The personal-data gate: what must never enter, and what enters only without its person.

Pure and light (pyarrow and the standard library), so that the same rules run on a contributor's own
machine before anything is sent.
"""

from __future__ import annotations

from contributions.privacy.gate import scan
from contributions.privacy.headers import RULE_PACK_VERSION
from contributions.privacy.result import Finding, Verdict

__all__ = ["RULE_PACK_VERSION", "Finding", "Verdict", "scan"]
