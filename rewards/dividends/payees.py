"""Who shares in the revenue of a call, by what their data earned in its approved epochs."""

from __future__ import annotations

from typing import Final

_SETTLED: Final = """
SELECT c.party_id, sum(i.reward) AS weight
FROM rewards_epochinput i JOIN rewards_epoch p ON p.id = i.epoch_id AND p.state = 'approved'
JOIN contributions_contribution c ON c.id = i.contribution_id AND c.excluded_at IS NULL
WHERE p.call_id = %(call)s AND i.reward > 0{within} GROUP BY c.party_id
"""

#: Parties whose data approved epochs of the call have settled, by what it earned there.
PAYEES: Final = _SETTLED.format(within="")
#: The same by those contributions alone whose ids are in ``within``.
PAYEES_WITHIN: Final = _SETTLED.format(within=" AND c.id = ANY(%(within)s::uuid[])")


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
