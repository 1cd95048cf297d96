-- A batch whose keys are all new is what comes: its transfers are inserted plainly, a quarter
-- cheaper than with a look at each key first. One whose keys are known is undone to there and
-- taken up again with the look.

-- The transfers of a batch as they are written. What is the same for all is given once. A mark
-- stands before each reference: an empty one alone would be no element at all.
CREATE FUNCTION rewards_as_given(
    ids uuid[], keys uuid[], hashes text[], kinds text[], abouts text[], effective timestamptz[])
RETURNS TABLE (id uuid, idem uuid, req_hash text, kind text, reference text, effective_at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT ids[n], keys[n], hashes[n], coalesce(kinds[n], kinds[1]),
           substr(coalesce(abouts[n], abouts[1]), 2), coalesce(effective[n], effective[1])
    FROM generate_series(1, cardinality(keys)) n ORDER BY keys[n]
$$;


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
    BEGIN
        INSERT INTO rewards_transfer (id, idem, req_hash, kind, state, reverses_id, reference,
                                      effective_at, posted_at, actor)
            SELECT g.id, g.idem, g.req_hash, g.kind, 'posted', undone, g.reference, g.effective_at,
                   moment, who
            FROM rewards_as_given(ids, keys, hashes, kinds, abouts, effective) g;
        written := cardinality(keys);
    EXCEPTION WHEN unique_violation THEN
        INSERT INTO rewards_transfer (id, idem, req_hash, kind, state, reverses_id, reference,
                                      effective_at, posted_at, actor)
            SELECT g.id, g.idem, g.req_hash, g.kind, 'posted', undone, g.reference, g.effective_at,
                   moment, who
            FROM rewards_as_given(ids, keys, hashes, kinds, abouts, effective) g
            ON CONFLICT (idem) DO NOTHING;
        GET DIAGNOSTICS written = ROW_COUNT;
    END;
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


REVOKE EXECUTE ON FUNCTION rewards_as_given FROM PUBLIC;
