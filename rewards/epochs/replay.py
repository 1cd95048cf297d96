"""Replaying an epoch: anyone with the manifest recomputes it, bit for bit. Pure."""

from __future__ import annotations

import json
from typing import cast

from rewards.epochs import reversal
from rewards.epochs.settlement import Facts, settle


def replay(manifest: bytes) -> bytes:
    """The manifest as it follows from the facts it states; equal bytes mean an honest epoch.

    Raises ValueError for what is not a manifest, UnknownAlgorithm for a rule unknown here.
    """
    document = json.loads(manifest)
    if not isinstance(document, dict):
        raise ValueError("a manifest is a JSON object")
    try:
        if document.get("format") == reversal.FORMAT:
            names = reversal.ReversalFacts.__annotations__
            taken_back = cast("reversal.ReversalFacts", {name: document[name] for name in names})
            return reversal.reversal_manifest(taken_back)
        stated = cast("Facts", {name: document[name] for name in Facts.__annotations__})
        return settle(stated).manifest
    except (KeyError, TypeError, AttributeError, ZeroDivisionError) as error:
        raise ValueError(f"not a manifest: {type(error).__name__}") from error
