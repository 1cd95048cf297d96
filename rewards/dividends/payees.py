"""Who shares in the revenue of a call, by what their data earned in its approved epochs.

What was withdrawn since is in no release any more, so it has no part in what releases bring.
"""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet

from contributions.models import Contribution

_SETTLED: Final = """
SELECT c.party_id, sum(i.reward) AS weight
FROM rewards_epochinput i JOIN rewards_epoch p ON p.id = i.epoch_id AND p.state = 'approved'
JOIN contributions_contribution c ON c.id = i.contribution_id
     AND c.state = 'accepted' AND c.excluded_at IS NULL
WHERE p.call_id = %(call)s AND i.reward > 0{within} GROUP BY c.party_id
"""

#: Parties whose data approved epochs of the call have settled, by what it earned there.
PAYEES: Final = _SETTLED.format(within="")


def payees_within(reach: QuerySet[Contribution]) -> tuple[str, dict[str, Any]]:  # Any: parameters
    """The same by the contributions of a query alone, and the values that its statement takes.

    The query is read by PostgreSQL where the statement stands: nobody's ids pass through here.
    """
    statement, parameters = reach.order_by().values("id").query.sql_with_params()
    values = {f"reach_{place}": value for place, value in enumerate(parameters)}
    pieces = statement.split("%s")
    assert len(pieces) == len(parameters) + 1, "a query of the ORM holds no other percent signs"
    named = pieces[0] + "".join(
        f"%({name})s{piece}" for name, piece in zip(values, pieces[1:], strict=True)
    )
    return _SETTLED.format(within=f" AND c.id IN ({named})"), values


def opening_wallets(payees: str) -> str:
    """The statement that opens a wallet for each of them who has none."""
    return f"""
WITH payee AS ({payees}), opened AS (
    INSERT INTO rewards_account (asset, kind, owner_id, scope, public_id, floor, opened_at)
    SELECT %(asset)s, 'wallet', party_id, '', gen_random_uuid(), 0, %(now)s FROM payee
    ORDER BY party_id ON CONFLICT DO NOTHING RETURNING id
)
INSERT INTO rewards_balance (account_id, asset, floor, posted, pending_out, version)
SELECT id, %(asset)s, 0, 0, 0, 0 FROM opened
"""  # noqa: S608  # no input: constants of this module
