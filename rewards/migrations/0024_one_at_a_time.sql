-- A transfer between two accounts is what people wait for: it has a function of its own, in which
-- everything is a plain value. And whatever posts locks its balances before it writes a key.

-- Post ``size`` sub-units from one account to another. Nothing comes back where the transfer is new
-- and posted; otherwise the one stored under its key, or the refusal.
--
-- What can refuse it is looked at under the locks before anything is written, so nothing has to be
-- undone: no inner transaction. Constraints and triggers stay the last word. A transfer that says
-- when it takes effect or what it reverses goes by rewards_post.
CREATE FUNCTION rewards_post_one(
    id uuid, key uuid, hash text, what text, about text, source bigint, target bigint, size bigint,
    moment timestamptz, who text)
RETURNS TABLE (refusal text, transfer uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE spendable numeric; posted_s bigint; version_s bigint; asset_s text; posted_t bigint;
    version_t bigint; asset_t text; refused text; unfolded boolean; closed boolean; stored record;
BEGIN
    -- As rewards_require_durable() has it, without a statement of its own.
    IF 'off' IN (current_setting('fsync'), current_setting('full_page_writes'),
                 current_setting('synchronous_commit')) THEN
        RETURN QUERY SELECT 'durable', NULL::uuid;
        RETURN;
    END IF;
    PERFORM FROM rewards_balance WHERE account_id IN (source, target)
        ORDER BY account_id FOR NO KEY UPDATE;
    -- The lock that closing a month waits for; what follows sees a month that has been closed.
    IF pg_advisory_xact_lock_shared(7021390418825112391) IS NULL THEN
        NULL;
    END IF;
    SELECT EXISTS (SELECT FROM rewards_bulkbatch WHERE state = 'posted' AND folded_at IS NULL),
           moment < (SELECT max(ends_at) FROM rewards_closedperiod)
        INTO unfolded, closed;
    IF unfolded THEN
        PERFORM rewards_lock(ARRAY[source, target], moment, who);
    END IF;
    SELECT s.posted::numeric - s.pending_out - s.floor, s.posted, s.version, s.asset,
           t.posted, t.version, t.asset
        INTO spendable, posted_s, version_s, asset_s, posted_t, version_t, asset_t
        FROM rewards_balance s, rewards_balance t
        WHERE s.account_id = source AND t.account_id = target;
    refused := CASE WHEN spendable IS NULL THEN 'account' WHEN closed THEN 'period'
        WHEN asset_s <> asset_t THEN 'asset'
        WHEN posted_s < size - 9223372036854775807 OR posted_t > 9223372036854775807 - size THEN 'size'
        WHEN spendable < size THEN 'floor' END;
    IF refused IS NULL THEN
        INSERT INTO rewards_transfer (id, idem, req_hash, kind, state, reference, effective_at,
                                      posted_at, actor)
            VALUES (rewards_post_one.id, key, hash, what, 'posted', about, moment, moment, who)
            ON CONFLICT (idem) DO NOTHING;
        IF FOUND THEN
            WITH entered AS (
                INSERT INTO rewards_entry (account_id, version, transfer_id, seq, asset, amount, after)
                VALUES (source, version_s + 1, rewards_post_one.id, 0, asset_s, -size, posted_s - size),
                       (target, version_t + 1, rewards_post_one.id, 1, asset_s, size, posted_t + size)
            )
            UPDATE rewards_balance b SET version = b.version + 1,
                posted = b.posted + CASE b.account_id WHEN target THEN size ELSE -size END
            WHERE b.account_id IN (source, target);
            RETURN;
        END IF;
    END IF;
    SELECT t.id, t.req_hash INTO stored FROM rewards_transfer t WHERE t.idem = key;
    IF stored.id IS NULL THEN
        RETURN QUERY SELECT refused, NULL::uuid;
    ELSE
        RETURN QUERY SELECT CASE WHEN stored.req_hash <> hash THEN 'key' END, stored.id;
    END IF;
END $$;


-- Post transfers, all or none. Nothing comes back where all of them are new and posted; otherwise
-- the stored transfers by key, or the one refusal, with nothing written.
CREATE OR REPLACE FUNCTION rewards_post(
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
    PERFORM rewards_lock(touched, moment, who);
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


-- A resolution names a hold, a reversal names a transfer; a closed month takes nothing more. In a
-- function, each statement sees what has committed before it starts: the month is read after the
-- lock that closing waits for.
CREATE OR REPLACE FUNCTION rewards_transfers_are_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE closed_to timestamptz; earliest timestamptz; wrong uuid;
BEGIN
    -- An expression, which needs no statement of its own.
    IF pg_advisory_xact_lock_shared(7021390418825112391) IS NULL THEN
        NULL;
    END IF;
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


REVOKE EXECUTE ON FUNCTION rewards_post_one FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'dure_app') THEN
        GRANT EXECUTE ON FUNCTION rewards_post_one TO dure_app;
    END IF;
END $$;
