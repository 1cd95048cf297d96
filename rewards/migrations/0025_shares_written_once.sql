-- The shares of a bulk posting are written once: in the statement that freezes who is eligible. Before
-- that froze weights, and each chunk wrote them again with its amounts: a third of the write-ahead log.
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM rewards_bulkbatch WHERE state IN ('loading', 'sealed')) THEN
        RAISE EXCEPTION 'a bulk posting is under way: let it end before this is applied';
    END IF;
END $$;


-- The parent's statement triggers do not fire for what goes straight into a partition: each has this
-- one from freezing on. What comes then is what a chunk takes out of the batch's account.
CREATE FUNCTION rewards_bulk_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM fresh WHERE number >= 0) THEN
        RAISE EXCEPTION 'the shares in % are frozen', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM rewards_bulkbatch b WHERE b.state = 'loading'
                   AND 'rewards_bulkentry_' || b.number = TG_TABLE_NAME) THEN
        RAISE EXCEPTION 'the batch of % is not being loaded', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;


-- Make room for a batch: the table of its shares, which the caller fills before it is frozen.
CREATE OR REPLACE FUNCTION rewards_bulk_open(batch_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE n integer; entries text;
BEGIN
    SELECT number INTO STRICT n FROM rewards_bulkbatch
        WHERE id = batch_id AND state = 'ordered' FOR UPDATE;
    entries := 'rewards_bulkentry_' || n;
    EXECUTE format('CREATE TABLE %I (LIKE rewards_bulkentry INCLUDING CONSTRAINTS,
                    CONSTRAINT %I CHECK (batch = %s))', entries, entries || '_batch', n);
    EXECUTE format('CREATE TRIGGER share_stands BEFORE UPDATE OR DELETE ON %I
                    FOR EACH ROW EXECUTE FUNCTION rewards_stands()', entries);
    EXECUTE format('CREATE TRIGGER share_not_emptied BEFORE TRUNCATE ON %I
                    FOR EACH STATEMENT EXECUTE FUNCTION rewards_stands()', entries);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER share_stands', entries);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER share_not_emptied', entries);
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'dure_app') THEN
        EXECUTE format('REVOKE ALL ON %I FROM dure_app', entries);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO dure_app', entries);
    END IF;
END $$;


-- Who is eligible stands from now on, with their shares; ``reserve`` holds the amount. Number of
-- people. That each share is what the weights come to is seen chunk by chunk.
CREATE OR REPLACE FUNCTION rewards_bulk_freeze(batch_id uuid, reserve uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE b rewards_bulkbatch; entries text; eligible integer; weight numeric; numbered boolean;
BEGIN
    SELECT * INTO STRICT b FROM rewards_bulkbatch WHERE id = batch_id AND state = 'ordered' FOR UPDATE;
    entries := 'rewards_bulkentry_' || b.number;
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'dure_app') THEN
        EXECUTE format('REVOKE INSERT ON %I FROM dure_app', entries);
    END IF;
    EXECUTE format('CREATE TRIGGER shares_are_frozen AFTER INSERT ON %I
                    REFERENCING NEW TABLE AS fresh
                    FOR EACH STATEMENT EXECUTE FUNCTION rewards_bulk_is_frozen()', entries);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER shares_are_frozen', entries);
    -- Entries lie in the order of their numbers: a few bytes for each range of pages find them.
    EXECUTE format('CREATE INDEX %I ON %I USING brin (number) WITH (pages_per_range = 32)',
                   entries || '_range', entries);
    EXECUTE format('SELECT count(*), sum(weight), min(number) = 0 AND max(number) = count(*) - 1
                    FROM %I', entries) INTO eligible, weight, numbered;
    IF eligible = 0 THEN
        RETURN 0;
    END IF;
    IF NOT numbered OR NOT EXISTS (
        SELECT 1 FROM rewards_hold h WHERE h.transfer_id = reserve AND h.source_id = b.source_id
        AND h.target_id = b.account_id AND h.amount = b.amount AND h.expires_at IS NULL
    ) THEN
        RAISE EXCEPTION 'batch % is not frozen as it should be', batch_id
            USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO rewards_bulkchunk (batch_id, place, first, last, loaded)
        SELECT b.id, place, place << b.chunk_bits,
               least((place + 1) << b.chunk_bits, eligible) - 1, false
        FROM generate_series(0, (eligible - 1) >> b.chunk_bits) place;
    UPDATE rewards_bulkbatch SET state = 'loading', people = eligible, total_weight = weight,
        reserve_id = reserve WHERE id = b.id;
    RETURN eligible;
END $$;


-- Take one chunk in, once: each share is its weight's part of the amount, floored in numeric, and what
-- they take out of the batch's account stands beside them: together they sum to zero. Number of its
-- shares; 0 for a chunk that is taken in already. A chunk is found by its range of pages: nobody has
-- counted yet what the table holds, so a plan of its own would read all of it for each chunk.
CREATE OR REPLACE FUNCTION rewards_bulk_load(batch_id uuid, chunk integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE b rewards_bulkbatch; c rewards_bulkchunk; entries text; given numeric; shares integer;
    exact boolean;
BEGIN
    SELECT * INTO STRICT c FROM rewards_bulkchunk
        WHERE rewards_bulkchunk.batch_id = rewards_bulk_load.batch_id AND place = chunk FOR UPDATE;
    IF c.loaded THEN
        RETURN 0;
    END IF;
    SELECT * INTO STRICT b FROM rewards_bulkbatch WHERE id = c.batch_id AND state = 'loading';
    entries := 'rewards_bulkentry_' || b.number;
    EXECUTE format('SELECT count(*), sum(amount), bool_and(amount = div($1 * weight, $2))
                    FROM %I WHERE number BETWEEN $3 AND $4', entries)
        INTO shares, given, exact USING b.amount::numeric, b.total_weight, c.first, c.last;
    IF NOT exact OR shares <> c.last - c.first + 1 THEN
        RAISE EXCEPTION 'chunk % of batch % is not shared out as ordered', chunk, batch_id
            USING ERRCODE = 'check_violation';
    END IF;
    EXECUTE format('INSERT INTO %I (batch, number, account_id, weight, amount)
                    VALUES ($1, $2, $3, 0, $4)', entries)
        USING b.number, -1 - chunk, b.account_id, -given::bigint;
    UPDATE rewards_bulkchunk SET loaded = true, total = given
        WHERE rewards_bulkchunk.batch_id = c.batch_id AND place = chunk;
    UPDATE rewards_bulkbatch SET rows_done = rows_done + shares, attempts = 0 WHERE id = c.batch_id;
    RETURN shares;
END $$;


-- Everything becomes visible at once. The caller has posted the sum to the batch's account in the
-- same transaction (a trigger insists). Batches are posted one after another, so that who sees a
-- place sees all before it.
CREATE OR REPLACE FUNCTION rewards_bulk_attach(batch_id uuid, moment timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE n integer; found_place integer;
BEGIN
    SELECT number INTO STRICT n FROM rewards_bulkbatch
        WHERE id = batch_id AND state = 'sealed' FOR UPDATE;
    PERFORM pg_advisory_xact_lock(7021390418825112392);
    SELECT coalesce(max(place), 0) + 1 INTO found_place FROM rewards_bulkbatch;
    EXECUTE format('ALTER TABLE rewards_bulkentry ATTACH PARTITION %I FOR VALUES IN (%s)',
                   'rewards_bulkentry_' || n, n);
    UPDATE rewards_bulkbatch SET state = 'posted', posted_at = moment, place = found_place,
        claimed_by = NULL, claimed_until = NULL WHERE id = batch_id;
    RETURN found_place;
END $$;


-- Give a batch up that nobody has seen.
CREATE OR REPLACE FUNCTION rewards_bulk_discard(batch_id uuid, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE n integer;
BEGIN
    SELECT number INTO STRICT n FROM rewards_bulkbatch
        WHERE id = batch_id AND state IN ('ordered', 'loading', 'sealed') FOR UPDATE;
    EXECUTE format('DROP TABLE IF EXISTS %I', 'rewards_bulkentry_' || n);
    UPDATE rewards_bulkbatch SET state = 'failed', reason = why, claimed_by = NULL,
        claimed_until = NULL WHERE id = batch_id;
END $$;
