"""Joint cells and hours of the week: counted with the acceptance, right after every change."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from contributions.models import CellMass, CellTable, Contribution
from contributions.pipeline.stages import check
from contributions.representativeness.joint import cell_key
from contributions.withdrawal.services import withdraw
from tests.cast import actor, joon, mina
from tests.contributions.hours import THREE, joint_call
from tests.contributions.seoul import handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)


def cells(made: Contribution, table: str) -> dict[str, tuple[int, int]]:
    found = CellMass.objects.filter(contribution=made, table=table)
    return {cell.key: (cell.mass, cell.records) for cell in found}


def test_accepted_records_are_counted_in_their_cells_and_hours() -> None:
    joint_call()
    made = check(handed_in(mina(), THREE).id)
    assert (made.state, made.accepted, made.quarantined) == ("accepted", 4, 1)
    assert cells(made, CellTable.JOINT) == {
        cell_key(("11110", "street")): (1_700, 2),
        cell_key(("11320", "park")): (1_000, 1),
    }, "a record without a kind is in no cell"
    assert cells(made, CellTable.WEEK) == {
        "6/08": (1_700, 2),
        "0/08": (1_000, 1),
        "0/10": (1000, 1),
    }


def test_cells_follow_records_that_pass_to_another_owner_and_back() -> None:
    joint_call()
    first, second = handed_in(mina(), THREE), handed_in(joon(), THREE)
    check(second.id)
    whole = cells(second, CellTable.JOINT)
    check(first.id)
    assert cells(first, CellTable.JOINT) == whole
    for table in CellTable:
        assert cells(second, table) == {}
    withdraw(acting=actor(mina()), receipt=first.receipt)
    assert cells(second, CellTable.JOINT) == whole
    assert sum(mass for mass, _ in cells(second, CellTable.WEEK).values()) == 3_700


def test_one_dimension_without_a_time_has_nothing_to_add() -> None:
    published()
    made = check(handed_in(mina(), twenty_rows()).id)
    assert made.state == "accepted"
    assert not CellMass.objects.exists()


def test_postgresql_keeps_the_cells_as_they_were_counted() -> None:
    joint_call()
    made = check(handed_in(mina(), THREE).id)
    cell = CellMass.objects.filter(contribution=made).first()
    assert cell is not None
    refused = (
        lambda: CellMass.objects.filter(pk=cell.pk).update(mass=0),
        lambda: CellMass.objects.filter(pk=cell.pk).delete(),
        lambda: connection.cursor().execute("TRUNCATE contributions_cellmass"),
        lambda: CellMass.objects.create(
            contribution=made, table="week", key="1/01", mass=1, records=1
        ),
    )
    for write in refused:
        with pytest.raises(DatabaseError, match="cell"), transaction.atomic():
            write()
    checking = handed_in(joon(), THREE)
    Contribution.objects.filter(pk=checking.pk).update(state="checking")
    for wrong in ({"mass": -1}, {"records": 0}, {"table": "year"}):
        with pytest.raises(DatabaseError, match="cell"), transaction.atomic():
            CellMass.objects.create(
                **{
                    "contribution": checking,
                    "table": "week",
                    "key": "1/01",
                    "mass": 1,
                    "records": 1,
                    **wrong,
                }
            )
