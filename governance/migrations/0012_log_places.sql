-- Every entry waits for its place from the statement on that writes it: nobody has to remember to.
CREATE FUNCTION governance_log_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO governance_logwaiting (origin_seq, leaf_hash)
        SELECT origin_seq, leaf_hash FROM born;
    RETURN NULL;
END $$;

-- Only what has its place stops waiting. By nested loops in both functions: a plan that was made
-- for an empty table or a large batch must not scan the whole log for a small one later.
CREATE FUNCTION governance_log_unqueue() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (
        SELECT FROM gone WHERE NOT EXISTS (
            SELECT FROM governance_logplace place WHERE place.origin_seq = gone.origin_seq
        )
    ) THEN
        RAISE EXCEPTION 'the log is append-only: an entry without a place goes on waiting'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

-- Places are given without a gap, and to entries that wait for one.
CREATE FUNCTION governance_log_place() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    first bigint;
    last bigint;
    count bigint;
BEGIN
    SELECT min(given.index), max(given.index), count(*) INTO first, last, count FROM given;
    IF count > 0 AND (
        last - first + 1 <> count
        OR first <> 1 + coalesce(
            (SELECT max(place.index) FROM governance_logplace place WHERE place.index < first), -1
        )
    ) THEN
        RAISE EXCEPTION 'the log is append-only: places are given without a gap'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT FROM given WHERE NOT EXISTS (
            SELECT FROM governance_logwaiting waiting WHERE waiting.origin_seq = given.origin_seq
        )
    ) THEN
        RAISE EXCEPTION 'the log is append-only: only an entry that waits is given a place'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

INSERT INTO governance_logplace (index, origin_seq)
    SELECT index, origin_seq FROM governance_logentry WHERE index IS NOT NULL ORDER BY index;
INSERT INTO governance_logwaiting (origin_seq, leaf_hash)
    SELECT origin_seq, leaf_hash FROM governance_logentry WHERE index IS NULL;

DROP TRIGGER log_entry_changed ON governance_logentry;
DROP TRIGGER log_entry_born_with_place ON governance_logentry;
CREATE TRIGGER log_entry_changed BEFORE UPDATE ON governance_logentry
    FOR EACH STATEMENT EXECUTE FUNCTION governance_refuse();
CREATE TRIGGER log_entry_queued AFTER INSERT ON governance_logentry
    REFERENCING NEW TABLE AS born FOR EACH STATEMENT EXECUTE FUNCTION governance_log_queue();
ALTER TABLE governance_logentry ENABLE ALWAYS TRIGGER log_entry_changed;
ALTER TABLE governance_logentry ENABLE ALWAYS TRIGGER log_entry_queued;

CREATE TRIGGER logplace_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON governance_logplace
    FOR EACH STATEMENT EXECUTE FUNCTION governance_refuse();
CREATE TRIGGER log_place_given AFTER INSERT ON governance_logplace
    REFERENCING NEW TABLE AS given FOR EACH STATEMENT EXECUTE FUNCTION governance_log_place();
ALTER TABLE governance_logplace ENABLE ALWAYS TRIGGER logplace_append_only;
ALTER TABLE governance_logplace ENABLE ALWAYS TRIGGER log_place_given;

CREATE TRIGGER log_waiting_changed BEFORE UPDATE OR TRUNCATE ON governance_logwaiting
    FOR EACH STATEMENT EXECUTE FUNCTION governance_refuse();
-- Nobody waits but what was just written.
CREATE TRIGGER log_waiting_by_hand BEFORE INSERT ON governance_logwaiting
    FOR EACH STATEMENT WHEN (pg_trigger_depth() < 1) EXECUTE FUNCTION governance_refuse();
CREATE TRIGGER log_waiting_over AFTER DELETE ON governance_logwaiting
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION governance_log_unqueue();
ALTER TABLE governance_logwaiting ENABLE ALWAYS TRIGGER log_waiting_changed;
ALTER TABLE governance_logwaiting ENABLE ALWAYS TRIGGER log_waiting_by_hand;
ALTER TABLE governance_logwaiting ENABLE ALWAYS TRIGGER log_waiting_over;

-- Hashes do not compress; trying costs more than writing them.
ALTER TABLE governance_logtile ALTER COLUMN hashes SET STORAGE EXTERNAL;
