"""When the log must not be signed any more until people have looked."""

from __future__ import annotations


class LogInconsistent(RuntimeError):
    """What is stored does not extend what was signed: nothing is signed until people looked."""
