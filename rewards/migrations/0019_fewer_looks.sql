-- Write the entries of transfers, and the balances, which are locked. Each balance is read once: it
-- stands before its legs as the first of the sum that runs over them, and the last leg of an
-- account is its new balance.
CREATE OR REPLACE FUNCTION rewards_move(
    transfers uuid[], seqs integer[], accounts bigint[], amounts bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH leg AS MATERIALIZED (
        SELECT account_id, place, transfer_id, seq, amount,
               first_value(version) OVER so_far + row_number() OVER so_far - 1 AS version,
               (sum(amount) OVER so_far)::bigint AS after,
               first_value(asset) OVER so_far AS asset,
               lead(place) OVER so_far IS NULL AS last
        FROM (
            SELECT b.account_id, 0 AS place, NULL::uuid AS transfer_id, NULL::integer AS seq,
                   b.posted AS amount, b.version,
                   (SELECT a.asset FROM rewards_account a WHERE a.id = b.account_id) AS asset
            FROM rewards_balance b WHERE b.account_id = ANY(accounts)
            UNION ALL
            SELECT account_id, place, transfer_id, seq, amount, NULL, NULL
            FROM unnest(transfers, seqs, accounts, amounts)
                WITH ORDINALITY AS l (transfer_id, seq, account_id, amount, place)
        ) line
        WINDOW so_far AS (PARTITION BY account_id ORDER BY place ROWS UNBOUNDED PRECEDING)
    ), entered AS (
        INSERT INTO rewards_entry (account_id, version, transfer_id, seq, asset, amount, after)
        SELECT account_id, version, transfer_id, seq, asset, amount, after FROM leg WHERE place > 0
    )
    UPDATE rewards_balance b SET posted = l.after, version = l.version
    FROM leg l WHERE l.last AND b.account_id = l.account_id;
END $$;


-- The same checks of a statement as before, asked in one: where a single transfer is written, it is
-- the number of statements that takes the time.
CREATE OR REPLACE FUNCTION rewards_entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong uuid; odd boolean; astray boolean;
BEGIN
    SELECT (
        SELECT bool_or(total <> 0 OR low <> 0 OR high <> legs - 1 OR one <> other OR coalesce(
            (SELECT t.state FROM rewards_transfer t WHERE t.id = transfer_id), 'void')
            IN ('pending', 'void'))
        FROM (
            SELECT transfer_id, sum(amount) AS total, min(seq) AS low, max(seq) AS high,
                   count(*) AS legs, min(asset) AS one, max(asset) AS other
            FROM fresh GROUP BY transfer_id
        ) t
    ), (
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
        FROM (
            SELECT account_id, version, amount, after, asset, lead(asset) OVER account AS asset_after,
                   lag(version) OVER account AS version_before, lag(after) OVER account AS before,
                   lead(version) OVER account IS NULL AS last
            FROM fresh WINDOW account AS (PARTITION BY account_id ORDER BY version)
        ) leg
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
            = 'pending')))::uuid, (SELECT max(ends_at) FROM rewards_closedperiod)
        INTO earliest, wrong, closed_to FROM fresh f;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'transfer % names no transfer that it could follow', wrong
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF earliest < closed_to THEN
        RAISE EXCEPTION 'the books are closed up to %', closed_to
            USING ERRCODE = 'check_violation', CONSTRAINT = 'books_are_open';
    END IF;
    RETURN NULL;
END $$;


-- Post transfers, all or none. Nothing comes back where all of them are new and posted; otherwise
-- the stored transfers by key, or the one refusal, with nothing written.
CREATE OR REPLACE FUNCTION rewards_post(
    ids uuid[], keys uuid[], hashes text[], kinds text[], abouts text[], effective timestamptz[],
    undone uuid, leg_of integer[], seqs integer[], accounts bigint[], amounts bigint[],
    moment timestamptz, who text)
RETURNS TABLE (refusal text, key uuid, transfer uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE written integer; transfers uuid[]; code text; named text;
BEGIN
    -- As rewards_require_durable() has it, without a statement of its own.
    IF 'off' IN (current_setting('fsync'), current_setting('full_page_writes'),
                 current_setting('synchronous_commit')) THEN
        RAISE EXCEPTION 'not durable' USING ERRCODE = 'DU503';
    END IF;
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
        IF cardinality(ids) = 1 THEN
            transfers := array_fill(ids[1], ARRAY[cardinality(leg_of)]);
        ELSE
            SELECT array_agg(ids[number] ORDER BY place) INTO transfers
                FROM unnest(leg_of) WITH ORDINALITY AS l (number, place);
        END IF;
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


-- Load one chunk, once: shares floored in numeric, and what they take out of the batch's account.
-- Number of shares loaded; 0 for a chunk that is loaded already. A chunk is found by its range of
-- pages: nobody has counted yet what the tables hold, so a plan of its own would read all of them
-- for each chunk.
CREATE OR REPLACE FUNCTION rewards_bulk_load(batch_id uuid, chunk integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET work_mem = '64MB'
SET enable_seqscan = off AS $$
DECLARE b rewards_bulkbatch; c rewards_bulkchunk; given numeric; shares integer;
BEGIN
    SELECT * INTO STRICT c FROM rewards_bulkchunk
        WHERE rewards_bulkchunk.batch_id = rewards_bulk_load.batch_id AND place = chunk FOR UPDATE;
    IF c.loaded THEN
        RETURN 0;
    END IF;
    SELECT * INTO STRICT b FROM rewards_bulkbatch WHERE id = c.batch_id AND state = 'loading';
    EXECUTE format('
        WITH share AS MATERIALIZED (
            SELECT number, account_id, weight, div($1 * weight, $2)::bigint AS amount
            FROM %I WHERE number BETWEEN $3 AND $4
        ), loaded AS (
            INSERT INTO %I (batch, number, account_id, weight, amount)
            SELECT $5, number, account_id, weight, amount FROM share
            UNION ALL SELECT $5, -1 - $6, $7, 0, -sum(amount)::bigint FROM share
        )
        SELECT sum(amount), count(*) FROM share',
        'rewards_bulkweight_' || b.number, 'rewards_bulkentry_' || b.number)
        INTO given, shares
        USING b.amount::numeric, b.total_weight, c.first, c.last, b.number, chunk, b.account_id;
    IF shares <> c.last - c.first + 1 THEN
        RAISE EXCEPTION 'chunk % of batch % has % shares', chunk, batch_id, shares
            USING ERRCODE = 'check_violation';
    END IF;
    PERFORM brin_summarize_new_values(
        to_regclass('rewards_bulkentry_' || b.number || '_range'));
    UPDATE rewards_bulkchunk SET loaded = true, total = given
        WHERE rewards_bulkchunk.batch_id = c.batch_id AND place = chunk;
    UPDATE rewards_bulkbatch SET rows_done = rows_done + shares, attempts = 0 WHERE id = c.batch_id;
    RETURN shares;
END $$;


-- The canonical lines of a batch's shares, those of a tile in one text. Ids, whole numbers and a
-- fixed order of names: what this writes is canonical JSON (RFC 8785). Shares lie in the order of
-- accounts: with their range, the accounts of others are not read. Processes beside this one would
-- take the processor from the loading of the next chunk, and a proof would wait for their start.
CREATE FUNCTION rewards_bulk_lines(batch_id uuid, first integer, last integer, tile_bits integer)
RETURNS TABLE (lines text, shares bigint)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp SET work_mem = '32MB'
SET enable_seqscan = off SET enable_nestloop = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE b rewards_bulkbatch; lowest bigint; highest bigint;
BEGIN
    SELECT * INTO STRICT b FROM rewards_bulkbatch WHERE id = batch_id;
    -- The least and the greatest account of all these numbers would be looked for along all accounts.
    EXECUTE format('SELECT (SELECT account_id FROM %1$I WHERE batch = %2$s AND number = %3$s),
                           (SELECT account_id FROM %1$I WHERE batch = %2$s AND number = %4$s)',
                   'rewards_bulkentry_' || b.number, b.number, first, last) INTO lowest, highest;
    RETURN QUERY EXECUTE format('
        SELECT string_agg(line, chr(10) ORDER BY number), count(*) FROM (
            SELECT e.number, concat(''{"account":"'', a.public_id, ''","amount":"'', e.amount,
                ''","batch":"%s","weight":"'', e.weight, ''"}'') AS line
            FROM %I e JOIN rewards_account a ON a.id = e.account_id AND a.asset = %L
            WHERE e.batch = %s AND e.number BETWEEN %s AND %s AND a.id BETWEEN %s AND %s
        ) share GROUP BY number >> %s ORDER BY min(number)',
        b.id, 'rewards_bulkentry_' || b.number, b.asset, b.number, first, last,
        coalesce(lowest, 0), coalesce(highest, 0), tile_bits);
END $$;
