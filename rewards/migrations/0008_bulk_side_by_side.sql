-- Copies of one job may build the indexes at the same moment: the second waits and finds them.
CREATE OR REPLACE FUNCTION rewards_bulk_index(batch_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET maintenance_work_mem = '256MB' AS $$
DECLARE n integer; entries text;
BEGIN
    SELECT number INTO STRICT n FROM rewards_bulkbatch WHERE id = batch_id;
    PERFORM pg_advisory_xact_lock(702139041, n);
    IF NOT EXISTS (SELECT 1 FROM rewards_bulkbatch WHERE id = batch_id AND state = 'loading') THEN
        RETURN;
    END IF;
    entries := 'rewards_bulkentry_' || n;
    EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS %I ON %I (batch, number)',
                   entries || '_pkey', entries);
    EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS %I ON %I (account_id, batch)
                    WHERE number >= 0', entries || '_each', entries);
    EXECUTE format('ANALYZE %I', entries);
END $$;


-- A balance takes in exactly its shares of the batches that it passes, by entries that say so:
-- asked for all balances of a statement at once.
CREATE OR REPLACE FUNCTION rewards_balance_takes_shares_in() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong bigint;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM new_rows n JOIN old_rows o USING (account_id)
                   WHERE n.folded <> o.folded) THEN
        RETURN NULL;
    END IF;
    WITH moved AS MATERIALIZED (
        SELECT n.account_id, o.folded AS before, n.folded AS after
        FROM new_rows n JOIN old_rows o USING (account_id) WHERE n.folded <> o.folded
    ), share AS (
        SELECT m.account_id, sum(e.amount) AS amount
        FROM moved m JOIN rewards_bulkbatch b ON b.place > m.before AND b.place <= m.after
        JOIN rewards_bulkentry e
            ON e.batch = b.number AND e.account_id = m.account_id AND e.number >= 0
        GROUP BY m.account_id
    ), taken AS (
        SELECT m.account_id, sum(e.amount) AS amount
        FROM moved m JOIN rewards_entry e ON e.account_id = m.account_id
        JOIN rewards_bulkfold f ON f.transfer_id = e.transfer_id
        JOIN rewards_bulkbatch b ON b.id = f.batch_id AND b.place > m.before AND b.place <= m.after
        GROUP BY m.account_id
    )
    SELECT m.account_id INTO wrong
    FROM moved m LEFT JOIN share USING (account_id) LEFT JOIN taken USING (account_id)
    WHERE m.after < m.before
       OR m.after > (SELECT coalesce(max(place), 0) FROM rewards_bulkbatch)
       OR coalesce(share.amount, 0) <> coalesce(taken.amount, 0)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % does not take its shares in', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
