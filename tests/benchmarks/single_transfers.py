"""Transfers of one token each in a process of its own, until standard input is closed.

Prints a line when it begins, and at the end the moment and the seconds of each, as JSON.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
import uuid
from typing import Final

PAUSE_S: Final = 0.005


def main(address: str) -> None:
    os.environ["DURE_DATABASE_URL"] = address
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")
    import django

    django.setup()
    from dure.accounts.acting import Actor
    from dure.accounts.models import Party
    from dure.core.ids import new_id
    from rewards.ledger.accounts import open_accounts, source_key, wallet_key
    from rewards.ledger.orders import TransferOrder
    from rewards.ledger.services import post

    party = Party.objects.create(id=new_id(), kind=Party.Kind.PERSON)
    keys = [source_key("DURE"), wallet_key(party.id, "DURE")]
    ids = open_accounts(wanted=keys)
    acting = Actor.system("benchmark")

    def one() -> tuple[float, float]:
        order = TransferOrder.between(
            key=uuid.uuid4(), kind="reward", source=ids[keys[0]], target=ids[keys[1]], amount=1
        )
        moment, start = time.time(), time.perf_counter()
        post(acting=acting, transfers=[order])
        return moment, time.perf_counter() - start

    for _ in range(20):
        one()
    print("ready", flush=True)
    times = []
    while not select.select([sys.stdin], [], [], PAUSE_S)[0]:
        times.append(one())
    print(json.dumps(times), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
