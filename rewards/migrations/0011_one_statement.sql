-- A transfer is one statement of its caller: key, ordered locks, floors, entries and balances.
-- The functions belong to the owner of the tables; the role of the processes may only execute
-- them and has no right of its own to the books any more.

-- The checks of a statement in one pass over it. A trigger keeps its plan from one statement to the
-- next, whether that wrote two rows or a hundred thousand: what is looked up stands in scalar
-- subqueries, which always go by the index, and rows before and after meet by grouping.
CREATE OR REPLACE FUNCTION rewards_entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong uuid; odd boolean;
BEGIN
    SELECT bool_or(total <> 0 OR low <> 0 OR high <> legs - 1 OR one <> other OR coalesce(
        (SELECT t.state FROM rewards_transfer t WHERE t.id = transfer_id), 'void')
        IN ('pending', 'void')) INTO odd
    FROM (
        SELECT transfer_id, sum(amount) AS total, min(seq) AS low, max(seq) AS high,
               count(*) AS legs, min(asset) AS one, max(asset) AS other
        FROM fresh GROUP BY transfer_id
    ) t;
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
    SELECT bool_or(leg.version <> leg.version_before + 1
        OR leg.after <> leg.before + leg.amount
        OR (leg.version_before IS NULL AND leg.after - leg.amount IS DISTINCT FROM
            CASE WHEN leg.version = 1 THEN 0 ELSE
                (SELECT e.after FROM rewards_entry e
                 WHERE e.account_id = leg.account_id AND e.version = leg.version - 1) END)
        OR (leg.last AND NOT coalesce(
            (SELECT (b.version, b.posted) = (leg.version, leg.after) FROM rewards_balance b
             WHERE b.account_id = leg.account_id), false))
        OR (leg.asset_after IS DISTINCT FROM leg.asset AND NOT coalesce(
            (SELECT a.asset = leg.asset FROM rewards_account a WHERE a.id = leg.account_id), false)))
        INTO odd
    FROM (
        SELECT account_id, version, amount, after, asset, lead(asset) OVER account AS asset_after,
               lag(version) OVER account AS version_before, lag(after) OVER account AS before,
               lead(version) OVER account IS NULL AS last
        FROM fresh WINDOW account AS (PARTITION BY account_id ORDER BY version)
    ) leg;
    IF odd THEN
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


-- A resolution names a hold, a reversal names a transfer; a closed month takes nothing more. In a
-- function, each statement sees what has committed before it starts: the month is read after the
-- lock that closing waits for.
CREATE OR REPLACE FUNCTION rewards_transfers_are_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE closed_to timestamptz; earliest timestamptz; wrong uuid;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7021390418825112391);
    SELECT min(effective_at), (min(f.id::text) FILTER (WHERE
        (f.pending_id IS NOT NULL AND coalesce(
            (SELECT t.state FROM rewards_transfer t WHERE t.id = f.pending_id), '') <> 'pending')
        OR (f.reverses_id IS NOT NULL AND coalesce(
            (SELECT t.state FROM rewards_transfer t WHERE t.id = f.reverses_id), 'pending')
            = 'pending')))::uuid
        INTO earliest, wrong FROM fresh f;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'transfer % names no transfer that it could follow', wrong
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    SELECT max(ends_at) INTO closed_to FROM rewards_closedperiod;
    IF earliest < closed_to THEN
        RAISE EXCEPTION 'the books are closed up to %', closed_to
            USING ERRCODE = 'check_violation', CONSTRAINT = 'books_are_open';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER transfers_name_others ON rewards_transfer;
DROP FUNCTION rewards_transfers_name_others;


-- A balance moves only together with the entry that explains it, and takes in exactly its shares
-- of the batches that it passes, by entries that say so.
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

DROP TRIGGER balance_takes_shares_in ON rewards_balance;
DROP FUNCTION rewards_balance_takes_shares_in;


-- Ids in the order of time keep the indexes dense; their 74 random bits keep them unguessable.
CREATE FUNCTION rewards_new_id(moment timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING substring(
        int8send((extract(epoch FROM moment) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1),
        'hex')::uuid $$;


-- Write the entries of transfers, and the balances, which are locked.
CREATE FUNCTION rewards_move(transfers uuid[], seqs integer[], accounts bigint[], amounts bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH leg AS MATERIALIZED (
        SELECT * FROM unnest(transfers, seqs, accounts, amounts)
            WITH ORDINALITY AS l (transfer_id, seq, account_id, amount, place)
    ), entered AS (
        INSERT INTO rewards_entry (account_id, version, transfer_id, seq, asset, amount, after)
        SELECT l.account_id, b.version + row_number() OVER so_far, l.transfer_id, l.seq,
               (SELECT a.asset FROM rewards_account a WHERE a.id = l.account_id), l.amount,
               (b.posted + sum(l.amount) OVER so_far)::bigint
        FROM leg l JOIN rewards_balance b USING (account_id)
        WINDOW so_far AS (PARTITION BY l.account_id ORDER BY l.place ROWS UNBOUNDED PRECEDING)
    )
    UPDATE rewards_balance b
    SET posted = (b.posted + s.total)::bigint, version = b.version + s.legs
    FROM (SELECT account_id, sum(amount) AS total, count(*) AS legs FROM leg GROUP BY account_id) s
    WHERE b.account_id = s.account_id;
END $$;


-- Lock balances in the order of their ids, then bring them up to date with their shares of bulk
-- postings. What a batch pays through is locked after all others, in the order of the places.
CREATE FUNCTION rewards_lock(accounts bigint[], moment timestamptz, who text) RETURNS void
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
            PERFORM rewards_move(array_fill(fold, ARRAY[legs + 1]),
                ARRAY(SELECT generate_series(0, legs)), into_accounts, into_amounts);
        END IF;
        UPDATE rewards_balance SET folded = b.place WHERE account_id = ANY(owners);
    END LOOP;
END $$;


-- Refuse where a crash could lose or tear what was committed.
CREATE FUNCTION rewards_require_durable() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF 'off' IN (current_setting('fsync'), current_setting('full_page_writes'),
                 current_setting('synchronous_commit')) THEN
        RAISE EXCEPTION 'not durable' USING ERRCODE = 'DU503';
    END IF;
END $$;


-- What a refusal is called by those who ask; null for what nobody expects.
CREATE FUNCTION rewards_refusal(code text, named text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN code = 'DU404' THEN 'account' WHEN code = 'DU409' THEN 'key'
        WHEN code = 'DU402' THEN 'floor' WHEN code = 'DU503' THEN 'durable'
        WHEN code = '22003' THEN 'size' WHEN named = 'balance_above_floor' THEN 'floor'
        WHEN named IN ('transfer_sums_to_zero', 'hold_target_asset') THEN 'asset'
        WHEN named = 'books_are_open' THEN 'period'
        WHEN named = 'reverses_id_once' THEN 'reversed'
        WHEN named = 'pending_id_resolved_once' THEN 'resolved' END $$;


-- Plans of these functions are made once and must serve a table of any size: they go by the indexes.

-- Post transfers, all or none. Nothing comes back where all of them are new and posted; otherwise
-- the stored transfers by key, or the one refusal, with nothing written.
CREATE FUNCTION rewards_post(
    ids uuid[], keys uuid[], hashes text[], kinds text[], abouts text[], effective timestamptz[],
    undone uuid, leg_of integer[], seqs integer[], accounts bigint[], amounts bigint[],
    moment timestamptz, who text)
RETURNS TABLE (refusal text, key uuid, transfer uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE written integer; transfers uuid[]; code text; named text;
BEGIN
    PERFORM rewards_require_durable();
    INSERT INTO rewards_transfer (id, idem, req_hash, kind, state, reverses_id, reference,
                                  effective_at, posted_at, actor)
        -- A mark stands before each reference: an empty one alone would be no element at all.
        SELECT t.id, t.idem, t.hash, t.kind, 'posted', undone, substr(t.about, 2), t.at, moment, who
        FROM unnest(ids, keys, hashes, kinds, abouts, effective)
            AS t (id, idem, hash, kind, about, at)
        ORDER BY t.idem ON CONFLICT (idem) DO NOTHING;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written < cardinality(keys) THEN
        -- A later statement, so it sees what a concurrent transaction has just committed.
        IF EXISTS (SELECT FROM unnest(keys, hashes) AS o (idem, hash) WHERE o.hash <>
                   (SELECT t.req_hash FROM rewards_transfer t WHERE t.idem = o.idem)) THEN
            RAISE EXCEPTION 'key used before' USING ERRCODE = 'DU409';
        END IF;
        RETURN QUERY SELECT NULL::text, t.idem, t.id FROM rewards_transfer t WHERE t.idem = ANY(keys);
        SELECT array_agg(l.number ORDER BY l.place), array_agg(l.seq ORDER BY l.place),
               array_agg(l.account ORDER BY l.place), array_agg(l.amount ORDER BY l.place)
            INTO leg_of, seqs, accounts, amounts
            FROM unnest(leg_of, seqs, accounts, amounts)
                WITH ORDINALITY AS l (number, seq, account, amount, place)
            WHERE EXISTS (SELECT FROM rewards_transfer t WHERE t.id = ids[l.number]);
    END IF;
    IF written > 0 THEN
        PERFORM rewards_lock(accounts, moment, who);
        SELECT array_agg(ids[number] ORDER BY place) INTO transfers
            FROM unnest(leg_of) WITH ORDINALITY AS l (number, place);
        PERFORM rewards_move(transfers, seqs, accounts, amounts);
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


-- Hold an amount back on its source until it is posted or given back.
CREATE FUNCTION rewards_hold_back(
    id uuid, key uuid, hash text, what text, about text, effective timestamptz,
    source bigint, target bigint, size bigint, expires timestamptz, moment timestamptz, who text)
RETURNS TABLE (refusal text, transfer uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE code text; named text; stored record;
BEGIN
    PERFORM rewards_require_durable();
    INSERT INTO rewards_transfer (id, idem, req_hash, kind, state, reference, effective_at,
                                  posted_at, actor)
        VALUES (rewards_hold_back.id, key, hash, what, 'pending', about, effective, moment, who)
        ON CONFLICT (idem) DO NOTHING;
    IF NOT FOUND THEN
        SELECT t.id, t.req_hash INTO stored FROM rewards_transfer t WHERE t.idem = key;
        IF stored.req_hash <> hash THEN
            RAISE EXCEPTION 'key used before' USING ERRCODE = 'DU409';
        END IF;
        RETURN QUERY SELECT NULL::text, stored.id;
        RETURN;
    END IF;
    PERFORM rewards_lock(ARRAY[source, target], moment, who);
    UPDATE rewards_balance b SET pending_out = b.pending_out + size
        WHERE b.account_id = source AND b.posted - b.pending_out - b.floor >= size;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not enough' USING ERRCODE = 'DU402';
    END IF;
    INSERT INTO rewards_hold (transfer_id, source_id, target_id, asset, amount, expires_at)
        SELECT rewards_hold_back.id, source, target, a.asset, size, expires
        FROM rewards_account a WHERE a.id = source;
EXCEPTION
    WHEN SQLSTATE 'DU402' OR SQLSTATE 'DU404' OR SQLSTATE 'DU409' OR SQLSTATE 'DU503'
        OR check_violation OR foreign_key_violation OR numeric_value_out_of_range THEN
        GET STACKED DIAGNOSTICS named = CONSTRAINT_NAME;
        code := rewards_refusal(SQLSTATE, named);
        IF code IS NULL THEN
            RAISE;
        END IF;
        RETURN QUERY SELECT code, NULL::uuid;
END $$;


-- Resolve a hold, once: post ``size`` of it (0 posts nothing: it is voided) and free the rest.
CREATE FUNCTION rewards_resolve(
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
        PERFORM rewards_move(ARRAY[rewards_resolve.id, rewards_resolve.id], ARRAY[0, 1],
                             ARRAY[h.source_id, h.target_id], ARRAY[-size, size]);
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


-- Bring balances up to date with their shares of bulk postings.
CREATE FUNCTION rewards_fold(accounts bigint[], moment timestamptz, who text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    PERFORM rewards_require_durable();
    PERFORM rewards_lock(accounts, moment, who);
END $$;


REVOKE EXECUTE ON FUNCTION rewards_post, rewards_hold_back, rewards_resolve, rewards_fold,
    rewards_move, rewards_lock FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'dure_app') THEN
        REVOKE INSERT, UPDATE ON rewards_transfer, rewards_entry, rewards_hold, rewards_bulkfold
            FROM dure_app;
        REVOKE UPDATE ON rewards_balance FROM dure_app;
        REVOKE UPDATE (posted, pending_out, version, folded) ON rewards_balance FROM dure_app;
        REVOKE EXECUTE ON FUNCTION rewards_move, rewards_lock FROM dure_app;
        GRANT EXECUTE ON FUNCTION rewards_post, rewards_hold_back, rewards_resolve, rewards_fold
            TO dure_app;
    END IF;
END $$;
