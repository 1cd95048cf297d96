"""Trying a reward rule out on what it settled: what must make no difference makes none.

Every trial settles an epoch's own facts again with one change, through the same code that paid.
The number of contributions tried is bounded; which ones follows from the facts, so that the same
epochs give the same findings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Final, cast

from governance.audits.data import Trial
from rewards.epochs.replay import replay
from rewards.epochs.settlement import Facts, InputFacts, settle
from rewards.models import Epoch

#: Epochs and contributions of each that are tried.
EPOCHS_TRIED: Final = 5
INPUTS_TRIED: Final = 10
#: An epoch with more contributions is replayed and not tried: ten settlements of it would be hours.
INPUTS_MOST: Final = 5_000


def replayed(settled: list[Epoch]) -> Trial:
    """Every manifest follows from its facts, byte for byte."""
    broken = 0
    for epoch in settled:
        stored = bytes(epoch.manifest or b"")
        try:
            broken += replay(stored) != stored
        except ValueError:
            broken += 1
    return Trial("replay", len(settled), broken)


def counterfactuals(settled: list[Epoch]) -> Iterator[Trial]:
    """What may not matter, tried on the newest settlements of a rule.

    ``order``     the order in which contributions come;
    ``identity``  under which name a contribution stands: rewards move with it;
    ``split``     sending the same mass as two contributions never pays more;
    ``own-mass``  a contribution with a record more is never paid less.
    """
    trials: dict[str, Callable[[Facts, dict[str, int], InputFacts], bool]] = {
        "order": _order_matters,
        "identity": _name_matters,
        "split": _splitting_pays,
        "own-mass": _more_pays_less,
    }
    tried, broken = dict.fromkeys(trials, 0), dict.fromkeys(trials, 0)
    for epoch in settled[:EPOCHS_TRIED]:
        facts = _facts(epoch)
        if facts is None or len(facts["inputs"]) > INPUTS_MOST:
            continue
        paid = _paid(facts)
        for stated in facts["inputs"][:INPUTS_TRIED]:
            for name, is_broken in trials.items():
                tried[name] += 1
                broken[name] += is_broken(facts, paid, stated)
    for name in trials:
        yield Trial(name, tried[name], broken[name])


def _facts(epoch: Epoch) -> Facts | None:
    if epoch.manifest is None:
        return None
    document = json.loads(bytes(epoch.manifest))
    return cast("Facts", {name: document[name] for name in Facts.__annotations__})


def _paid(facts: Facts) -> dict[str, int]:
    allocation = settle(facts).allocation
    return {stated["id"]: allocation.reward(stated["id"]) for stated in facts["inputs"]}


def _with(facts: Facts, inputs: list[InputFacts]) -> Facts:
    return cast("Facts", {**facts, "inputs": inputs})


def _others(facts: Facts, stated: InputFacts) -> list[InputFacts]:
    return [each for each in facts["inputs"] if each["id"] != stated["id"]]


def _order_matters(facts: Facts, paid: dict[str, int], stated: InputFacts) -> bool:
    return _paid(_with(facts, [stated, *reversed(_others(facts, stated))])) != paid


def _name_matters(facts: Facts, paid: dict[str, int], stated: InputFacts) -> bool:
    # "~" sorts after every name of hexadecimal digits, so that the renamed one comes last.
    renamed = cast("InputFacts", {**stated, "id": "~"})
    again = _paid(_with(facts, [*_others(facts, stated), renamed]))
    again[stated["id"]] = again.pop("~")
    return again != paid


def _splitting_pays(facts: Facts, paid: dict[str, int], stated: InputFacts) -> bool:
    first, second = _halves(stated)
    again = _paid(_with(facts, [*_others(facts, stated), first, second]))
    return again[first["id"]] + again[second["id"]] > paid[stated["id"]]


def _more_pays_less(facts: Facts, paid: dict[str, int], stated: InputFacts) -> bool:
    more: InputFacts = {
        "id": stated["id"],
        "records": stated["records"] + 1,
        "masses": {
            dimension: {key: mass + 1000 for key, mass in strata.items()}
            for dimension, strata in stated["masses"].items()
        },
    }
    return _paid(_with(facts, [*_others(facts, stated), more]))[stated["id"]] < paid[stated["id"]]


def _halves(stated: InputFacts) -> tuple[InputFacts, InputFacts]:
    """The same records and masses in two contributions."""
    first: InputFacts = {
        "id": stated["id"],
        "records": stated["records"] // 2,
        "masses": {
            dimension: {key: mass // 2 for key, mass in strata.items()}
            for dimension, strata in stated["masses"].items()
        },
    }
    second: InputFacts = {
        "id": f"{stated['id']}~",
        "records": stated["records"] - first["records"],
        "masses": {
            dimension: {key: mass - mass // 2 for key, mass in strata.items()}
            for dimension, strata in stated["masses"].items()
        },
    }
    return first, second
