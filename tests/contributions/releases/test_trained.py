"""Licensees say which models they trained; a recall says how much of the training data is gone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from contributions.models import Release, TrainedModel, TrainedModelWithdrawal
from contributions.pipeline.stages import check
from contributions.releases import trained
from contributions.releases.building import build, waiting
from contributions.releases.services import build_release
from contributions.releases.tasks import sweep_releases
from contributions.releases.trained import tell_of_model, withdraw_model
from contributions.withdrawal.services import withdraw
from dure.core.clock import CITY_ZONE, now
from dure.core.problems import Problem
from governance.erasure.services import erase
from governance.models import AccessNote, LogEntry
from rewards.licences.services import agree
from rewards.licences.sizes import Asker, Told
from rewards.models import Licence
from rewards.valuation.cost import Purpose
from tests.cast import actor, api, charlie, hana, hanbit, joon, kang, mina
from tests.clock import set_clock
from tests.contributions.seoul import air_csv, handed_in, news, published, twenty_rows
from tests.rewards.money import paid_by_two

pytestmark = pytest.mark.django_db(transaction=True)
JOONS_ROWS = 12


def today() -> date:
    return now().astimezone(CITY_ZONE).date()


def licensed() -> tuple[Licence, Release, str]:
    """Hanbit paid for and took a release of Mina's twenty rows and Joon's twelve."""
    published()
    check(handed_in(joon(), air_csv(*(f"{n:010d},강남구,{n}" for n in range(100, 112)))).id)
    hers = check(handed_in(mina(), twenty_rows()).id)
    licence = agree(
        acting=actor(hana()),
        party_id=hanbit().party_id,
        call_slug="air-daily",
        asker=Asker(Purpose.COMMERCIAL, Told(900, 90_000_000, 80_000_000)),
    )
    paid_by_two(licence.id)
    release = build(
        build_release(
            acting=actor(kang()), call_slug="air-daily", purpose="city-ai", kind="licensed"
        ).id
    )
    assert api(hana(), hanbit()).get(f"{address(release)}files/data.csv").status_code == 200
    return licence, release, hers.receipt


def address(release: Release) -> str:
    return f"/api/v1/releases/{release.id}/"


def told(release: Release, **changes: Any) -> TrainedModel:  # Any: what a model is told by
    said: dict[str, Any] = {
        "acting": actor(hana()),
        "release_id": release.id,
        "party_id": hanbit().party_id,
        "name": "seoul-air-net 3",
        "trained_on": today(),
    }
    return tell_of_model(**{**said, **changes})


def swept() -> None:
    sweep_releases()
    for release_id in waiting():
        build(release_id)
    news()


def test_hanbit_tells_of_a_model_and_a_recall_says_how_much_of_it_is_gone() -> None:
    licence, release, receipt = licensed()
    firm = api(hana(), hanbit())
    models = f"{address(release)}models/"
    wish = {"name": "seoul-air-net 3", "trained_on": today().isoformat(), "rows": 30}
    key = {"Idempotency-Key": "a-model"}
    made = firm.post(models, wish, format="json", headers=key)
    assert made.status_code == 201, made.content
    again = firm.post(models, wish, format="json", headers=key)
    assert again.json() == made.json()
    assert firm.post(models, {**wish, "rows": 9}, format="json", headers=key).status_code == 422
    assert made.json() == {
        "id": made.json()["id"],
        "release": str(release.id),
        "label": "1",
        "party": str(hanbit().party_id),
        **wish,
        "registered_at": made.json()["registered_at"],
        "withdrawn_at": None,
        "affected": {"rows": 0, "share": "0.000000"},
        "after_recall": False,
    }
    assert api().get(address(release)).json()["models"] == 1, "everybody reads how many there are"
    withdraw(acting=actor(mina()), receipt=receipt)
    (seen,) = firm.get(models).json()["results"]
    assert seen["affected"] == {"rows": 20, "share": "0.625000"}, "before any task has run"
    assert seen["holder"] == hanbit().name
    swept()
    (recall,) = firm.get(f"/api/v1/licences/{licence.id}/").json()["recalls"]
    assert (recall["rows"], recall["share"]) == (20, "0.625000")
    assert recall["models"] == ["seoul-air-net 3"]
    assert recall["successor"]["label"] == "1.1", "what the next training has to be on"
    late = told(release, name="next", trained_on=today())
    assert trained.model_documents([late])[0]["after_recall"] is False, "on the day itself"
    leaves = {entry.kind for entry in LogEntry.objects.filter(kind__startswith="release.model")}
    assert leaves == {"release.model_told"}


def test_a_training_after_the_recall_is_told_from_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _licence, release, receipt = licensed()
    withdraw(acting=actor(mina()), receipt=receipt)
    swept()
    set_clock(monkeypatch, now() + timedelta(days=3))
    late = told(release)
    assert trained.model_documents([late])[0]["after_recall"] is True


def test_a_mistaken_entry_is_withdrawn_by_a_fact_of_its_own() -> None:
    _licence, release, _receipt = licensed()
    model = told(release)
    gone = f"{address(release)}models/{model.id}/withdrawal/"
    assert api().post(gone).status_code == 401
    assert api(charlie()).post(gone).status_code == 404
    assert api(kang()).post(gone).status_code == 404, "the city does not speak for others"
    first, second = (api(hana(), hanbit()).post(gone) for _ in range(2))
    assert first.status_code == 200
    assert first.json()["withdrawn_at"] is not None
    assert first.json() == second.json(), "withdrawn once"
    assert TrainedModelWithdrawal.objects.count() == 1
    assert api().get(address(release)).json()["models"] == 0
    assert len(api(hana(), hanbit()).get(f"{address(release)}models/").json()["results"]) == 1
    assert LogEntry.objects.filter(kind="release.model_withdrawn").count() == 1


def test_nobody_tells_of_models_for_others_or_of_what_they_never_had() -> None:
    _licence, release, _receipt = licensed()
    models = f"{address(release)}models/"
    wish = {"name": "net", "trained_on": today().isoformat()}
    assert api().get(models).status_code == 401
    assert api().post(models, wish, format="json").status_code == 401
    theirs = {**wish, "party": str(hanbit().party_id)}
    for client in (api(charlie()), api(kang())):
        assert client.post(models, wish, format="json").status_code == 404
        assert client.post(models, theirs, format="json").status_code == 404
    told(release)
    assert api(charlie()).get(models).status_code == 404
    assert len(api(kang()).get(models).json()["results"]) == 1, "operators see all"
    note = AccessNote.objects.get(party_id=hanbit().party_id, what="model")
    assert (note.by, note.why) == (kang(), "recall")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "ask 010-1234-5678"}, "name"),
        ({"rows": 33}, "rows"),
        ({"rows": 0}, "rows"),
        ({"trained_on": date(2020, 1, 1)}, "trained_on"),
        ({"trained_on": date(2099, 1, 1)}, "trained_on"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(change: dict[str, Any], field: str) -> None:
    _licence, release, _receipt = licensed()
    with pytest.raises(Problem) as refused:
        told(release, **change)
    assert [error.field for error in refused.value.errors] == [field]
    assert not TrainedModel.objects.exists()


def test_nobody_makes_the_figure_what_they_like(monkeypatch: pytest.MonkeyPatch) -> None:
    _licence, release, _receipt = licensed()
    monkeypatch.setattr(trained, "MODELS_MAX", 2)
    first = told(release)
    told(release)
    with pytest.raises(Problem, match="models-full"):
        told(release)
    withdraw_model(acting=actor(hana()), release_id=release.id, model_id=first.id)
    told(release)


def test_postgresql_itself_keeps_the_register() -> None:
    _licence, release, _receipt = licensed()
    fact = {
        "release": release, "party_id": hanbit().party_id, "name": "net", "trained_on": today(),
        "by": hana(), "at": now(), "log_entry": LogEntry.objects.all()[0].id,
    }  # fmt: skip
    for change, said in (
        ({"party_id": charlie().party_id}, "not downloaded"),
        ({"name": ""}, "has a name"),
        ({"rows": 33}, "no more rows"),
        ({"rows": 0}, "model_has_rows"),
        ({"trained_on": date(2020, 1, 1)}, "after its release"),
        ({"trained_on": date(2099, 1, 1)}, "before it is told"),
    ):
        with pytest.raises(IntegrityError, match=said), transaction.atomic():
            TrainedModel.objects.create(**{**fact, **change})
    model = told(release)
    withdraw_model(acting=actor(hana()), release_id=release.id, model_id=model.id)

    def emptied(table: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table} CASCADE")

    for act in (
        lambda: TrainedModel.objects.update(name="other"),
        lambda: TrainedModel.objects.update(name="", rows=1),
        lambda: TrainedModel.objects.all()._raw_delete("default"),
        lambda: TrainedModelWithdrawal.objects.update(at=now()),
        lambda: TrainedModelWithdrawal.objects.all().delete(),
        lambda: emptied("contributions_trainedmodel"),
        lambda: emptied("contributions_trainedmodelwithdrawal"),
    ):
        with pytest.raises(IntegrityError, match="stands"), transaction.atomic():
            act()


def test_the_name_that_a_person_gave_goes_with_the_person_and_the_model_stays() -> None:
    """Charlie trained on an open release in his own name; his account is erased."""
    published()
    check(handed_in(mina(), twenty_rows()).id)
    release = build(
        build_release(acting=actor(kang()), call_slug="air-daily", purpose="city-ai").id
    )
    assert api(charlie()).get(f"{address(release)}files/data.csv").status_code == 200
    model = told(
        release, acting=actor(charlie()), party_id=charlie().party_id, name="Charlies Netz"
    )
    erase(acting=actor(kang()), party_id=charlie().party_id)
    model.refresh_from_db()
    assert model.name == ""
    assert api().get(address(release)).json()["models"] == 1
    (seen,) = api(kang()).get(f"{address(release)}models/").json()["results"]
    assert seen["name"] == ""
