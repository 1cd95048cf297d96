"""What governance itself answers when a report, an integrity check or an erasure asks."""

from __future__ import annotations
