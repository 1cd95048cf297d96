"""django-hordak on a database of its own: run by its own interpreter, knows nothing of Dure.

``python peer_hordak.py HOST USER NAME`` says "ready", then answers a line for each line of input:
``single N`` and ``batch SIZE`` with the seconds that they took, ``race N`` with how many of N at
once were allowed to spend the same 100 and what is left.
"""

# ruff: noqa: E402
# mypy: ignore-errors

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import django
from django.conf import settings

HOST, USER, NAME = sys.argv[1:4]

settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": HOST,
            "USER": USER,
            "NAME": NAME,
        }
    },
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "mptt",
        "djmoney",
        "hordak",
    ],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    CURRENCIES=("KRW",),
    DEFAULT_CURRENCY="KRW",
    HORDAK_CURRENCIES=("KRW",),
    HORDAK_INTERNAL_CURRENCY="KRW",
    USE_TZ=True,
)
django.setup()

from django.core.management import call_command
from django.db import connection, transaction
from hordak.models import Account
from moneyed import Money

call_command("migrate", verbosity=0, interactive=False)


def account(name: str, kind: str) -> Account:
    return Account.objects.create(name=name, type=kind, code=name, currencies=["KRW"])


def transfer(source: Account, target: Account, amount: int) -> None:
    with transaction.atomic():
        source.transfer_to(target, Money(amount, "KRW"))


def won(held: Account) -> int:
    return int(held.get_balance()["KRW"].amount)


source, target = account("1", "AS"), account("2", "AS")


def single(count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        transfer(source, target, 1)
    return time.perf_counter() - start


def batch(size: int) -> float:
    start = time.perf_counter()
    with transaction.atomic():
        for _ in range(size):
            source.transfer_to(target, Money(1, "KRW"))
    return time.perf_counter() - start


def race(racers: int) -> list[int]:
    purse = account("3", "AS")
    transfer(source, purse, 100)
    begin, look = Barrier(racers), Barrier(racers)

    def spend(_: int) -> bool:
        begin.wait(60)
        enough = won(purse) >= 100
        look.wait(60)  # all have looked: the moment that a busy day finds by itself
        if enough:
            transfer(purse, target, 100)
        connection.close()
        return enough

    with ThreadPoolExecutor(racers) as pool:
        return [sum(pool.map(spend, range(racers))), won(purse)]


single(20)
print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    what, number = line.split()
    run = {"single": single, "batch": batch, "race": race}[what]
    print(json.dumps(run(int(number))), flush=True)
