"""The register of models on the page of a licence, and its figure on the page of a release."""

from __future__ import annotations

import pytest
from django.test import Client

from contributions.models import TrainedModel
from contributions.withdrawal.services import withdraw
from tests.cast import actor, charlie, hana, kang, log_in, mina
from tests.contributions.conftest import _warm_engine
from tests.contributions.releases.test_trained import licensed, swept, today

__all__ = ["_warm_engine"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_hana_tells_of_a_model_corrects_a_mistake_and_reads_what_is_recalled(
    client: Client,
) -> None:
    licence, release, receipt = licensed()
    page = f"/en/licences/{licence.id}/"
    log_in(client, hana())
    assert "Models trained on these data" in client.get(page).content.decode()
    wish = {
        "release": str(release.id), "name": "seoul-air-net 3",
        "trained_on": today().isoformat(), "rows": "",
    }  # fmt: skip
    wrong = client.post(f"{page}models/", {**wish, "name": "ask 010-1234-5678", "rows": "99"})
    assert wrong.status_code == 422
    text = wrong.content.decode()
    assert "Leave out what points to a person." in text
    assert "No more rows than the release has." in text
    assert '<a href="#id_model_name">' in text
    assert 'value="ask 010-1234-5678"' in text, "what was typed is still there"
    assert not TrainedModel.objects.exists()
    assert client.post(f"{page}models/", {**wish, "release": "x"}).status_code == 422
    assert client.post(f"{page}models/", wish)["Location"] == page
    seen = client.get(page).content.decode()
    assert "The model is on record." in seen
    assert "seoul-air-net 3" in seen
    public = Client().get(f"/en/data/{release.id}/").content.decode()
    assert "Models trained with it" in public
    assert "seoul-air-net" not in public, "only how many there are"
    withdraw(acting=actor(mina()), receipt=receipt)
    swept()
    seen = client.get(page).content.decode()
    assert "62.5% of what seoul-air-net 3 was trained on is recalled." in seen
    assert "20 rows (62.5%)" in seen
    assert "It was a mistake" in seen
    assert "Register a model" in seen
    assert "We have deleted these rows" in seen
    # Staff read what was told and are offered nothing that only the licensee may say.
    staff = log_in(Client(), kang()).get(page).content.decode()
    assert "seoul-air-net 3" in staff
    assert "20 rows (62.5%)" in staff
    for offered in ("It was a mistake", "Register a model", "We have deleted these rows"):
        assert offered not in staff
    assert 'href="/en/licences/"' not in staff
    assert 'href="/en/console/licences/"' in staff
    model = TrainedModel.objects.get()
    gone = f"{page}models/{model.id}/withdrawal/"
    for stranger, code in ((charlie(), 404), (kang(), 404)):
        other = log_in(Client(), stranger)
        assert other.post(gone).status_code == code
        assert other.post(f"{page}models/", wish).status_code == code
    assert client.post(gone)["Location"] == page
    seen = client.get(page).content.decode()
    assert "It was a mistake" not in seen
    assert "The entry is withdrawn." in seen
    assert "Models trained with it" not in (
        Client().get(f"/en/data/{release.id}/").content.decode()
    )


def test_before_agreeing_people_read_what_stays_in_models(client: Client) -> None:
    assert "What a model learned" in client.get("/en/privacy/").content.decode()
