"""Whoever holds a release is told by letter what to delete, and what takes its place."""

from __future__ import annotations

import pytest
from django.core import mail

from contributions.withdrawal.services import withdraw
from dure.accounts.roles import MemberRole
from dure.accounts.services import add_member
from portal.letters import post
from portal.models import WaitingLetter
from tests.cast import actor, api, charlie, hana, hanbit, joon, kang, mina
from tests.contributions.conftest import _warm_engine
from tests.contributions.releases.test_trained import address, licensed, swept, told

__all__ = ["_warm_engine"]

pytestmark = pytest.mark.django_db(transaction=True)


def letters() -> dict[str, str]:
    """What went out since: by address, the plain text with its subject."""
    post.send_waiting()
    sent = {one.to[0]: f"{one.subject}\n{one.body}" for one in mail.outbox}
    mail.outbox.clear()
    return sent


def test_holders_hear_what_to_delete_and_then_what_takes_its_place() -> None:
    licence, release, receipt = licensed()
    told(release)
    hana_reads = hana()
    hana_reads.language = "en"
    hana_reads.save(update_fields=["language"])
    add_member(acting=actor(kang()), organisation=hanbit(), person=joon(), role=MemberRole.VIEWER)
    letters()
    withdraw(acting=actor(mina()), receipt=receipt)
    swept()
    sent = letters()
    by_subject = WaitingLetter.objects.filter(kind="recalls").values_list("event", "person__name")
    assert set(by_subject) == {
        (event, person.name)
        for event in ("release.superseded", "release.patched")
        for person in (hana(), joon())
    }, "both members, each once for each, and nobody else"
    # The later of the two letters to each is what the box above kept.
    assert set(sent) == {hana().email, joon().email}
    assert "release 1.1" in sent[hana().email]
    assert (
        "The next training of these models has to be on it: seoul-air-net 3."
        in (sent[hana().email])
    )
    assert f"/en/licences/{licence.id}/" in sent[hana().email]
    assert "1.1" in sent[joon().email]
    assert "seoul-air-net 3" in sent[joon().email]


def test_the_letter_of_a_recall_says_rows_share_day_and_models() -> None:
    from portal.letters.releases import release_letter

    _licence, release, receipt = licensed()
    told(release)
    withdraw(acting=actor(mina()), receipt=receipt)
    swept()
    row = WaitingLetter.objects.get(event="release.superseded", person=hana())
    from django.utils.translation import override

    with override("en"):
        letter = release_letter(row)
    assert letter is not None
    text = " ".join(letter.paragraphs)
    assert letter.subject.startswith("Recalled: ")
    assert "62.5% of what you trained these models on is recalled: seoul-air-net 3." in text
    assert "Say on the page of the licence that they are deleted." in text
    assert "Release 1.1 takes its place." in text
    facts = dict(letter.facts)
    assert facts["Rows to delete"] == "20 (62.5%)"
    assert facts["List of the rows to delete"].endswith(f"{address(release)}recalls/")
    with override("ko"):
        korean = release_letter(row)
    assert korean is not None
    assert korean.subject != letter.subject
    row.person = charlie()
    assert release_letter(row) is None, "who does not hold it is not written to"


def test_what_nobody_holds_is_told_to_nobody() -> None:
    _licence, release, receipt = licensed()
    assert api().get(address(release)).status_code == 200
    other = charlie()
    withdraw(acting=actor(mina()), receipt=receipt)
    swept()
    assert not WaitingLetter.objects.filter(kind="recalls", person__in=[other, mina()]).exists()
