-- Bulk postings. The functions own the tables of entries: whoever may only execute them can load a
-- batch as it was ordered, and nothing else.

CREATE SEQUENCE rewards_bulk_number AS integer;

-- Partitioned by batch: a batch is loaded beside it, then attached whole.
CREATE TABLE rewards_bulkentry (
    batch integer NOT NULL,
    number integer NOT NULL,
    account_id bigint NOT NULL,
    weight bigint NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT rewards_bulkentry_pkey PRIMARY KEY (batch, number),
    CONSTRAINT bulk_shares_come_in CHECK (
        (number >= 0 AND amount >= 0 AND weight > 0) OR (number < 0 AND amount <= 0 AND weight = 0))
) PARTITION BY LIST (batch);
CREATE UNIQUE INDEX one_bulk_share_each ON rewards_bulkentry (account_id, batch)
    WHERE number >= 0;

CREATE FUNCTION rewards_bulk_comes_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'shares come with their whole batch' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER bulkentry_stands BEFORE UPDATE OR DELETE ON rewards_bulkentry
    FOR EACH ROW EXECUTE FUNCTION rewards_stands();
CREATE TRIGGER bulkentry_not_emptied BEFORE TRUNCATE ON rewards_bulkentry
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_stands();
CREATE TRIGGER bulkentry_comes_whole BEFORE INSERT ON rewards_bulkentry
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_bulk_comes_whole();
ALTER TABLE rewards_bulkentry ENABLE ALWAYS TRIGGER bulkentry_stands;
ALTER TABLE rewards_bulkentry ENABLE ALWAYS TRIGGER bulkentry_not_emptied;
ALTER TABLE rewards_bulkentry ENABLE ALWAYS TRIGGER bulkentry_comes_whole;


-- The parent's statement triggers do not fire for what goes straight into a partition: each has
-- this one. Every statement sums to zero and belongs to a batch that is being loaded.
CREATE FUNCTION rewards_bulk_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount) FROM fresh) <> 0 THEN
        RAISE EXCEPTION 'shares in % do not sum to zero', TG_TABLE_NAME
            USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM rewards_bulkbatch b WHERE b.state = 'loading'
                   AND 'rewards_bulkentry_' || b.number = TG_TABLE_NAME) THEN
        RAISE EXCEPTION 'the batch of % is not being loaded', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;


-- Make room for a batch: one table for who is eligible, one for what they get.
CREATE FUNCTION rewards_bulk_open(batch_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE n integer; entries text; weights text;
BEGIN
    SELECT number INTO STRICT n FROM rewards_bulkbatch
        WHERE id = batch_id AND state = 'ordered' FOR UPDATE;
    entries := 'rewards_bulkentry_' || n;
    weights := 'rewards_bulkweight_' || n;
    EXECUTE format('CREATE TABLE %I (number integer NOT NULL, account_id bigint NOT NULL,
                    weight bigint NOT NULL CHECK (weight > 0))', weights);
    EXECUTE format('CREATE TABLE %I (LIKE rewards_bulkentry INCLUDING CONSTRAINTS,
                    CONSTRAINT %I CHECK (batch = %s))', entries, entries || '_batch', n);
    EXECUTE format('CREATE TRIGGER share_stands BEFORE UPDATE OR DELETE ON %I
                    FOR EACH ROW EXECUTE FUNCTION rewards_stands()', entries);
    EXECUTE format('CREATE TRIGGER share_not_emptied BEFORE TRUNCATE ON %I
                    FOR EACH STATEMENT EXECUTE FUNCTION rewards_stands()', entries);
    EXECUTE format('CREATE TRIGGER shares_balance AFTER INSERT ON %I
                    REFERENCING NEW TABLE AS fresh
                    FOR EACH STATEMENT EXECUTE FUNCTION rewards_bulk_balances()', entries);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER share_stands', entries);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER share_not_emptied', entries);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER shares_balance', entries);
    -- Entries lie in the order of their numbers: a few bytes for each range of pages find them.
    EXECUTE format('CREATE INDEX %I ON %I USING brin (number) WITH (pages_per_range = 32)',
                   entries || '_range', entries);
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'dure_app') THEN
        EXECUTE format('REVOKE ALL ON %I FROM dure_app', entries);
        EXECUTE format('GRANT SELECT ON %I TO dure_app', entries);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO dure_app', weights);
    END IF;
END $$;


-- Who is eligible stands from now on; ``reserve`` holds the amount. Number of people.
CREATE FUNCTION rewards_bulk_freeze(batch_id uuid, reserve uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE b rewards_bulkbatch; weights text; eligible integer; weight numeric; numbered boolean;
BEGIN
    SELECT * INTO STRICT b FROM rewards_bulkbatch WHERE id = batch_id AND state = 'ordered' FOR UPDATE;
    weights := 'rewards_bulkweight_' || b.number;
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'dure_app') THEN
        EXECUTE format('REVOKE INSERT ON %I FROM dure_app', weights);
    END IF;
    EXECUTE format('CREATE INDEX %I ON %I USING brin (number) WITH (pages_per_range = 32)',
                   weights || '_range', weights);
    EXECUTE format('SELECT count(*), sum(weight), min(number) = 0 AND max(number) = count(*) - 1
                    FROM %I', weights) INTO eligible, weight, numbered;
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


-- Load one chunk, once: shares floored in numeric, and what they take out of the batch's account.
-- Number of shares loaded; 0 for a chunk that is loaded already.
CREATE FUNCTION rewards_bulk_load(batch_id uuid, chunk integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET work_mem = '64MB' AS $$
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


-- Indexes, when everything is loaded: cheaper than while it is.
CREATE FUNCTION rewards_bulk_index(batch_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET maintenance_work_mem = '256MB' AS $$
DECLARE entries text;
BEGIN
    SELECT 'rewards_bulkentry_' || number INTO STRICT entries FROM rewards_bulkbatch
        WHERE id = batch_id AND state = 'loading';
    EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS %I ON %I (batch, number)',
                   entries || '_pkey', entries);
    EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS %I ON %I (account_id, batch)
                    WHERE number >= 0', entries || '_each', entries);
END $$;


-- Checks over the whole batch, then its root: from now on nothing is added to it.
CREATE FUNCTION rewards_bulk_seal(batch_id uuid, entries_root text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE b rewards_bulkbatch; entries text; shares bigint; weights numeric; nothing numeric;
    given numeric;
BEGIN
    SELECT * INTO STRICT b FROM rewards_bulkbatch
        WHERE id = batch_id AND state = 'loading' FOR UPDATE;
    entries := 'rewards_bulkentry_' || b.number;
    EXECUTE format('SELECT count(*) FILTER (WHERE number >= 0), sum(weight), sum(amount),
                    sum(amount) FILTER (WHERE number >= 0) FROM %I', entries)
        INTO shares, weights, nothing, given;
    IF (shares, weights, nothing) IS DISTINCT FROM (b.people::bigint, b.total_weight, 0::numeric)
       OR given > b.amount
       OR EXISTS (SELECT 1 FROM rewards_bulkchunk c WHERE c.batch_id = b.id AND NOT c.loaded) THEN
        RAISE EXCEPTION 'batch % is not what was frozen', batch_id USING ERRCODE = 'check_violation';
    END IF;
    EXECUTE format('DROP INDEX %I', entries || '_range');
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I PRIMARY KEY USING INDEX %I',
                   entries, entries || '_pkey', entries || '_pkey');
    UPDATE rewards_bulkbatch SET state = 'sealed', root = entries_root, total = given
        WHERE id = batch_id;
END $$;


-- Everything becomes visible at once. The caller has posted the sum to the batch's account in the
-- same transaction (the trigger below insists). Batches are posted one after another, so that who
-- sees a place sees all before it.
CREATE FUNCTION rewards_bulk_attach(batch_id uuid, moment timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE n integer; found_place integer;
BEGIN
    SELECT number INTO STRICT n FROM rewards_bulkbatch
        WHERE id = batch_id AND state = 'sealed' FOR UPDATE;
    PERFORM pg_advisory_xact_lock(7021390418825112392);
    SELECT coalesce(max(place), 0) + 1 INTO found_place FROM rewards_bulkbatch;
    EXECUTE format('ALTER TABLE rewards_bulkentry ATTACH PARTITION %I FOR VALUES IN (%s)',
                   'rewards_bulkentry_' || n, n);
    EXECUTE format('DROP TABLE %I', 'rewards_bulkweight_' || n);
    UPDATE rewards_bulkbatch SET state = 'posted', posted_at = moment, place = found_place,
        claimed_by = NULL, claimed_until = NULL WHERE id = batch_id;
    RETURN found_place;
END $$;


-- Give a batch up that nobody has seen.
CREATE FUNCTION rewards_bulk_discard(batch_id uuid, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE n integer;
BEGIN
    SELECT number INTO STRICT n FROM rewards_bulkbatch
        WHERE id = batch_id AND state IN ('ordered', 'loading', 'sealed') FOR UPDATE;
    EXECUTE format('DROP TABLE IF EXISTS %I, %I',
                   'rewards_bulkentry_' || n, 'rewards_bulkweight_' || n);
    UPDATE rewards_bulkbatch SET state = 'failed', reason = why, claimed_by = NULL,
        claimed_until = NULL WHERE id = batch_id;
END $$;


-- What was ordered stands; what follows is filled in once; only a paid batch is posted.
CREATE FUNCTION rewards_bulkbatch_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'bulk posting % is kept', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.number, NEW.kind, NEW.basis, NEW.asset, NEW.source_id, NEW.account_id,
        NEW.amount, NEW.chunk_bits, NEW.policy_sha256, NEW.reference, NEW.actor, NEW.ordered_at)
       IS DISTINCT FROM
       (OLD.id, OLD.number, OLD.kind, OLD.basis, OLD.asset, OLD.source_id, OLD.account_id,
        OLD.amount, OLD.chunk_bits, OLD.policy_sha256, OLD.reference, OLD.actor, OLD.ordered_at)
       OR NOT (OLD.state = NEW.state OR (OLD.state, NEW.state) IN (
            ('ordered', 'loading'), ('loading', 'sealed'), ('sealed', 'posted'),
            ('ordered', 'failed'), ('loading', 'failed'), ('sealed', 'failed')))
       OR (OLD.state <> 'ordered' AND (NEW.people, NEW.total_weight, NEW.reserve_id)
           IS DISTINCT FROM (OLD.people, OLD.total_weight, OLD.reserve_id))
       OR (OLD.state IN ('sealed', 'posted', 'failed') AND (NEW.total, NEW.root, NEW.rows_done)
           IS DISTINCT FROM (OLD.total, OLD.root, OLD.rows_done))
       OR (OLD.state IN ('posted', 'failed') AND (NEW.place, NEW.posted_at, NEW.reason)
           IS DISTINCT FROM (OLD.place, OLD.posted_at, OLD.reason))
       OR (OLD.folded_at IS NOT NULL AND NEW.folded_at IS DISTINCT FROM OLD.folded_at) THEN
        RAISE EXCEPTION 'bulk posting % stands as it is', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.state, NEW.state) = ('sealed', 'posted') AND NOT (
        EXISTS (SELECT 1 FROM pg_inherits WHERE inhparent = 'rewards_bulkentry'::regclass
                AND inhrelid = to_regclass('rewards_bulkentry_' || NEW.number))
        AND NEW.total = (
            SELECT coalesce(sum(e.amount), 0) FROM rewards_transfer t
            JOIN rewards_entry e ON e.transfer_id = t.id AND e.account_id = NEW.account_id
            WHERE t.pending_id = NEW.reserve_id AND t.state IN ('post', 'void'))
        AND EXISTS (SELECT 1 FROM rewards_transfer t WHERE t.pending_id = NEW.reserve_id)
    ) THEN
        RAISE EXCEPTION 'bulk posting % is not paid', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION rewards_bulkchunk_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (OLD.loaded AND NOT NEW.loaded)
       OR (NEW.batch_id, NEW.place, NEW.first, NEW.last)
          IS DISTINCT FROM (OLD.batch_id, OLD.place, OLD.first, OLD.last)
       OR (OLD.loaded AND NEW.total IS DISTINCT FROM OLD.total)
       OR (OLD.tiles IS NOT NULL AND (NEW.tiles, NEW.root) IS DISTINCT FROM (OLD.tiles, OLD.root))
    THEN
        RAISE EXCEPTION 'a chunk of bulk posting % stands as it is', OLD.batch_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;


-- A balance takes in exactly its shares of the batches that it passes, by entries that say so.
CREATE FUNCTION rewards_balance_takes_shares_in() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong bigint;
BEGIN
    SELECT new_row.account_id INTO wrong
    FROM new_rows new_row JOIN old_rows old_row USING (account_id)
    WHERE new_row.folded <> old_row.folded AND (
        new_row.folded < old_row.folded
        OR new_row.folded > (SELECT coalesce(max(place), 0) FROM rewards_bulkbatch)
        OR (SELECT coalesce(sum(e.amount), 0) FROM rewards_bulkbatch b
            JOIN rewards_bulkentry e ON e.batch = b.number
            WHERE b.place > old_row.folded AND b.place <= new_row.folded
              AND e.account_id = new_row.account_id AND e.number >= 0)
        <> (SELECT coalesce(sum(e.amount), 0) FROM rewards_entry e
            JOIN rewards_bulkfold f ON f.transfer_id = e.transfer_id
            JOIN rewards_bulkbatch b ON b.id = f.batch_id
            WHERE e.account_id = new_row.account_id
              AND b.place > old_row.folded AND b.place <= new_row.folded))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % does not take its shares in', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER balance_takes_shares_in AFTER UPDATE ON rewards_balance
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_balance_takes_shares_in();
ALTER TABLE rewards_balance ENABLE ALWAYS TRIGGER balance_takes_shares_in;

CREATE TRIGGER bulkbatch_moves BEFORE UPDATE OR DELETE ON rewards_bulkbatch
    FOR EACH ROW EXECUTE FUNCTION rewards_bulkbatch_moves();
CREATE TRIGGER bulkchunk_moves BEFORE UPDATE OR DELETE ON rewards_bulkchunk
    FOR EACH ROW EXECUTE FUNCTION rewards_bulkchunk_moves();
CREATE TRIGGER bulkfold_stands BEFORE UPDATE OR DELETE ON rewards_bulkfold
    FOR EACH ROW EXECUTE FUNCTION rewards_stands();
ALTER TABLE rewards_bulkbatch ENABLE ALWAYS TRIGGER bulkbatch_moves;
ALTER TABLE rewards_bulkchunk ENABLE ALWAYS TRIGGER bulkchunk_moves;
ALTER TABLE rewards_bulkfold ENABLE ALWAYS TRIGGER bulkfold_stands;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['bulkbatch', 'bulkchunk', 'bulkfold'] LOOP
        EXECUTE format('CREATE TRIGGER %I_not_emptied BEFORE TRUNCATE ON rewards_%I
                        FOR EACH STATEMENT EXECUTE FUNCTION rewards_stands()', name, name);
        EXECUTE format('ALTER TABLE rewards_%I ENABLE ALWAYS TRIGGER %I_not_emptied', name, name);
    END LOOP;
END $$;

REVOKE EXECUTE ON FUNCTION rewards_bulk_open, rewards_bulk_freeze, rewards_bulk_load,
    rewards_bulk_index, rewards_bulk_seal, rewards_bulk_attach, rewards_bulk_discard FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'dure_app') THEN
        GRANT EXECUTE ON FUNCTION rewards_bulk_open, rewards_bulk_freeze, rewards_bulk_load,
            rewards_bulk_index, rewards_bulk_seal, rewards_bulk_attach, rewards_bulk_discard
            TO dure_app;
        GRANT SELECT ON rewards_bulkbatch, rewards_bulkchunk, rewards_bulkentry, rewards_bulkfold
            TO dure_app;
        GRANT INSERT ON rewards_bulkbatch, rewards_bulkfold TO dure_app;
        GRANT UPDATE (rows_folded, folded_at, attempts, claimed_by,
            claimed_until) ON rewards_bulkbatch TO dure_app;
        GRANT UPDATE (tiles, root) ON rewards_bulkchunk TO dure_app;
        GRANT UPDATE (folded) ON rewards_balance TO dure_app;
        GRANT USAGE ON SEQUENCE rewards_bulk_number TO dure_app;
    END IF;
END $$;
