"""Erasure begins with its log entry, survives crashes and restores, and can be done again."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.core import sealing
from dure.core.health import NotReady, refuse_unready
from dure.core.models import DataKey
from dure.core.problems import Problem
from governance.erasure import services, tombstones
from governance.models import Erasure, LogEntry
from governance.rights import services as rights
from governance.rights import work
from tests.cast import actor, api, charlie, hanbit, kang, mina
from tests.emptying import without_triggers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tombstone_file(settings: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Each test has a list of its own."""
    path = tmp_path / "apart" / "tombstones.jsonl"
    settings.TOMBSTONES = path  # type: ignore[attr-defined]  # pytest-django's settings wrapper
    return path


def restored() -> None:
    """As if a backup from before the erasure of Mina was put back."""
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM governance_erasure")
    DataKey.objects.update(wrapped=b"an old wrapped key, to be destroyed again", destroyed_at=None)
    Person.objects.filter(id=mina_id()).update(name="Mina", is_active=True)


def mina_id() -> UUID:
    return Person.objects.get(email__endswith="@erased.invalid").id


def test_the_command_erases_once_and_for_good(
    tombstone_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = mina()
    sealed = sealing.seal(owner=person.party_id, plaintext=b"secret", context="test")
    client = api(person)
    assert client.get("/api/v1/consents/").status_code == 200
    call_command("erase_subject", "mina@dure.example", "--as", kang().email)
    call_command("erase_subject", str(person.party_id), "--as", kang().email)
    assert capsys.readouterr().out.count(str(person.party_id)) == 2
    person.refresh_from_db()
    assert (person.name, person.district, person.birth_year, person.sex) == ("–", "", None, "")
    assert person.email.endswith("@erased.invalid")
    assert not person.is_active
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(owner=person.party_id, sealed=sealed, context="test")
    assert client.get("/api/v1/consents/").status_code == 401
    assert LogEntry.objects.filter(kind="erasure.executed").count() == 1
    lines = tombstone_file.read_text().splitlines()
    assert [json.loads(line)["party"] for line in lines] == [str(person.party_id)]
    assert tombstone_file.stat().st_mode & 0o777 == 0o600


def test_only_operators_erase_and_only_persons_are_erased() -> None:
    with pytest.raises(Problem, match="not-allowed"):
        services.erase(acting=actor(charlie()), party_id=mina().party_id)
    for nobody in (uuid4(), hanbit().party_id):
        with pytest.raises(Problem, match="not-found"):
            services.erase(acting=actor(kang()), party_id=nobody)
    with pytest.raises(CommandError):
        call_command("erase_subject", "nobody@dure.example", "--as", kang().email)
    with pytest.raises(CommandError):
        call_command("erase_subject", mina().email, "--as", "nobody@dure.example")
    assert not Erasure.objects.exists()


@pytest.mark.parametrize("step", ["_file", "_carry_out"])
def test_a_crash_between_two_steps_only_delays_the_rest(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = mina()

    def crash(party_id: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(services, step, crash)
        with pytest.raises(KeyboardInterrupt):
            services.erase(acting=actor(kang()), party_id=person.party_id)
    assert LogEntry.objects.filter(kind="erasure.executed").exists()
    assert Person.objects.get(id=person.id).name == "Mina"
    assert services.resume() == 1
    assert services.resume() == 0
    assert Person.objects.get(id=person.id).name == "–"
    assert len(tombstones.read()) == 1


def test_a_restored_backup_forgets_again_before_anybody_is_served(client: Client) -> None:
    services.erase(acting=actor(kang()), party_id=mina().party_id)
    refuse_unready()
    assert client.get("/readyz").status_code == 200
    restored()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "replay_erasures" in answer.json()["obstacles"][0]
    with pytest.raises(NotReady, match="replay_erasures"):
        refuse_unready()
    call_command("replay_erasures")
    refuse_unready()
    assert client.get("/readyz").status_code == 200
    assert Person.objects.get(id=mina_id()).name == "–"
    assert Erasure.objects.get().erased_at is not None
    assert services.replay() == 0


def test_a_replayed_erasure_stands_on_the_basis_that_it_was_made_on() -> None:
    services.erase(acting=actor(kang()), party_id=mina().party_id, basis="GDPR:17")
    restored()
    call_command("replay_erasures")
    assert Erasure.objects.get().basis == "GDPR:17"


def test_a_forged_tombstone_erases_nobody(tombstone_file: Path, client: Client) -> None:
    person = mina()
    services.erase(acting=actor(kang()), party_id=charlie().party_id)
    line = json.loads(tombstone_file.read_text())
    with tombstone_file.open("a") as file:
        file.write('{"party": "half a li\n')
    assert len(tombstones.read()) == 1
    with tombstone_file.open("a") as file:
        file.write(json.dumps({**line, "party": str(person.party_id)}) + "\n")
    with pytest.raises(tombstones.TombstoneForged, match="line 3"):
        tombstones.read()
    assert client.get("/readyz").status_code == 503
    with pytest.raises(tombstones.TombstoneForged):
        services.replay()
    assert Person.objects.get(id=person.id).name == "Mina"


DEEP = "[" * 100_000


@pytest.mark.parametrize(
    "line",
    ["5", "null", '"x"', "[]", "{}", '{"mac": 1}', '{"mac": "한"}', '{"mac": "", "a": 1.5}', DEEP],
    ids=range(9),
)
def test_a_strange_line_of_the_list_is_named_and_keeps_the_platform_down(
    tombstone_file: Path, client: Client, line: str
) -> None:
    services.erase(acting=actor(kang()), party_id=charlie().party_id)
    with tombstone_file.open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(tombstones.TombstoneForged, match="line 2"):
        tombstones.read()
    assert client.get("/readyz").status_code == 503


def test_a_granted_request_is_carried_out_in_the_background() -> None:
    person = mina()
    request = rights.request_right(acting=actor(person), kind="erasure")
    assert services.resume() == 0
    rights.answer_request(acting=actor(kang()), request=request, outcome="granted", reason="예")
    assert services.resume() == 1
    assert Person.objects.get(id=person.id).name == "–"
    request.refresh_from_db()
    assert request.state == "granted"
    assert work.make_exports() == 0


def test_an_erasure_is_done_only_after_its_tombstone(tombstone_file: Path) -> None:
    services.erase(acting=Actor.system("erasure"), party_id=mina().party_id)
    with pytest.raises(IntegrityError, match="filed_before_done"), transaction.atomic():
        Erasure.objects.update(filed_at=None)
