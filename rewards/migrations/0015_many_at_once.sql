-- A balance moves only together with the entry that explains it, and takes in exactly its shares
-- of the batches that it passes, by entries that say so. The plan is kept from a statement of two
-- balances to one of a hundred thousand, where a join of two lists would go through both row by row:
-- before and after meet by grouping, what is due and taken is looked up by the index for each.
CREATE OR REPLACE FUNCTION rewards_balance_follows_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong bigint; passes boolean;
BEGIN
    WITH moved AS MATERIALIZED (
        SELECT account_id, count(*) AS sides,
               max(posted) FILTER (WHERE side) AS posted,
               max(posted) FILTER (WHERE NOT side) AS posted_before,
               max(version) FILTER (WHERE side) AS version,
               max(version) FILTER (WHERE NOT side) AS version_before,
               min(folded) <> max(folded) AS passes
        FROM (
            SELECT account_id, posted, version, folded, true AS side FROM new_rows
            UNION ALL SELECT account_id, posted, version, folded, false FROM old_rows
        ) row GROUP BY account_id
    )
    SELECT min(account_id) FILTER (WHERE sides <> 2
               OR ((posted, version) IS DISTINCT FROM (posted_before, version_before)
                   AND NOT coalesce(version > version_before AND (
                       SELECT e.after = moved.posted FROM rewards_entry e
                       WHERE e.account_id = moved.account_id AND e.version = moved.version),
                   false))),
           bool_or(moved.passes)
        INTO wrong, passes FROM moved;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the balance of account % moved without an entry', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    IF NOT passes THEN
        RETURN NULL;
    END IF;
    WITH moved AS MATERIALIZED (
        SELECT account_id, max(folded) FILTER (WHERE NOT side) AS before,
               max(folded) FILTER (WHERE side) AS after
        FROM (
            SELECT account_id, folded, true AS side FROM new_rows
            UNION ALL SELECT account_id, folded, false FROM old_rows
        ) row GROUP BY account_id HAVING min(folded) <> max(folded)
    )
    SELECT m.account_id INTO wrong FROM moved m
    WHERE m.after < m.before
       OR m.after > (SELECT coalesce(max(place), 0) FROM rewards_bulkbatch)
       OR coalesce((
            SELECT sum((SELECT e.amount FROM rewards_bulkentry e WHERE e.batch = b.number
                        AND e.account_id = m.account_id AND e.number >= 0))
            FROM rewards_bulkbatch b WHERE b.place > m.before AND b.place <= m.after), 0)
       <> coalesce((
            SELECT sum(e.amount) FROM rewards_entry e
            WHERE e.account_id = m.account_id AND (
                SELECT b.place > m.before AND b.place <= m.after
                FROM rewards_bulkfold f JOIN rewards_bulkbatch b ON b.id = f.batch_id
                WHERE f.transfer_id = e.transfer_id)), 0)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % does not take its shares in', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
