-- The books are read by lists. What a batch touches is looked up in one walk along an index for all
-- of its accounts and transfers; where rows meet, they meet by hashing. Plans of these functions are
-- made once and serve a statement of two rows and one of a hundred thousand: loops and reading whole
-- tables are switched off where they stand.

-- A balance says in what it counts, as it says its floor: both are those of its account. No balance
-- moves by it, so the trigger that looks for entries may sleep while the column is filled.
ALTER TABLE rewards_balance ADD COLUMN asset varchar(8);
ALTER TABLE rewards_balance DISABLE TRIGGER balance_follows_entries;
UPDATE rewards_balance b SET asset = a.asset FROM rewards_account a WHERE a.id = b.account_id;
ALTER TABLE rewards_balance ENABLE ALWAYS TRIGGER balance_follows_entries;
ALTER TABLE rewards_balance ALTER COLUMN asset SET NOT NULL;
ALTER TABLE rewards_balance ADD CONSTRAINT balance_account_asset
    FOREIGN KEY (account_id, asset) REFERENCES rewards_account (id, asset);


-- All legs of a transfer come in one statement, numbered from 0, and sum to zero per asset; its
-- numbers differ, because entry_in_its_transfer is unique. Within an account they continue one
-- another and end at its balance, in its asset; that they begin where the account stood before, the
-- balance's own trigger sees.
CREATE OR REPLACE FUNCTION rewards_entries_balance() RETURNS trigger LANGUAGE plpgsql
SET enable_nestloop = off SET enable_seqscan = off SET work_mem = '32MB' AS $$
DECLARE wrong uuid; odd boolean; astray boolean;
BEGIN
    SELECT (
        SELECT coalesce(bool_or(total <> 0 OR high <> legs - 1), false) OR count(*) <> (
            SELECT count(*) FROM rewards_transfer t
            WHERE t.id = ANY(ARRAY(SELECT transfer_id FROM fresh WHERE seq = 0))
              AND t.state IN ('posted', 'post'))
        FROM (
            SELECT sum(amount) AS total, max(seq) AS high, count(*) AS legs
            FROM fresh GROUP BY transfer_id, asset
        ) t
    ), (
        SELECT bool_or(own.account_id IS NULL OR leg.version > own.version
                OR (leg.version = own.version AND leg.after <> own.posted)
                OR (leg.account_before = leg.account_id AND (
                    leg.version <> leg.version_before + 1 OR leg.after <> leg.before + leg.amount)))
            OR count(*) FILTER (WHERE leg.version = own.version)
               <> count(*) FILTER (WHERE leg.account_before IS DISTINCT FROM leg.account_id)
        FROM (
            SELECT account_id, version, amount, after, asset,
                   lag(account_id) OVER lined AS account_before,
                   lag(version) OVER lined AS version_before, lag(after) OVER lined AS before
            FROM fresh WINDOW lined AS (ORDER BY account_id, version)
        ) leg LEFT JOIN rewards_balance own
            ON own.account_id = leg.account_id AND own.asset = leg.asset
            AND own.account_id = ANY(ARRAY(SELECT account_id FROM fresh GROUP BY account_id))
    ) INTO odd, astray;
    IF odd THEN
        SELECT transfer_id INTO wrong FROM fresh
            GROUP BY transfer_id, asset HAVING sum(amount) <> 0 LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'transfer % does not sum to zero', wrong
                USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_sums_to_zero';
        END IF;
        SELECT transfer_id INTO wrong FROM fresh
            GROUP BY transfer_id HAVING min(seq) <> 0 OR max(seq) <> count(*) - 1 LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'the legs of transfer % do not come together', wrong
                USING ERRCODE = 'check_violation';
        END IF;
        SELECT f.transfer_id INTO wrong
            FROM fresh f LEFT JOIN rewards_transfer t ON t.id = f.transfer_id
            WHERE t.state IS NULL OR t.state IN ('pending', 'void') LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'transfer % moves nothing and has no entries', wrong
                USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    IF astray THEN
        SELECT f.transfer_id INTO wrong
            FROM fresh f LEFT JOIN rewards_account a ON a.id = f.account_id AND a.asset = f.asset
            WHERE a.id IS NULL LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'transfer % names an account that does not keep this asset', wrong
                USING ERRCODE = 'foreign_key_violation';
        END IF;
        RAISE EXCEPTION 'an entry of transfer % does not lead to the balance',
            (SELECT min(transfer_id::text) FROM fresh) USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;


-- A balance moves only together with the entries that explain it: the last one before stands where
-- the balance stood, the next continues it, and that all up to the new balance are there, the
-- trigger of the entries sees. And it takes in exactly its shares of the batches that it passes.
CREATE OR REPLACE FUNCTION rewards_balance_follows_entries() RETURNS trigger LANGUAGE plpgsql
SET enable_nestloop = off SET enable_seqscan = off SET work_mem = '32MB' AS $$
DECLARE wrong bigint; passes boolean; rows bigint;
BEGIN
    SELECT min(n.account_id) FILTER (WHERE
               (n.posted, n.version) IS DISTINCT FROM (o.posted, o.version)
               AND NOT coalesce(n.version > o.version AND (
                   SELECT sum(CASE WHEN e.version > o.version THEN (e.after - e.amount = o.posted)::int
                                   ELSE (e.after = o.posted)::int END)
                   FROM rewards_entry e WHERE e.account_id = n.account_id
                     AND e.version BETWEEN o.version AND o.version + 1
               ) = CASE WHEN o.version > 0 THEN 2 WHEN o.posted = 0 THEN 1 END, false)),
           bool_or(n.folded <> o.folded), count(*)
        INTO wrong, passes, rows FROM new_rows n JOIN old_rows o USING (account_id);
    IF wrong IS NULL AND rows <> (SELECT count(*) FROM new_rows) THEN
        SELECT min(account_id) INTO wrong FROM new_rows n
            WHERE account_id NOT IN (SELECT account_id FROM old_rows);
    END IF;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the balance of account % moved without an entry', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    IF NOT passes THEN
        RETURN NULL;
    END IF;
    -- Shares and what was taken of them are looked up for each account, by loops; here rows before
    -- and after meet by grouping, as a loop over both lists would go through them row by row.
    PERFORM set_config('enable_nestloop', 'on', true);
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


-- Write the entries of transfers, and the balances, which are locked. ``numbers`` says which of the
-- transfers each leg belongs to, ``counts`` which leg of its account it is here, ``sums`` what the
-- account has moved by with it; ``moves`` and ``gains`` are the last of both for each that is touched.
-- The caller can count along; the triggers see whether it has.
DROP FUNCTION rewards_move(uuid[], integer[], bigint[], bigint[]);
CREATE FUNCTION rewards_move(
    transfers uuid[], numbers integer[], seqs integer[], accounts bigint[], amounts bigint[],
    counts integer[], sums bigint[], touched bigint[], moves integer[], gains bigint[])
RETURNS void LANGUAGE plpgsql
SET enable_nestloop = off SET enable_seqscan = off SET work_mem = '32MB' AS $$
BEGIN
    WITH entered AS (
        INSERT INTO rewards_entry (account_id, version, transfer_id, seq, asset, amount, after)
        SELECT own.account_id, own.version + counts[leg], transfers[numbers[leg]], seqs[leg], own.asset,
               amounts[leg], own.posted + sums[leg]
        FROM generate_series(1, cardinality(accounts)) leg
        JOIN rewards_balance own
            ON own.account_id = accounts[leg] AND own.account_id = ANY(touched)
    )
    UPDATE rewards_balance b SET posted = b.posted + o.gain, version = b.version + o.moves
    FROM unnest(touched, moves, gains) AS o (account_id, moves, gain)
    WHERE b.account_id = o.account_id AND b.account_id = ANY(touched);
END $$;


-- Lock balances in the order of their ids, then bring them up to date with their shares of bulk
-- postings. What a batch pays through is locked after all others, in the order of the places.
CREATE OR REPLACE FUNCTION rewards_lock(accounts bigint[], moment timestamptz, who text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE b record; owners bigint[]; shares bigint[]; into_accounts bigint[]; into_amounts bigint[];
    given numeric; fold uuid; legs integer;
BEGIN
    PERFORM FROM rewards_balance WHERE account_id = ANY(accounts)
        ORDER BY account_id FOR NO KEY UPDATE;
    GET DIAGNOSTICS legs = ROW_COUNT;
    IF legs <> cardinality(accounts) AND legs <> (SELECT count(DISTINCT a) FROM unnest(accounts) a)
    THEN
        RAISE EXCEPTION 'no such account' USING ERRCODE = 'DU404';
    END IF;
    FOR b IN SELECT id, number, place, kind, reference, account_id FROM rewards_bulkbatch
             WHERE state = 'posted' AND folded_at IS NULL ORDER BY place LOOP
        EXECUTE format('
            SELECT array_agg(e.account_id ORDER BY e.account_id),
                   array_agg(e.amount ORDER BY e.account_id)
            FROM rewards_bulkentry e
            WHERE e.batch = %s AND e.account_id = ANY($1) AND e.number >= 0 AND %s >
                (SELECT w.folded FROM rewards_balance w WHERE w.account_id = e.account_id)',
            b.number, b.place) INTO owners, shares USING accounts;
        CONTINUE WHEN owners IS NULL;
        SELECT sum(s) INTO given FROM unnest(shares) s;
        IF given > 0 THEN
            PERFORM FROM rewards_balance WHERE account_id = b.account_id FOR NO KEY UPDATE;
            fold := rewards_new_id(moment);
            INSERT INTO rewards_transfer (id, idem, req_hash, kind, state, reference, effective_at,
                                          posted_at, actor)
                VALUES (fold, gen_random_uuid(), encode(sha256(convert_to(
                    'fold:' || b.id || ':' || array_to_string(owners, ','), 'UTF8')), 'hex'),
                    b.kind, 'posted', b.reference, moment, moment, who);
            INSERT INTO rewards_bulkfold (transfer_id, batch_id) VALUES (fold, b.id);
            SELECT array_prepend(b.account_id, array_agg(owner ORDER BY owner)),
                   array_prepend((-given)::bigint, array_agg(share ORDER BY owner)), count(*)
                INTO into_accounts, into_amounts, legs
                FROM unnest(owners, shares) AS s (owner, share) WHERE share <> 0;
            PERFORM rewards_move(ARRAY[fold], array_fill(1, ARRAY[legs + 1]),
                ARRAY(SELECT generate_series(0, legs)), into_accounts, into_amounts,
                array_fill(1, ARRAY[legs + 1]), into_amounts, into_accounts,
                array_fill(1, ARRAY[legs + 1]), into_amounts);
        END IF;
        UPDATE rewards_balance SET folded = b.place WHERE account_id = ANY(owners);
    END LOOP;
END $$;


-- Post transfers, all or none. Nothing comes back where all of them are new and posted; otherwise
-- the stored transfers by key, or the one refusal, with nothing written.
DROP FUNCTION rewards_post(uuid[], uuid[], text[], text[], text[], timestamptz[], uuid, integer[],
                           integer[], bigint[], bigint[], timestamptz, text);
CREATE FUNCTION rewards_post(
    ids uuid[], keys uuid[], hashes text[], kinds text[], abouts text[], effective timestamptz[],
    undone uuid, numbers integer[], seqs integer[], accounts bigint[], amounts bigint[],
    counts integer[], sums bigint[], touched bigint[], moves integer[], gains bigint[],
    moment timestamptz, who text)
RETURNS TABLE (refusal text, key uuid, transfer uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE written integer; code text; named text;
BEGIN
    -- As rewards_require_durable() has it, without a statement of its own.
    IF 'off' IN (current_setting('fsync'), current_setting('full_page_writes'),
                 current_setting('synchronous_commit')) THEN
        RAISE EXCEPTION 'not durable' USING ERRCODE = 'DU503';
    END IF;
    INSERT INTO rewards_transfer (id, idem, req_hash, kind, state, reverses_id, reference,
                                  effective_at, posted_at, actor)
        -- What is the same for all is given once. A mark stands before each reference: an empty one
        -- alone would be no element at all.
        SELECT ids[n], keys[n], hashes[n], coalesce(kinds[n], kinds[1]), 'posted', undone,
               substr(coalesce(abouts[n], abouts[1]), 2), coalesce(effective[n], effective[1]),
               moment, who
        FROM generate_series(1, cardinality(keys)) n
        ORDER BY keys[n] ON CONFLICT (idem) DO NOTHING;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written < cardinality(keys) THEN
        -- A later statement, so it sees what a concurrent transaction has just committed.
        IF EXISTS (SELECT FROM unnest(keys, hashes) AS o (idem, hash) WHERE o.hash <>
                   (SELECT t.req_hash FROM rewards_transfer t WHERE t.idem = o.idem)) THEN
            RAISE EXCEPTION 'key used before' USING ERRCODE = 'DU409';
        END IF;
        RETURN QUERY SELECT NULL::text, t.idem, t.id FROM rewards_transfer t WHERE t.idem = ANY(keys);
        SELECT array_agg(l.number ORDER BY l.place), array_agg(l.seq ORDER BY l.place),
               array_agg(l.account ORDER BY l.place), array_agg(l.amount ORDER BY l.place),
               array_agg(l.counted ORDER BY l.place), array_agg(l.total ORDER BY l.place)
            INTO numbers, seqs, accounts, amounts, counts, sums
            FROM (
                SELECT number, seq, account, amount, place, row_number() OVER so_far AS counted,
                       sum(amount) OVER so_far AS total
                FROM unnest(numbers, seqs, accounts, amounts)
                    WITH ORDINALITY AS l (number, seq, account, amount, place)
                WHERE EXISTS (SELECT FROM rewards_transfer t WHERE t.id = ids[l.number])
                WINDOW so_far AS (PARTITION BY account ORDER BY place ROWS UNBOUNDED PRECEDING)
            ) l;
        SELECT array_agg(account ORDER BY account), array_agg(legs ORDER BY account),
               array_agg(gain ORDER BY account)
            INTO touched, moves, gains
            FROM (
                SELECT account, count(*) AS legs, sum(amount) AS gain
                FROM unnest(accounts, amounts) AS l (account, amount) GROUP BY account
            ) l;
    END IF;
    IF written > 0 THEN
        PERFORM rewards_lock(touched, moment, who);
        PERFORM rewards_move(ids, numbers, seqs, accounts, amounts, counts, sums, touched, moves, gains);
    END IF;
EXCEPTION
    WHEN SQLSTATE 'DU404' OR SQLSTATE 'DU409' OR SQLSTATE 'DU503' OR check_violation
        OR unique_violation OR numeric_value_out_of_range THEN
        GET STACKED DIAGNOSTICS named = CONSTRAINT_NAME;
        code := rewards_refusal(SQLSTATE, named);
        IF code IS NULL THEN
            RAISE;
        END IF;
        RETURN QUERY SELECT code, NULL::uuid, NULL::uuid;
END $$;


-- Resolve a hold, once: post ``size`` of it (0 posts nothing: it is voided) and free the rest.
CREATE OR REPLACE FUNCTION rewards_resolve(
    id uuid, key uuid, hash text, hold uuid, size bigint, moment timestamptz, who text)
RETURNS TABLE (refusal text, transfer uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE code text; named text; stored record; h record;
BEGIN
    PERFORM rewards_require_durable();
    SELECT d.source_id, d.target_id, d.amount, t.kind, t.reference INTO STRICT h
        FROM rewards_hold d JOIN rewards_transfer t ON t.id = d.transfer_id
        WHERE d.transfer_id = hold;
    INSERT INTO rewards_transfer (id, idem, req_hash, kind, state, pending_id, reference,
                                  effective_at, posted_at, actor)
        VALUES (rewards_resolve.id, key, hash, h.kind, CASE WHEN size > 0 THEN 'post' ELSE 'void' END,
                hold, h.reference, moment, moment, who)
        ON CONFLICT (idem) DO NOTHING;
    IF NOT FOUND THEN
        SELECT t.id, t.req_hash INTO stored FROM rewards_transfer t WHERE t.idem = key;
        RETURN QUERY SELECT CASE WHEN stored.req_hash <> hash THEN 'resolved' END, stored.id;
        RETURN;
    END IF;
    PERFORM rewards_lock(ARRAY[h.source_id, h.target_id], moment, who);
    UPDATE rewards_balance b SET pending_out = b.pending_out - h.amount
        WHERE b.account_id = h.source_id;
    IF size > 0 THEN
        PERFORM rewards_move(ARRAY[rewards_resolve.id], ARRAY[1, 1], ARRAY[0, 1],
                             ARRAY[h.source_id, h.target_id], ARRAY[-size, size], ARRAY[1, 1],
                             ARRAY[-size, size], ARRAY[h.source_id, h.target_id], ARRAY[1, 1],
                             ARRAY[-size, size]);
    END IF;
EXCEPTION
    WHEN SQLSTATE 'DU404' OR SQLSTATE 'DU503' OR check_violation OR unique_violation
        OR numeric_value_out_of_range THEN
        GET STACKED DIAGNOSTICS named = CONSTRAINT_NAME;
        code := rewards_refusal(SQLSTATE, named);
        IF code IS NULL THEN
            RAISE;
        END IF;
        RETURN QUERY SELECT code, NULL::uuid;
END $$;


REVOKE EXECUTE ON FUNCTION rewards_post, rewards_move FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'dure_app') THEN
        GRANT EXECUTE ON FUNCTION rewards_post TO dure_app;
    END IF;
END $$;
