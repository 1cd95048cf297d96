"""Recomputing the ledger: every balance again from its entries, every promise again from rows."""

from __future__ import annotations

from typing import Final

from django.db import connection, transaction

from dure.core.canonical import Json
from dure.core.money import Asset, format_amount
from rewards.ledger.durability import settings_off
from rewards.ledger.periods import changed_months
from rewards.ledger.selectors import asset_sums

#: What must not exist, and the statement that counts it.
_CHECKS: Final[dict[str, str]] = {
    "balances_without_their_entries": """
        SELECT count(*) FROM rewards_balance b LEFT JOIN (
            SELECT account_id, sum(amount) AS posted, count(*) AS entries, max(version) AS version
            FROM rewards_entry GROUP BY account_id
        ) e USING (account_id)
        WHERE b.posted <> coalesce(e.posted, 0) OR b.version <> coalesce(e.version, 0)
           OR coalesce(e.entries, 0) <> coalesce(e.version, 0)""",
    "entries_that_do_not_follow": """
        SELECT count(*) FROM (
            SELECT after, amount,
                   lag(after, 1, 0::bigint) OVER (
                       PARTITION BY account_id ORDER BY version) AS before
            FROM rewards_entry
        ) e WHERE after <> before + amount""",
    "transfers_that_do_not_balance": """
        SELECT count(*) FROM (
            SELECT transfer_id FROM rewards_entry GROUP BY transfer_id, asset
            HAVING sum(amount) <> 0
        ) t""",
    "transfers_without_entries": """
        SELECT count(*) FROM rewards_transfer t
        WHERE (t.state IN ('posted', 'post'))
            <> EXISTS (SELECT 1 FROM rewards_entry e WHERE e.transfer_id = t.id)""",
    "holds_that_do_not_add_up": """
        SELECT count(*) FROM rewards_balance b LEFT JOIN (
            SELECT h.source_id AS account_id, sum(h.amount) AS held FROM rewards_hold h
            WHERE NOT EXISTS (SELECT 1 FROM rewards_transfer r WHERE r.pending_id = h.transfer_id)
            GROUP BY h.source_id
        ) h USING (account_id) WHERE b.pending_out <> coalesce(h.held, 0)""",
    "accounts_below_their_floor": """
        SELECT count(*) FROM rewards_balance WHERE posted < floor + pending_out""",
    "bulk_postings_that_do_not_add_up": """
        SELECT count(*) FROM rewards_bulkbatch b LEFT JOIN (
            SELECT batch, sum(amount) AS nothing, count(*) FILTER (WHERE number >= 0) AS people,
                   sum(amount) FILTER (WHERE number >= 0) AS total, sum(weight) AS weight
            FROM rewards_bulkentry GROUP BY batch
        ) e ON e.batch = b.number
        WHERE b.state = 'posted' AND (e.nothing, e.people, e.total, e.weight) IS DISTINCT FROM
            (0::numeric, b.people::bigint, b.total::numeric, b.total_weight)""",
    "shares_in_balances_otherwise_than_posted": """
        SELECT count(*) FROM (
            SELECT e.account_id, sum(e.amount) AS amount FROM rewards_bulkentry e
            JOIN rewards_bulkbatch b ON b.number = e.batch
            JOIN rewards_balance w ON w.account_id = e.account_id
            WHERE b.state = 'posted' AND e.number >= 0 AND b.place <= w.folded AND e.amount <> 0
            GROUP BY e.account_id
        ) share FULL JOIN (
            SELECT e.account_id, sum(e.amount) AS amount
            FROM rewards_bulkfold f JOIN rewards_entry e USING (transfer_id)
            WHERE e.amount > 0 GROUP BY e.account_id
        ) taken USING (account_id) WHERE share.amount IS DISTINCT FROM taken.amount""",
    "shares_outside_balances_that_are_not_covered": """
        SELECT count(*) FROM (
            SELECT b.account_id, sum(e.amount) AS waiting FROM rewards_bulkentry e
            JOIN rewards_bulkbatch b ON b.number = e.batch AND b.state = 'posted'
            JOIN rewards_balance w ON w.account_id = e.account_id
            WHERE e.number >= 0 AND b.place > w.folded GROUP BY b.account_id
        ) s JOIN rewards_balance b USING (account_id) WHERE b.posted < s.waiting""",
    "epochs_paid_otherwise_than_settled": """
        SELECT count(*) FROM rewards_epoch p WHERE p.kind = 'settlement' AND (p.total <> (
            SELECT coalesce(sum(i.reward), 0) FROM rewards_epochinput i WHERE i.epoch_id = p.id
        ) + (
            SELECT coalesce(sum(r.reward), 0) FROM rewards_inputrelease r WHERE r.epoch_id = p.id
        ) OR (p.state = 'approved' AND p.total <> (
            SELECT coalesce(sum(e.amount), 0) FROM rewards_transfer t
            JOIN rewards_entry e ON e.transfer_id = t.id
            WHERE t.reference = 'epoch:' || p.id AND t.kind = 'reward' AND e.amount > 0
        ) + (
            SELECT coalesce(sum(h.amount), 0) FROM rewards_heldreward h WHERE h.epoch_id = p.id
        )))""",
    "held_rewards_other_than_their_holds": """
        SELECT count(*) FROM rewards_heldreward r JOIN rewards_hold h ON h.transfer_id = r.hold_id
        LEFT JOIN rewards_transfer done ON done.pending_id = h.transfer_id
        LEFT JOIN rewards_entry e ON e.transfer_id = done.id AND e.amount > 0
        WHERE h.amount <> r.amount OR (done.state = 'post' AND e.amount IS DISTINCT FROM r.amount)
           OR (done.state = 'post' AND done.posted_at < r.due_at)""",
    "findings_that_took_nothing_back": """
        SELECT count(*) FROM rewards_claimcheck c JOIN rewards_claimdrawing d ON d.id = c.drawing_id
        WHERE c.state IN ('upheld', 'overruled') AND NOT EXISTS (
            SELECT 1 FROM rewards_heldreward h JOIN rewards_transfer t ON t.pending_id = h.hold_id
            WHERE h.epoch_id = d.epoch_id AND h.contribution_id = c.contribution_id
              AND t.state = 'void')""",
    "overruled_findings_paid_otherwise": """
        SELECT count(*) FROM (
            SELECT o.transfer_id, c.state, o.amount, coalesce(g.amount, h.amount) AS granted
            FROM rewards_overruledfinding o
            JOIN rewards_claimcheck c ON c.id = o.check_id
            JOIN rewards_transfer v ON v.id = o.voided_id
            JOIN rewards_heldreward h ON h.hold_id = v.pending_id
            LEFT JOIN rewards_grantedpart g ON g.objection_id = o.objection_id
        ) o FULL JOIN (
            SELECT t.id, e.amount FROM rewards_transfer t
            JOIN rewards_entry e ON e.transfer_id = t.id AND e.amount > 0
            WHERE t.kind = 'reward.given_back'
        ) t ON t.id = o.transfer_id
        WHERE o.state IS DISTINCT FROM 'overruled' OR o.amount IS DISTINCT FROM t.amount
           OR o.amount IS DISTINCT FROM o.granted""",
    "reversals_that_took_back_otherwise": """
        SELECT count(*) FROM rewards_epoch p WHERE p.kind = 'reversal' AND p.returned <> (
            SELECT coalesce(sum(e.amount), 0) FROM rewards_epoch paid
            JOIN rewards_inputrelease r ON r.epoch_id = paid.id
            JOIN rewards_entry e ON e.transfer_id = r.transfer_id AND e.amount > 0
            WHERE paid.id = p.reverses_id AND p.state = 'approved'
        ) + (
            SELECT coalesce(sum(coalesce(o.amount, h.amount)), 0) FROM rewards_inputrelease r
            JOIN rewards_heldreward h
                ON h.epoch_id = r.epoch_id AND h.contribution_id = r.contribution_id
            LEFT JOIN rewards_transfer v ON v.pending_id = h.hold_id AND v.state = 'void'
            LEFT JOIN rewards_overruledfinding o ON o.voided_id = v.id
            WHERE r.epoch_id = p.reverses_id AND p.state = 'approved' AND NOT EXISTS (
                SELECT 1 FROM rewards_claimcheck c
                JOIN rewards_claimdrawing d ON d.id = c.drawing_id
                WHERE d.epoch_id = h.epoch_id AND c.contribution_id = h.contribution_id
                  AND c.state = 'upheld'))""",
    # A trigger that was switched off, or a table that lost those that refuse changes to it. The
    # clock of what is to be given back is set anew by each answer and holds no money.
    "guards_that_sleep": """
        WITH books AS (
            SELECT c.oid, c.relispartition OR c.relname ~ '^rewards_bulkentry_[0-9]+$' AS part
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')
              AND c.relname ~ '^rewards_' AND c.relname <> 'rewards_givingbackclock'
        ), guards AS (
            SELECT t.tgrelid, t.tgtype, t.tgisinternal,
                   CASE WHEN t.tgisinternal THEN t.tgenabled <> 'D' ELSE t.tgenabled = 'A' END
                       AS awake
            FROM pg_trigger t JOIN books b ON b.oid = t.tgrelid
        )
        SELECT (SELECT count(*) FROM guards WHERE NOT awake) + (
            SELECT count(*) FROM books b WHERE NOT b.part AND NOT (
                EXISTS (SELECT 1 FROM guards g WHERE g.tgrelid = b.oid AND NOT g.tgisinternal
                        AND g.tgtype & 32 <> 0)
                AND EXISTS (SELECT 1 FROM guards g WHERE g.tgrelid = b.oid
                            AND NOT g.tgisinternal AND g.tgtype & 24 <> 0)))""",
    "rewards_other_than_their_lines": """
        SELECT count(*) FROM rewards_epochinput i WHERE i.reward <> (
            SELECT coalesce(sum(l.amount), 0) FROM rewards_rewardline l
            WHERE l.source_id = i.contribution_id)""",
}


def check_ledger() -> dict[str, Json]:
    """``{"ok", "sums": {asset: "0"}, "findings": {name: count}, "not_durable": [setting]}``.

    Reads one snapshot, so it can run beside postings.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.savepoint_ids:  # nested in another transaction it reads that one
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        sums = dict.fromkeys(Asset.values, 0) | asset_sums()
        findings: dict[str, Json] = {}
        for name, statement in _CHECKS.items():
            cursor.execute(statement)
            row = cursor.fetchone()
            findings[name] = int(row[0]) if row else 0
        findings["closed_months_that_changed"] = len(changed_months())
        off = settings_off()
    return {
        "ok": not any(sums.values()) and not any(findings.values()) and not off,
        "sums": {asset: format_amount(total) for asset, total in sums.items()},
        "findings": findings,
        "not_durable": off,
    }
