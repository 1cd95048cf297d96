"""django-hordak on a database of its own: run by its own interpreter, knows nothing of Dure.

``python peer_hordak.py HOST USER NAME SINGLES BATCHES`` prints seconds and balances as JSON.
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

HOST, USER, NAME, SINGLES, BATCHES = *sys.argv[1:4], *map(int, sys.argv[4:6])
AT_ONCE = 100
RACERS = 8

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
for _ in range(20):
    transfer(source, target, 1)
start = time.perf_counter()
for _ in range(SINGLES):
    transfer(source, target, 1)
single_s = time.perf_counter() - start
start = time.perf_counter()
for _ in range(BATCHES):
    with transaction.atomic():
        for _ in range(AT_ONCE):
            source.transfer_to(target, Money(1, "KRW"))
batch_s = time.perf_counter() - start

purse = account("3", "AS")
transfer(source, purse, 100)
begin, look = Barrier(RACERS), Barrier(RACERS)


def spend(_: int) -> bool:
    begin.wait(20)
    enough = won(purse) >= 100
    look.wait(20)  # all have looked: the moment that a busy day finds by itself
    if enough:
        transfer(purse, target, 100)
    connection.close()
    return enough


with ThreadPoolExecutor(RACERS) as pool:
    allowed = sum(pool.map(spend, range(RACERS)))
print(
    json.dumps({"single_s": single_s, "batch_s": batch_s, "allowed": allowed, "left": won(purse)})
)
